import type { Attributes, ChangeEvent, Op, RecordKey } from '#contracts';
import { diffAttributes } from '#pipeline';
import type { Colours } from '../context';
import { formatDiff } from '../format/diff';
import { escapeForTerminal } from '../format/escape';
import { formatCount } from '../format/number';
import { formatClock, formatDuration } from '../format/time';
import type { TailRecord } from './tail.types';

/** What lies further back is the age of the record, not a delay. */
const LONGEST_LAG_MS = 24 * 3_600_000;

export interface RenderOptions {
  /** Show all attributes of records that are new or gone, not only how many there are. */
  full: boolean;
  colours: Colours;
}

/** A record for people: one line of what happened, then what changed. */
export function renderRecord(record: TailRecord, { full, colours }: RenderOptions): string {
  const { content } = record;
  const place = `${record.partition}@${record.offset}`;
  switch (content.kind) {
    case 'event':
      return renderEvent(record, content.key, content.event, full, colours);
    case 'tombstone':
      return colours.dim(line(record, '∅', keyText(content.key), 'tombstone'));
    case 'undecodable':
      return colours.red(line(record, '!', place, escapeForTerminal(content.reason)));
    case 'raw':
      return line(record, '·', place, `${quoted(content.key)}  ${quoted(content.value)}`);
  }
}

/** A record for programs: one JSON object on one line. */
export function recordToJson(record: TailRecord): string {
  const { topic, partition, offset, timestampMs, headers, content } = record;
  const timestamp = new Date(timestampMs).toISOString();
  return JSON.stringify({ topic, partition, offset, timestamp, headers, ...content }, exactNumbers);
}

/** JSON has no bigint: a number where it is exact, else text. */
function exactNumbers(_name: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= 0n ? Number(value) : value.toString();
}

function renderEvent(
  record: TailRecord,
  key: RecordKey,
  event: ChangeEvent,
  full: boolean,
  colours: Colours,
): string {
  const [before, after] = [event.before?.attributes ?? null, event.after?.attributes ?? null];
  const notes = notesOf(record, event);
  const details = [systemsOf(event), lagText(event), notes].filter((text) => text !== '').join('  ');
  const head = line(record, colourOp(event.op, colours), colours.bold(keyText(key)), details);
  const showsDiff = full || (before !== null && after !== null);
  const diff = showsDiff ? formatDiff(event.op === 'r' && !full ? after : before, after) : [];
  return [head, ...diff.map((text) => `    ${text}`)].join('\n');
}

/** Time from the change in its source to the event. None for an old change that a snapshot came upon. */
function lagText({ ts_ms, source }: ChangeEvent): string {
  const lag = ts_ms - source.ts_ms;
  return lag < LONGEST_LAG_MS ? `+${formatDuration(lag)}` : '';
}

function line(record: TailRecord, op: string, subject: string, rest: string): string {
  const version = record.version === null ? '' : `v${record.version}`;
  return [formatClock(record.timestampMs), op, subject, version, rest]
    .filter((text) => text !== '')
    .join('  ');
}

/** `ST-1042`, `ST-1042/ST-1042-M`: the fields of the key in their order. */
function keyText(key: RecordKey): string {
  return escapeForTerminal(Object.values(key).join('/'));
}

function colourOp(op: Op, colours: Colours): string {
  const colour = { r: colours.dim, c: colours.green, u: colours.yellow, d: colours.red }[op];
  return colour(op);
}

/** Who said it: the system of a source event; of a golden one those whose values changed. */
function systemsOf(event: ChangeEvent): string {
  if (event.provenance === undefined) return escapeForTerminal(event.source.system);
  const [before, after] = [event.before?.attributes ?? null, event.after?.attributes ?? null];
  const changed = new Set(diffAttributes(before, after).map(({ attribute }) => attribute));
  const concerned = event.provenance.filter(({ attributes }) => attributes.some((name) => changed.has(name)));
  return escapeForTerminal([...new Set(concerned.map(({ system }) => system))].sort().join(', '));
}

function notesOf({ headers }: TailRecord, event: ChangeEvent): string {
  const notes: string[] = [];
  if (event.op === 'd')
    notes.push(event.provenance === undefined ? `gone from ${event.source.system}` : 'gone');
  else if (event.op !== 'u') notes.push(sizeOf(event.after?.attributes ?? {}));
  if (event.op === 'r') notes.push('snapshot');
  if (event.source.echo) notes.push('echo of our own write');
  if ('__debezium.newkey' in headers) notes.push('goes on under another key');
  if ('__debezium.oldkey' in headers) notes.push('had another key before');
  if ('millrace-replay' in headers) notes.push('replayed');
  return escapeForTerminal(notes.join(' · '));
}

function sizeOf(attributes: Attributes): string {
  const count = formatCount(Object.keys(attributes).length, 'attribute');
  return typeof attributes.name === 'string' ? `${JSON.stringify(attributes.name)} · ${count}` : count;
}

function quoted(text: string | null): string {
  return text === null ? '(null)' : escapeForTerminal(JSON.stringify(text)).slice(0, 200);
}
