import type { EntityName, HubId } from '#contracts';
import type { Logger } from '#telemetry';
import type { OpenFailures } from './open-failures';
import { faultOf } from './patience';

/**
 * Which records the target could not be brought to, and at which version. Kept in memory so that the usual
 * case, nothing failed, costs no query; the journal is read again after each new assignment, because another
 * instance may have failed with a record before.
 */
export class FailedRecords {
  private readonly versions = new Map<string, number | null>();
  private isStale = true;

  constructor(
    private readonly target: string,
    private readonly open: OpenFailures,
    private readonly logger: Logger,
  ) {}

  get size(): number {
    return this.versions.size;
  }

  /** The journal may know more than we: it is read before the next look-up. */
  invalidate(): void {
    this.isStale = true;
  }

  /** Reads the journal if need be. Writing does not wait for it: when it cannot be read, it is tried again later. */
  async refresh(): Promise<void> {
    if (!this.isStale) return;
    try {
      for (const { entity, hubId, version } of await this.open.of(this.target)) {
        const key = `${entity}:${hubId}`;
        if (!this.versions.has(key)) this.versions.set(key, version);
      }
      this.isStale = false;
    } catch (error) {
      this.logger.debug(
        { err: error },
        `reading open exceptions of ${this.target}: ${faultOf(error).message}`,
      );
    }
  }

  note(entity: EntityName, hubId: HubId, version: number): void {
    const key = `${entity}:${hubId}`;
    this.versions.set(key, Math.max(version, this.versions.get(key) ?? 0));
  }

  /**
   * True when the record had failed and the target is past that now: it has taken this version, or had it
   * already (`unchanged`), and the failure was not at a newer one.
   */
  isHealedBy(entity: EntityName, hubId: HubId, version: number, status: 'applied' | 'unchanged'): boolean {
    const failed = this.versions.get(`${entity}:${hubId}`);
    if (failed === undefined) return false;
    return failed === null ? status === 'applied' : version >= failed;
  }

  forget(entity: EntityName, hubId: HubId): void {
    this.versions.delete(`${entity}:${hubId}`);
  }
}
