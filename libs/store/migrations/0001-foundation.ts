import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables under the spine. Every row that belongs to a product or variant is keyed by hub_id, so that the
 * tables can be partitioned by it; no index makes a code or a key unique, for codes move between records.
 */
export class Foundation1763700000001 implements MigrationInterface {
  name = 'Foundation1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`drop table if exists ${table}`);
  }
}

const TABLES = [
  'topology',
  'lease',
  'hub_record',
  'identity',
  'source_state',
  'source_record',
  'contribution',
  'golden_record',
  'outbox',
  'rules_version',
  'denied_value',
  'sync_exception',
];

const STATEMENTS = [
  `create table topology (
     name  text primary key,
     value integer not null check (value > 0)
   )`,
  `comment on table topology is 'Numbers of partitions and publisher shards. They change only while the outbox is empty.'`,

  `create table lease (
     name          text primary key,
     holder        text not null,
     epoch         bigint not null,
     expires_at    timestamptz not null,
     source_offset jsonb,
     detail        jsonb not null default '{}'
   )`,
  `comment on table lease is 'One live holder for each source task and publisher shard. Whatever a holder writes ends with an update of this row under its epoch.'`,

  `create table hub_record (
     hub_id     uuid primary key,
     entity     text not null,
     created_at timestamptz not null default now()
   )`,
  `comment on table hub_record is 'One row per product or variant, given once. The row is the mutex of the record.'`,

  `create table identity (
     entity text not null,
     code   text not null,
     hub_id uuid not null,
     primary key (entity, code)
   )`,
  `create index identity_hub on identity (hub_id)`,
  `comment on table identity is 'Normalised code or SKU → hub_id. A hub_id may have several codes; a code serves once, to bind a vendor id.'`,

  `create table source_state (
     system            text not null,
     entity            text not null,
     vendor_id         text not null,
     hub_id            uuid,
     live              boolean not null,
     claim             text,
     claimed_at        timestamptz not null default clock_timestamp(),
     held              text,
     parent_vendor_id  text,
     observed          jsonb,
     published         jsonb,
     changed_at_ms     bigint,
     vendor_time       text,
     answered_at_ms    bigint not null,
     primary key (system, entity, vendor_id)
   )`,
  `create index source_state_hub on source_state (hub_id) where hub_id is not null`,
  `create index source_state_claim on source_state (system, entity, claim) where claim is not null`,
  `create index source_state_parent on source_state (system, parent_vendor_id) where parent_vendor_id is not null`,
  `comment on table source_state is 'Last-known state of each vendor id: what was observed last, what was published last, and which key it claims.'`,

  `create table source_record (
     system     text not null,
     entity     text not null,
     hub_id     uuid not null,
     sequence   bigint not null,
     live       boolean not null,
     vendor_id  text not null,
     product_id uuid not null,
     key        jsonb not null,
     partition  integer not null,
     primary key (system, entity, hub_id)
   )`,
  `create index source_record_place on source_record (system, entity, partition, key) where live`,
  `comment on table source_record is 'Sequence of each source record and the place (partition, key) at which it was last published. Kept through deletes.'`,

  `create table contribution (
     hub_id     uuid not null,
     system     text not null,
     entity     text not null,
     product_id uuid not null,
     sequence   bigint not null,
     deleted    boolean not null,
     attributes jsonb not null,
     origins    jsonb not null,
     vendor_id  text,
     primary key (hub_id, system)
   )`,
  `create index contribution_product on contribution (product_id)`,
  `comment on table contribution is 'What each system says of each record, owned or not, with the event and time that gave each attribute.'`,

  `create table golden_record (
     hub_id        uuid primary key,
     entity        text not null,
     product_id    uuid not null,
     version       bigint not null,
     live          boolean not null,
     key           jsonb not null,
     partition     integer not null,
     attributes    jsonb not null,
     provenance    jsonb not null,
     rules_version integer not null,
     changed_at    timestamptz not null
   )`,
  `create index golden_record_product on golden_record (product_id)`,
  `create index golden_record_place on golden_record (entity, partition, key) where live`,
  `comment on table golden_record is 'The golden records. key and partition are those last published; version is kept through deletes.'`,

  `create table outbox (
     id         bigint generated always as identity primary key,
     shard      integer not null,
     records    bytea not null,
     created_at timestamptz not null default clock_timestamp()
   )`,
  `create index outbox_shard on outbox (shard, id)`,
  `comment on table outbox is 'Encoded events of a commit, one row for each shard, until their publisher has sent them.'`,

  `create table rules_version (
     number       integer primary key,
     hash         text not null,
     text         jsonb not null,
     activated_at timestamptz not null default now()
   )`,
  `comment on table rules_version is 'The rules that were in force, by number; the highest number is the one in force now.'`,

  `create table denied_value (
     system      text not null,
     entity      text not null,
     hub_id      uuid not null,
     attribute   text not null,
     value       jsonb,
     event_id    text not null,
     rule        text not null,
     occurrences bigint not null default 1,
     last_at     timestamptz not null,
     primary key (hub_id, system, attribute)
   )`,
  `comment on table denied_value is 'Values that a hard denial kept out, such as stock from a PIM: the last one for each record and attribute.'`,

  `create table sync_exception (
     id          uuid primary key default gen_random_uuid(),
     subject     text not null,
     class       text not null,
     severity    text not null,
     state       text not null default 'open',
     system      text,
     entity      text,
     hub_id      uuid,
     record_key  text,
     attribute   text,
     target      text,
     message     text not null,
     original    jsonb,
     topic       text,
     partition   integer,
     "offset"    bigint,
     occurrences bigint not null default 1,
     first_at    timestamptz not null default clock_timestamp(),
     last_at     timestamptz not null default clock_timestamp(),
     resolved_at timestamptz
   )`,
  `create unique index sync_exception_open on sync_exception (subject) where state <> 'resolved'`,
  `create index sync_exception_state on sync_exception (state, class)`,
  `comment on table sync_exception is 'One row for each thing that people must see; occurrences of the same subject collapse while it is open.'`,
];
