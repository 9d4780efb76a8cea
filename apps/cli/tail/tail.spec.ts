import type { Attributes, ChangeEvent, Op } from '#contracts';
import { createColors } from 'picocolors';
import { formatClock } from '../format/time';
import { Ranges } from './ranges';
import { recordToJson, renderRecord } from './render';
import { parseStartPoint } from './start-point';
import type { Content, TailRecord } from './tail.types';

const AT = Date.parse('2026-11-21T12:04:31.207Z');
const HUB = '0b6b4a9e-0000-4000-8000-000000000001';

const versioned = (version: number, attributes: Attributes | null) =>
  attributes && { hub_id: HUB, product_id: HUB, version, attributes };

function event(op: Op, before: Attributes | null, after: Attributes | null, golden = true): ChangeEvent {
  const provenance = [
    { system: 'plytix', event_id: 'a', ts_ms: AT, attributes: ['name', 'custom.care'] },
    { system: 'centric', event_id: 'b', ts_ms: AT, attributes: ['season'] },
  ];
  return {
    before: versioned(6, before),
    after: versioned(7, after),
    op,
    ts_ms: AT,
    source: {
      version: '0.1.0',
      connector: 'millrace',
      name: golden ? 'catalog' : 'plytix',
      ts_ms: AT - 400,
      snapshot: null,
      db: '',
      sequence: '7',
      ts_us: null,
      ts_ns: 1_763_726_671_207_000_000n,
      system: golden ? 'catalog' : 'plytix',
      entity: 'product',
      vendor_id: null,
      vendor_time: null,
      supplied: [],
      echo: false,
    },
    ...(golden ? { provenance, rules_version: 1 } : {}),
  };
}

const record = (content: Content, headers: Record<string, string> = {}): TailRecord => ({
  topic: 'millrace.catalog.product',
  partition: 3,
  offset: 18_220n,
  timestampMs: AT,
  headers,
  version: 7,
  content,
});

const changed = (op: Op, before: Attributes | null, after: Attributes | null, golden = true): TailRecord =>
  record({ kind: 'event', key: { code: 'ST-1042' }, event: event(op, before, after, golden) });

