import { execFileSync } from 'node:child_process';
import { formatDiff } from './diff';
import { escapeForTerminal } from './escape';
import { formatCount, formatNumber } from './number';
import { formatProgress, progressBar } from './progress';
import { exportLines, quoteForShell } from './shell';
import { formatTable } from './table';
import { formatAge, formatClock, formatDuration, formatMoment } from './time';
import { formatValue } from './value';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('numbers', () => {
  it('have thousands separators and agree with their noun', () => {
    expect(formatNumber(1003118)).toBe('1,003,118');
    expect(formatCount(1, 'product')).toBe('1 product');
    expect(formatCount(0, 'product')).toBe('0 products');
    expect(formatCount(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('durations', () => {
  it.each([
    [0, '0.0 s'],
    [400, '0.4 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [41 * SECOND, '41 s'],
    [59_499, '59 s'],
    [59_500, '1 m 00 s'],
    [3 * MINUTE + 12 * SECOND, '3 m 12 s'],
    [HOUR - 1, '59 m 59 s'],
    [2 * HOUR + 4 * MINUTE, '2 h 04 m'],
    [76 * HOUR, '3 d 4 h'],
    [-5, '0.0 s'],
  ])('show %d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('tell an age without tenths, and never one in the future', () => {
    expect(formatAge(0, 3_400)).toBe('3 s ago');
    expect(formatAge(0, 2 * HOUR + 4 * MINUTE)).toBe('2 h 04 m ago');
    expect(formatAge(5_000, 0)).toBe('just now');
  });

  it('tell the local time', () => {
    const local = new Date(2026, 10, 2, 4, 5, 6, 7).getTime();
    expect(formatClock(local)).toBe('04:05:06.007');
    expect(formatMoment(local)).toBe('2026-11-02 04:05');
  });
});

describe('progress', () => {
  it('is full only when all is done and empty only when nothing is', () => {
    expect(progressBar(0, 100, 10)).toBe('░'.repeat(10));
    expect(progressBar(1, 1_000, 10)).toBe(`█${'░'.repeat(9)}`);
    expect(progressBar(999, 1_000, 10)).toBe(`${'█'.repeat(9)}░`);
    expect(progressBar(100, 100, 10)).toBe('█'.repeat(10));
    expect(progressBar(0, 0, 10)).toBe('░'.repeat(10));
  });

  it('shows counts, rate and time left', () => {
    expect(formatProgress({ done: 1_904, total: 3_300, elapsedMs: 4_760 }, 5)).toBe(
      '██░░░  1,904 / 3,300 · 400/s · 3.5 s left',
    );
  });

  it('takes the rate from what was done since it began', () => {
    expect(formatProgress({ done: 3_000, doneBefore: 2_000, total: 4_000, elapsedMs: 10_000 }, 4)).toBe(
      '███░  3,000 / 4,000 · 100/s · 10 s left',
    );
  });

  it('does without a total and without a rate', () => {
    expect(formatProgress({ done: 50, total: null, elapsedMs: 1_000 })).toBe('50 · 50/s');
    expect(formatProgress({ done: 0, total: 10, elapsedMs: 0 }, 2)).toBe('░░  0 / 10');
  });
});

describe('tables', () => {
  it('align columns, leave no trailing space and keep colours out of the width', () => {
    const text = formatTable(
      [{ title: 'part' }, { title: 'lag', align: 'right' }, { title: 'detail' }],
      [
        ['\u001b[32msource\u001b[39m', '0', 'streaming'],
        ['sink', '8,412', ''],
      ],
    );
    expect(text.split('\n')).toEqual([
      'part      lag  detail',
      '\u001b[32msource\u001b[39m      0  streaming',
      'sink    8,412',
    ]);
  });

  it('give a cell with line breaks several lines', () => {
    expect(formatTable([{ title: 'a' }, { title: 'b' }], [['x', 'one\ntwo']]).split('\n')).toEqual([
      'a  b',
      'x  one',
      '   two',
    ]);
  });
});

describe('hostile text', () => {
  it('cannot move the cursor, break a line or reorder what follows', () => {
    expect(escapeForTerminal('a\u001b[2Jb\r\n\tc\u0007\u009b31m')).toBe('a\\x1b[2Jb\\r\\n\\tc\\x07\\x9b31m');
    expect(escapeForTerminal('x\u202eexe.gpj\u2066\ufeff\u200b')).toBe(
      'x\\u202eexe.gpj\\u2066\\ufeff\\u200b',
    );
    expect(escapeForTerminal('\ud83d')).toBe('\\ud83d');
  });

  it('leaves letters of all scripts and emoji as they are', () => {
    expect(escapeForTerminal('30°, Größe é 服 👕')).toBe('30°, Größe é 服 👕');
  });
});

describe('values', () => {
  it('tell absent from cleared from empty', () => {
    expect([formatValue(undefined), formatValue(null), formatValue('')]).toEqual([
      '(absent)',
      '(cleared)',
      '""',
    ]);
  });

  it('show what a custom value holds', () => {
    expect(formatValue({ kind: 'decimal', decimal: '12.50' })).toBe('12.50');
    expect(formatValue({ kind: 'string', string: 'no tumble dryer' })).toBe('"no tumble dryer"');
    expect(formatValue({ kind: 'list', list: ['a', 'b'] })).toBe('["a","b"]');
  });

  it('take text by locale for what it is, also where a locale is called kind', () => {
    expect(formatValue({ kind: 'Art', de: 'Hemd' })).toBe('{"kind":"Art","de":"Hemd"}');
  });

  it('are cut when long, without splitting a character', () => {
    expect(formatValue('👕'.repeat(50), 10)).toBe(`"${'👕'.repeat(8)}…`);
  });

  it('show control characters instead of obeying them', () => {
    expect(formatValue('\u001b[31mred\u009b')).toBe('"\\u001b[31mred\\x9b"');
  });
});

describe('diffs', () => {
  it('show the old and the new value of each attribute that differs', () => {
    const before = { name: 'Linen Shirt', brand: 'Nord' };
    const after = {
      name: 'Washed Linen Shirt',
      brand: 'Nord',
      'custom.care': { kind: 'string', string: '30°' } as const,
    };
    expect(formatDiff(before, after)).toEqual([
      'name         "Linen Shirt" → "Washed Linen Shirt"',
      'custom.care  (absent)      → "30°"',
    ]);
  });

  it('leave out the side that does not exist', () => {
    expect(formatDiff(null, { name: 'Shirt' })).toEqual(['name  "Shirt"']);
    expect(formatDiff({ name: 'Shirt' }, null)).toEqual(['name  "Shirt"']);
  });

  it('have no lines when nothing differs', () => {
    expect(formatDiff({ name: 'Shirt' }, { name: 'Shirt' })).toEqual([]);
  });
});

describe('shell quoting', () => {
  it('leaves harmless words alone', () => {
    expect(quoteForShell('127.0.0.1:41233,127.0.0.1:41234')).toBe('127.0.0.1:41233,127.0.0.1:41234');
  });

  it('survives a shell, whatever the value holds', () => {
    const hostile = `it's "$(touch /tmp/x)" \`id\` \\ & | ; < > * ? ~ ! \n line`;
    const script = `${exportLines({ SECRET: hostile, EMPTY: '', MISSING: undefined })}\nprintf '%s|%s|%s' "$SECRET" "$EMPTY" "\${MISSING-none}"`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${hostile}||none`);
  });
});
