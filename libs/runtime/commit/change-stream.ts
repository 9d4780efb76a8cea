/**
 * For specs only: a topic of changes as its readers see it, with what the design promises of it (§2, §3) as a
 * list of what is wrong.
 */
import { recordKey, sameKey } from '#contracts';
import { deepEqual } from '#pipeline';
import { placeKey, repeatNeighbours } from './record-change';
import type { RecordChange, Standing } from './record-change';

const hubOf = (change: RecordChange): string => `${change.entity} ${change.hubId}`;

/** A change in few words: `u product A #1 v2`; `d product A #1 v2 → B` and `c product B #1 v3 ← A` for a re-key. */
export function tell(change: RecordChange): string {
  const name = (key: RecordChange['key']): string => Object.values(key).join('/');
  const moved = change.newKey
    ? ` → ${name(change.newKey)}`
    : change.oldKey
      ? ` ← ${name(change.oldKey)}`
      : '';
  const hub = Number.parseInt(change.hubId.slice(-8), 16);
  return `${change.op} ${change.entity} ${name(change.key)} #${hub} v${change.version}${moved}`;
}

/** What one commit after the other has published. */
export class ChangeStream {
  readonly violations: string[] = [];
  private readonly newest = new Map<string, RecordChange>();
  private readonly lastAtPlace = new Map<string, RecordChange>();

  /**
   * Publishes a commit's changes with the repeats that committers add; returns all of them.
   *
   * @param standing all live records
   * @param inHand those of them that the commit had read
   */
  publish(
    changes: readonly RecordChange[],
    standing: readonly Standing[],
    inHand: readonly Standing[] = standing,
  ): RecordChange[] {
    const all = [...changes, ...repeatNeighbours(changes, inHand)];
    for (const change of all) this.take(change);
    this.checkPlaces();
    this.checkStanding(standing);
    return all;
  }

  /** The records that are live by the stream's own word, by hub_id. */
  live(): RecordChange[] {
    return [...this.newest.values()].filter((change) => change.op !== 'd');
  }

  private take(change: RecordChange): void {
    const previous = this.newest.get(hubOf(change));
    const isRepeat = change.op === 'r' && previous?.version === change.version;
    const problem = isRepeat ? repeatProblem(change, previous) : chainProblem(change, previous);
    if (problem) this.violations.push(`${tell(change)}: ${problem}`);
    this.newest.set(hubOf(change), change);
    this.lastAtPlace.set(placeKey(change), change);
  }

  /** Compaction keeps the last of each place: it must be the newest state of a record that stands there, if one does. */
  private checkPlaces(): void {
    const standing = new Map<string, RecordChange[]>();
    for (const change of this.live())
      standing.set(placeKey(change), [...(standing.get(placeKey(change)) ?? []), change]);
    for (const [place, last] of this.lastAtPlace) {
      const there = standing.get(place) ?? [];
      if (there.length === 0 && last.op !== 'd')
        this.violations.push(`${tell(last)}: it is left at ${place}`);
      if (there.length > 0 && !there.includes(last))
        this.violations.push(
          `${tell(last)}: it is the last at ${place}, where ${there.map(tell).join()} stands`,
        );
    }
  }

  private checkStanding(standing: readonly Standing[]): void {
    const live = new Map(this.live().map((change) => [hubOf(change), change]));
    if (standing.length !== live.size)
      this.violations.push('the store and the stream differ in what is live');
    for (const record of standing) {
      const told = live.get(`${record.entity} ${record.hubId}`);
      const same =
        told &&
        told.version === record.version &&
        placeKey(told) === placeKey(record) &&
        told.productId === record.productId &&
        deepEqual(told.after, record.after);
      if (!same) this.violations.push(`${record.entity} ${record.hubId}: the store and the stream differ`);
    }
  }
}

function repeatProblem(change: RecordChange, previous: RecordChange | undefined): string | null {
  const same = previous && placeKey(previous) === placeKey(change) && deepEqual(previous.after, change.after);
  return same ? null : 'a repeat says something new';
}

function chainProblem(change: RecordChange, previous: RecordChange | undefined): string | null {
  const { op, before, after } = change;
  const stood = previous && previous.op !== 'd' ? previous : null;
  if (change.version !== (previous?.version ?? 0) + 1) return `it follows version ${previous?.version ?? 0}`;
  if ((op === 'd') !== (after === null)) return 'its op and its after do not fit';
  if (after && !sameKey(recordKey(change.entity, after), change.key))
    return 'its key is not that of its state';
  if (op === 'c' || op === 'r') {
    if (stood !== null || before !== null) return 'it begins, but the record was there';
    const moved = change.oldKey !== undefined;
    return moved === (previous?.newKey !== undefined) ? null : 'only half of a re-key is marked';
  }
  if (stood === null || before === null) return 'it changes or ends what was not there';
  if (placeKey(stood) !== placeKey(change)) return 'it is not where the record stood';
  const continues =
    before.version === stood.version &&
    before.productId === stood.productId &&
    deepEqual(before.attributes, stood.after);
  if (!continues) return 'its before is not the after of the change before it';
  const silent = op === 'u' && change.productId === stood.productId && deepEqual(after, stood.after);
  return silent ? 'it changes nothing' : null;
}
