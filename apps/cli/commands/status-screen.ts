import { WIDTH } from '../context';
import type { Colours } from '../context';
import { escapeForTerminal } from '../format/escape';
import { formatCount, formatNumber } from '../format/number';
import { formatProgress } from '../format/progress';
import { formatTable } from '../format/table';
import { formatAge, formatDuration } from '../format/time';
import { wrap } from '../format/wrap';
import type { ConnectorStatus, HubStatus, PartStatus } from '../hub/status.schema';

/** Parts whose work is told even where no supervisor lists them, as in containers. */
const WORKERS = ['source', 'catalog', 'sink'] as const;

/** A batch that waits longer than this for its publisher is worth a word. Milliseconds. */
const OUTBOX_PATIENCE_MS = 5_000;

/** The screen of `millrace status`. */
export function renderStatus(status: HubStatus, nowMs: number, colours: Colours): string {
  const facts = partsToShow(status).map((part) => ({
    name: escapeForTerminal(part.name),
    state: escapeForTerminal(part.state),
    since: part.since === null ? '—' : formatDuration(nowMs - Date.parse(part.since)),
    details: detailOf(part, status, nowMs).map(escapeForTerminal),
  }));
  const before = ['name', 'state', 'since'] as const;
  const taken = before.map((column) => Math.max(5, ...facts.map((fact) => fact[column].length)) + 2);
  const detailWidth = Math.max(30, WIDTH - taken.reduce((sum, width) => sum + width, 0));
  const rows = facts.map(({ name, state, since, details }) => [
    name,
    colourState(state, colours),
    since,
    details.flatMap((line) => wrap(line, detailWidth)).join('\n'),
  ]);
  const table = formatTable(
    [{ title: 'part' }, { title: 'state' }, { title: 'since' }, { title: 'detail' }],
    rows,
  );
  const notes = [
    ...exceptionNotes(status, nowMs),
    ...status.problems.map((problem) => `Not known: ${problem}`),
  ];
  const coloured = notes.flatMap((note) => wrap(escapeForTerminal(note), WIDTH)).map(colours.yellow);
  return [table, ...(coloured.length > 0 ? ['', ...coloured] : [])].join('\n');
}

function partsToShow({ parts }: HubStatus): PartStatus[] {
  if (parts.length > 0) return parts;
  return WORKERS.map((name) => ({ name, state: '—', since: null, pid: null, restarts: 0, lastExit: null }));
}

function colourState(state: string, colours: Colours): string {
  if (state === 'running' || state === '—') return state;
  return state === 'failed' || state === 'backoff' ? colours.red(state) : colours.yellow(state);
}

function detailOf(part: PartStatus, status: HubStatus, nowMs: number): string[] {
  const lines = workOf(part.name, status, nowMs);
  if (part.restarts === 0) return lines;
  const last = part.lastExit === null ? '' : ` (last: ${part.lastExit})`;
  return [...lines, `restarted ${formatCount(part.restarts, 'time')}${last}`];
}

function workOf(name: string, status: HubStatus, nowMs: number): string[] {
  switch (name) {
    case 'source':
      return [
        ...status.connectors.map((connector) => connectorLine(connector, nowMs)),
        ...outboxLines(status, nowMs),
      ];
    case 'catalog':
      return [catalogLine(status)];
    case 'sink':
      return sinkLines(status);
    default:
      return [];
  }
}

/** `plytix: streaming, last change 3 s ago`. */
function connectorLine(connector: ConnectorStatus, nowMs: number): string {
  const { phase, held, read, total, lastPollAt, lastChangeAt } = connector;
  const words: string[] = [];
  if (!held) words.push('nobody reads it now');
  else if (phase === 'snapshot')
    words.push(`snapshot ${formatProgress({ done: read ?? 0, total, elapsedMs: 0 })}`);
  else words.push(phase === 'waiting' ? 'waiting for its first answer' : 'streaming');
  if (phase === 'streaming') {
    if (lastChangeAt !== null) words.push(`last change ${formatAge(Date.parse(lastChangeAt), nowMs)}`);
    if (lastPollAt !== null) words.push(`looked ${formatAge(Date.parse(lastPollAt), nowMs)}`);
  }
  return `${connector.system}${connector.task === 'products' ? '' : ` ${connector.task}`}: ${words.join(', ')}`;
}

/** A publisher runs beside source and catalog; it is told of only where it does not keep up. */
function outboxLines({ outbox }: HubStatus, nowMs: number): string[] {
  return outbox.flatMap(({ shard, rows, oldestAt }) => {
    const age = oldestAt === null ? 0 : nowMs - Date.parse(oldestAt);
    if (age <= OUTBOX_PATIENCE_MS) return [];
    return [
      `publisher ${shard}: ${formatCount(rows, 'batch', 'batches')} waiting, the oldest for ${formatDuration(age)}`,
    ];
  });
}

/** `3,300 records · 41 stock values refused`. */
function catalogLine(status: HubStatus): string {
  const live = status.records.reduce((sum, record) => sum + record.live, 0);
  const words = [formatCount(live, 'record')];
  const byGroup = new Map<string, number>();
  for (const { group, values } of status.refused) byGroup.set(group, (byGroup.get(group) ?? 0) + values);
  for (const [group, values] of byGroup)
    words.push(`${formatCount(values, `${wordFor(group)} value`)} refused`);
  const behind = lagOf(status, `${status.topicPrefix}.catalog`);
  if (behind) words.push(`behind by ${formatCount(behind, 'event')}`);
  return words.join(' · ');
}

const wordFor = (group: string): string => (group === 'inventory' ? 'stock' : group);

/** `postgres: behind by 0 records`. */
function sinkLines(status: HubStatus): string[] {
  const prefix = `${status.topicPrefix}.sink.`;
  const groups = [...new Set(status.groups.map(({ group }) => group))].filter((group) =>
    group.startsWith(prefix),
  );
  return groups.sort().map((group) => {
    const lag = lagOf(status, group);
    const state = lag === null ? 'has not read anything yet' : `behind by ${formatCount(lag, 'record')}`;
    return `${group.slice(prefix.length)}: ${state}`;
  });
}

/** Lag of a group over its topics; null while it has committed in none of them. */
function lagOf({ groups }: HubStatus, name: string): number | null {
  const known = groups.filter(({ group, lag }) => group === name && lag !== null);
  return known.length === 0 ? null : known.reduce((sum, { lag }) => sum + (lag ?? 0), 0);
}

function exceptionNotes({ exceptions }: HubStatus, nowMs: number): string[] {
  if (exceptions.length === 0) return [];
  const total = exceptions.reduce((sum, { open }) => sum + open, 0);
  const oldest = Math.min(...exceptions.map(({ oldestAt }) => Date.parse(oldestAt)));
  const byClass = new Map<string, number>();
  for (const { class: name, open } of exceptions) byClass.set(name, (byClass.get(name) ?? 0) + open);
  const classes = [...byClass].map(([name, open]) => `${formatNumber(open)} ${name}`).join(', ');
  const head = `${formatCount(total, 'open exception')} (${classes}), the oldest from ${formatAge(oldest, nowMs)}.`;
  return [`${head} npx millrace exceptions lists them.`];
}
