/**
 * Runs one source task under its lease: snapshot, then streaming, with sweeps for deletes between polls.
 */
import type { Json, Observation, Page, SourceConnector, SourceOffset, SourceTask } from '#connector-sdk';
import { asFault } from '#connector-sdk';
import type { SourceMapping } from '#pipeline';
import type { HeldLease, NewException } from '#store';
import { openExceptions, resolveExceptions } from '#store';
import type { Logger } from '#telemetry';
import type { Pool } from 'pg';
import { LeaseLost } from '../commit/commit';
import { isDataError } from '../commit/database-errors';
import { commitNarrowing } from '../commit/narrow';
import { RecordTooLarge } from '../commit/record-encoder';
import { pause } from '../lease/lease-keeper';
import { confirmOlder } from './confirm-older';
import type { SourceCommitter } from './source-committer';
import type { SeenRecord } from './source-model';
import { sweepCandidates } from './sweep';
import { translatePage } from './translate';

export interface SourceTaskOptions {
  pool: Pool;
  connector: SourceConnector;
  task: SourceTask;
  mapping: SourceMapping;
  committer: SourceCommitter;
  logger: Logger;
  pollIntervalMs: number;
  sweepIntervalMs: number;
  /** A sweep in which more than this share of the records is missing is quarantined. */
  deleteGuardShare: number;
  now(): number;
}

/** What is saved as the task's source offset: the connector's own, and what it is good for. */
interface SavedOffset {
  v: 1;
  mode: 'snapshot' | 'streaming';
  offset: Json;
}

/** Records that a sweep confirms before it commits them. */
const SWEEP_PAGE = 100;

export class SourceTaskRunner {
  private read = 0;
  private changes = 0;
  private sweptAtMs = 0;
  /** What was committed last: after a fault the next pass goes on from there. */
  private saved: SavedOffset | null = null;

  constructor(private readonly options: SourceTaskOptions) {}

  get leaseName(): string {
    return `source:${this.options.mapping.system}:${this.options.task.name}`;
  }

