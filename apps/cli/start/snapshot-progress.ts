import { setTimeout as delay } from 'node:timers/promises';
import type { Colours } from '../context';
import { escapeForTerminal } from '../format/escape';
import { formatCount } from '../format/number';
import { formatProgress } from '../format/progress';
import { formatDuration } from '../format/time';
import type { ConnectorStatus, HubStatus } from '../hub/status.schema';
import type { Screen } from './screen';

const LOOK_EVERY_MS = 500;

export interface SnapshotWatch {
  /** May reject: then it is asked again. */
  status(): Promise<Pick<HubStatus, 'connectors'>>;
  screen: Screen;
  colours: Colours;
  now(): number;
  signal: AbortSignal;
  /** Pause between two looks, milliseconds. */
  everyMs?: number;
}

interface Seen {
  atMs: number;
  read: number;
}

/**
 * Shows the first snapshots as they go on, and one line for each when it is complete. Resolves when every
 * source task streams, or when `signal` is aborted. Says nothing of tasks that stream from the beginning.
 */
export async function watchSnapshots(watch: SnapshotWatch): Promise<void> {
  const seen = new Map<string, Seen>();
  while (!watch.signal.aborted) {
    const connectors = await connectorsOf(watch);
    if (connectors !== null && show(watch, connectors, seen)) return;
    await delay(watch.everyMs ?? LOOK_EVERY_MS, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

/** null when control did not answer: it may be on its way back. */
async function connectorsOf(watch: SnapshotWatch): Promise<ConnectorStatus[] | null> {
  try {
    return (await watch.status()).connectors;
  } catch {
    return null;
  }
}

/** True when there is nothing left to wait for. */
function show(
  watch: SnapshotWatch,
  connectors: readonly ConnectorStatus[],
  seen: Map<string, Seen>,
): boolean {
  const { screen, colours } = watch;
  for (const connector of connectors.filter(({ phase }) => phase === 'streaming')) {
    const begin = seen.get(nameOf(connector));
    if (begin === undefined) continue;
    seen.delete(nameOf(connector));
    const count = connector.read ?? connector.total;
    screen.live('');
    const records = count === null ? '' : `  ${formatCount(count, 'record')}`;
    screen.line(
      `  ${colours.green('✔')} ${nameOf(connector)}${records}  ${formatDuration(watch.now() - begin.atMs)}`,
    );
  }
  const running = connectors.filter(({ phase }) => phase === 'snapshot');
  for (const connector of running) {
    if (!seen.has(nameOf(connector)))
      seen.set(nameOf(connector), { atMs: watch.now(), read: connector.read ?? 0 });
  }
  screen.live(running.map((connector) => barOf(connector, watch.now(), seen)).join('   '));
  return connectors.length > 0 && connectors.every(({ phase }) => phase === 'streaming');
}

function barOf(connector: ConnectorStatus, nowMs: number, seen: ReadonlyMap<string, Seen>): string {
  const { atMs, read } = seen.get(nameOf(connector)) ?? { atMs: nowMs, read: 0 };
  const progress = {
    done: connector.read ?? 0,
    total: connector.total,
    elapsedMs: nowMs - atMs,
    doneBefore: read,
  };
  return `  ● ${nameOf(connector)}  ${formatProgress(progress)}`;
}

function nameOf({ system, task }: ConnectorStatus): string {
  return escapeForTerminal(`snapshot ${system}${task === 'products' ? '' : ` ${task}`}`);
}
