import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people ask of running sources: pause, resume, restart, and signals such as an incremental snapshot. */
export class SourceControl1763700000002 implements MigrationInterface {
  name = 'SourceControl1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table if exists source_signal, source_control');
  }
}

const STATEMENTS = [
  `create table source_control (
     system     text primary key,
     connector  text not null,
     desired    text not null default 'running' check (desired in ('running', 'paused')),
     restarts   bigint not null default 0,
     changed_at timestamptz not null default clock_timestamp()
   )`,
  `comment on table source_control is 'One row for each configured source: whether it shall run, and how often people have restarted it.'`,

  `create table source_signal (
     id           bigint generated always as identity primary key,
     system       text not null,
     task         text,
     kind         text not null check (kind in ('snapshot', 'confirm_deletes')),
     selection    jsonb,
     state        text not null default 'waiting'
                  check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
     cursor       jsonb,
     read         bigint not null default 0,
     total        bigint,
     problem      text,
     requested_at timestamptz not null default clock_timestamp(),
     started_at   timestamptz,
     finished_at  timestamptz
   )`,
  `create index source_signal_open on source_signal (system, task, id) where state in ('waiting', 'running')`,
  `comment on table source_signal is 'Requests to a source task, one at a time in order of id: an incremental snapshot (selection null = everything) or the confirmation of a quarantined sweep.'`,
];