  /** Works until the signal is aborted or the lease is lost. A fault of the vendor is waited out here. */
  async run(lease: HeldLease, signal: AbortSignal): Promise<void> {
    this.changes = Number(lease.detail['changes'] ?? 0);
    this.sweptAtMs = Date.parse(String(lease.detail['swept_at'])) || 0;
    this.saved = lease.sourceOffset as SavedOffset | null;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.pass(lease, signal);
        failures = 0;
        await pause(this.options.pollIntervalMs, signal);
      } catch (error) {
        if (error instanceof LeaseLost || signal.aborted) return;
        await this.reportFault(lease, error);
        const wait = asFault(error).retryAfterMs ?? Math.min(30_000, 250 * 2 ** failures++);
        await pause(wait, signal);
      }
    }
  }

  /** One pass: the snapshot until it is complete, or one poll and perhaps a sweep. */
  private async pass(lease: HeldLease, signal: AbortSignal): Promise<void> {
    const { connector, task } = this.options;
    const { mode, offset } = this.saved ?? (await this.begin(lease));
    const from = connector.decodeOffset(offset);
    const pages = mode === 'snapshot' ? connector.snapshot(task, from) : connector.stream(task, from);
    for await (const page of pages) {
      if (signal.aborted) return;
      await this.takePage(lease, page, mode);
    }
    if (mode === 'snapshot') return;
    await this.sweepWhenDue(lease);
    await this.heartbeat(lease);
  }

  /** Before the snapshot reads anything: what changes while it runs is found again by streaming. */
  private async begin(lease: HeldLease): Promise<SavedOffset> {
    const position = await this.options.connector.position(this.options.task);
    const start: SavedOffset = { v: 1, mode: 'snapshot', offset: toJson(position) };
    await this.commitPage(lease, [], start, { phase: 'snapshot', read: 0, total: null });
    return start;
  }

  private async takePage(lease: HeldLease, page: Page, mode: SavedOffset['mode']): Promise<void> {
    const next: SavedOffset = {
      v: 1,
      mode: mode === 'streaming' || page.complete ? 'streaming' : 'snapshot',
      offset: toJson(page.offset),
    };
    this.read = page.progress?.read ?? this.read + page.observations.length;
    const progress = page.progress ? { read: page.progress.read, total: page.progress.total } : {};
    const detail = {
      phase: next.mode,
      last_poll_at: new Date(this.options.now()).toISOString(),
      ...progress,
    };
    await this.commitPage(lease, page.observations, next, detail, mode === 'snapshot');
  }

  private async commitPage(
    lease: HeldLease,
    observations: readonly Observation[],
    next: SavedOffset,
    detail: Record<string, unknown>,
    snapshot = false,
  ): Promise<void> {
    const { mapping, pool, connector, task } = this.options;
    const confirmed = await confirmOlder(pool, mapping.system, connector, task, observations);
    const { seen, opened, resolved } = translatePage(mapping, confirmed, this.options.now());
    const base = { lease, snapshot, republishUnchanged: false, opened, resolved };
    const update = { sourceOffset: next, detail };
    try {
      const changes = await this.options.committer.commit(seen, { ...base, update });
      await this.countChanges(lease, changes);
    } catch (error) {
      if (!isPoison(error)) throw error;
      // One record spoils the page. The others go in without it; the offset moves last, when all are in.
      const poisoned: NewException[] = [];
      await commitNarrowing(
        seen,
        async (part) =>
          void (await this.options.committer.commit(part, { ...base, opened: [], resolved: [], update: {} })),
        async (record, cause) => void poisoned.push(this.poisonException(record, cause)),
        isPoison,
      );
      await this.options.committer.commit([], { ...base, opened: [...opened, ...poisoned], update });
    }
    this.saved = next;
  }

  private async countChanges(lease: HeldLease, changes: number): Promise<void> {
    if (changes === 0) return;
    this.changes += changes;
    const detail = { changes: this.changes, last_change_at: new Date(this.options.now()).toISOString() };
    await this.saveDetail(lease, detail);
  }

  private poisonException(record: SeenRecord, cause: unknown): NewException {
    const { system } = this.options.mapping;
    const message = cause instanceof Error ? cause.message : String(cause);
    return {
      class: 'undecodable',
      severity: 'error',
      system,
      entity: record.entity,
      recordKey: record.vendorId,
      message: `storing ${system} ${record.entity} ${record.vendorId}: ${message}`,
      original: record.kind === 'present' ? record.attributes : null,
    };
  }

  /** "Checked, nothing changed": without it a quiet source and a stuck one look alike. */
  private async heartbeat(lease: HeldLease): Promise<void> {
    await this.saveDetail(lease, {
      phase: 'streaming',
      last_poll_at: new Date(this.options.now()).toISOString(),
      fault: null,
    });
    await resolveExceptions(this.options.pool, [{ class: 'permission', recordKey: this.leaseName }]);
  }

  private async saveDetail(lease: HeldLease, detail: Record<string, unknown>): Promise<void> {
    const { pool } = this.options;
    await pool.query(`update lease set detail = detail || $3 where name = $1 and epoch = $2`, [
      lease.name,
      lease.epoch.toString(),
      JSON.stringify(detail),
    ]);
  }

  private async sweepWhenDue(lease: HeldLease): Promise<void> {
    const { connector, task, now, sweepIntervalMs } = this.options;
    if (!this.saved || !connector.listIds || now() - this.sweptAtMs < sweepIntervalMs) return;
    const candidates = await sweepCandidates(this.options);
    for (let start = 0; start < candidates.length; start += SWEEP_PAGE) {
      const found: Observation[] = [];
      // A list may skip a record while others vanish: only the vendor's own "there is none" ends one.
      for (const { entity, vendorId } of candidates.slice(start, start + SWEEP_PAGE))
        found.push(await connector.read(task, entity, vendorId));
      await this.commitPage(lease, found, this.saved, { phase: this.saved.mode });
    }
    this.sweptAtMs = now();
    await this.saveDetail(lease, { swept_at: new Date(this.sweptAtMs).toISOString() });
  }

  private async reportFault(lease: HeldLease, error: unknown): Promise<void> {
    const { logger, mapping } = this.options;
    const fault = asFault(error);
    const level = fault.kind === 'transient' ? 'warn' : 'error';
    logger[level]({ err: error, fault: fault.kind, code: fault.code, system: mapping.system }, fault.message);
    const seen = { kind: fault.kind, code: fault.code, message: fault.message };
    await this.saveDetail(lease, { fault: seen }).catch(() => undefined);
    if (fault.kind !== 'config') return;
    const exception: NewException = {
      class: 'permission',
      severity: 'error',
      system: mapping.system,
      recordKey: this.leaseName,
      message: fault.message,
    };
    await openExceptions(this.options.pool, [exception]).catch(() => undefined);
  }
}

function isPoison(error: unknown): boolean {
  return (
    isDataError(error) ||
    error instanceof RecordTooLarge ||
    (error instanceof Error && error.name === 'EncodeError')
  );
}

function toJson(offset: SourceOffset): Json {
  return JSON.parse(JSON.stringify(offset)) as Json;
}
