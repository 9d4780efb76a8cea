import { backoffMs, parseRetryAfter } from './retry';

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-11-02T12:00:00Z');

  it('reads seconds', () => {
    expect(parseRetryAfter('120', now)).toBe(120_000);
  });

  it('reads an HTTP date, one in the past as no wait', () => {
    expect(parseRetryAfter('Mon, 02 Nov 2026 12:00:30 GMT', now)).toBe(30_000);
    expect(parseRetryAfter('Mon, 02 Nov 2026 11:00:00 GMT', now)).toBe(0);
  });

  it.each([undefined, '', 'soon'])('makes nothing of %s', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });
});

describe('backoffMs', () => {
  const policy = { attempts: 9, baseMs: 100, capMs: 1_000 };

  it('doubles up to the cap, between a half and the whole', () => {
    expect([1, 2, 3, 4, 5, 6].map((n) => backoffMs(policy, n, () => 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(backoffMs(policy, 3, () => 0)).toBe(200);
  });
});