describe('renderRecord', () => {
  const options = { full: false, colours: createColors(false) };
  const clock = formatClock(AT);
  const lines = (shown: TailRecord, full = false) => renderRecord(shown, { ...options, full }).split('\n');

  it('shows an update as old and new value of what changed, and who said it', () => {
    const before = { name: 'Linen Shirt', season: 'SS26' };
    const after = {
      name: 'Washed Linen Shirt',
      season: 'SS26',
      'custom.care': { kind: 'string', string: '30°' } as const,
    };
    expect(lines(changed('u', before, after))).toEqual([
      `${clock}  u  ST-1042  v7  plytix  +0.4 s`,
      '    name         "Linen Shirt" → "Washed Linen Shirt"',
      '    custom.care  (absent)      → "30°"',
    ]);
  });

  it('names every system whose values changed', () => {
    const shown = changed('u', { name: 'a', season: 'SS26' }, { name: 'b', season: 'AW26' });
    expect(lines(shown)[0]).toContain('centric, plytix');
  });

  it('shows a create in one line, and all of it on request', () => {
    const shown = changed('c', null, { name: 'Shirt', season: 'SS26' });
    expect(lines(shown)).toEqual([
      `${clock}  c  ST-1042  v7  centric, plytix  +0.4 s  "Shirt" · 2 attributes`,
    ]);
    expect(lines(shown, true).slice(1)).toEqual(['    name    "Shirt"', '    season  "SS26"']);
  });

  it('shows a delete and where it came from', () => {
    expect(lines(changed('d', { name: 'Shirt' }, null, false))).toEqual([
      `${clock}  d  ST-1042  v7  plytix  +0.4 s  gone from plytix`,
    ]);
  });

  it('does not show a snapshot read as a change', () => {
    expect(lines(changed('r', { name: 'a' }, { name: 'b' }, false))).toEqual([
      `${clock}  r  ST-1042  v7  plytix  +0.4 s  "b" · 1 attribute · snapshot`,
    ]);
  });

  it('tells that a record goes on under another key', () => {
    const moved = { ...changed('d', { name: 'Shirt' }, null), headers: { '__debezium.newkey': '00' } };
    expect(lines(moved)[0]).toContain('goes on under another key');
  });

  it('shows tombstones, what does not decode, and other topics', () => {
    expect(lines(record({ kind: 'tombstone', key: { code: 'ST-1042' } }))).toEqual([
      `${clock}  ∅  ST-1042  v7  tombstone`,
    ]);
    expect(lines(record({ kind: 'undecodable', reason: 'reading the value: no frame' }))[0]).toContain(
      '!  3@18220  v7  reading the value: no frame',
    );
    expect(lines(record({ kind: 'raw', key: null, value: 'a\u001b[2J' }))[0]).toContain(
      '(null)  "a\\u001b[2J"',
    );
  });

  it('obeys no control character, wherever it hides', () => {
    const evil = 'x\u001b[2J\u202e\r\n\u009b31m';
    const hostile = event('u', { [`custom.${evil}`]: evil }, { [`custom.${evil}`]: null, name: evil });
    hostile.source.system = evil;
    const shown = [
      record({ kind: 'event', key: { code: evil }, event: hostile }),
      record({
        kind: 'event',
        key: { code: evil },
        event: { ...event('d', { name: evil }, null, false), source: hostile.source },
      }),
      record({ kind: 'undecodable', reason: evil }),
    ];
    for (const each of shown) {
      // eslint-disable-next-line no-control-regex
      expect(renderRecord(each, options)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });
});

describe('recordToJson', () => {
  it('is one line with place, key and the whole event, numbers exact', () => {
    const text = recordToJson(changed('u', { name: 'a' }, { name: 'b\n' }));
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toMatchObject({
      topic: 'millrace.catalog.product',
      partition: 3,
      offset: 18_220,
      timestamp: '2026-11-21T12:04:31.207Z',
      key: { code: 'ST-1042' },
      event: { op: 'u', before: { attributes: { name: 'a' } }, source: { ts_ns: '1763726671207000000' } },
    });
  });
});

describe('parseStartPoint', () => {
  it('reads a place, an offset and a time', () => {
    expect(parseStartPoint('beginning')).toEqual({ at: 'beginning' });
    expect(parseStartPoint('0')).toEqual({ at: 'offset', offset: 0n });
    expect(parseStartPoint('2026-11-01T08:30:00Z')).toEqual({ at: 'time', ms: Date.UTC(2026, 10, 1, 8, 30) });
  });

  it('takes a time without a zone, and a day, as local', () => {
    expect(parseStartPoint('2026-11-01T08:30')).toEqual({
      at: 'time',
      ms: new Date(2026, 10, 1, 8, 30).getTime(),
    });
    expect(parseStartPoint('2026-11-01')).toEqual({ at: 'time', ms: new Date(2026, 10, 1).getTime() });
  });

  it.each(['', '-1', 'yesterday', '2026-13-45', '1e3'])('refuses %j', (text) => {
    expect(() => parseStartPoint(text)).toThrow('It must be beginning');
  });
});

describe('Ranges', () => {
  it('are done when the end of each partition was passed', () => {
    const sut = new Ranges(
      new Map([
        [0, { start: 2n, end: 5n }],
        [1, { start: 3n, end: 3n }],
      ]),
    );
    expect(sut.isDone()).toBe(false);
    expect([1n, 2n, 4n, 5n].map((offset) => sut.isWanted(0, offset))).toEqual([false, true, true, false]);
    sut.reached(0, 4n);
    expect(sut.isDone()).toBe(false);
    sut.reached(0, 6n);
    expect(sut.isDone()).toBe(true);
  });

  it('never end while they follow', () => {
    const sut = new Ranges(new Map([[0, { start: 2n, end: null }]]));
    sut.reached(0, 1_000n);
    expect([sut.isDone(), sut.isWanted(0, 999n), sut.isWanted(1, 5n)]).toEqual([false, true, false]);
  });

  it('are done at once when there is nothing', () => {
    expect(new Ranges(new Map([[0, { start: 0n, end: 0n }]])).isDone()).toBe(true);
  });
});
