import { createLogger, nestLogger } from './logger';

function capture(level?: string) {
  const lines: string[] = [];
  const logger = createLogger({
    app: 'source',
    level,
    destination: { write: (line) => void lines.push(line) },
  });
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, entries };
}

describe('createLogger', () => {
  it('writes one JSON object per line with app, level as a word and an RFC 3339 time', () => {
    const { logger, entries } = capture();
    logger.warn({ system: 'plytix' }, 'reading plytix products: slow');
    const [entry] = entries();
    expect(entry).toMatchObject({
      app: 'source',
      level: 'warn',
      system: 'plytix',
      msg: 'reading plytix products: slow',
    });
    expect(Number.isNaN(Date.parse(String(entry?.time)))).toBe(false);
  });

  it('masks credentials', () => {
    const { logger, entries } = capture();
    logger.info({ apiPassword: 's3cret', plytix: { token: 'abc' } }, 'connecting');
    expect(JSON.stringify(entries())).not.toMatch(/s3cret|abc/);
  });

  it('falls back to info when the level is unknown', () => {
    const { logger, entries } = capture('loud');
    logger.debug('unheard');
    logger.info('heard');
    expect(entries().map((entry) => entry.msg)).toEqual(['heard']);
  });
});

describe('nestLogger', () => {
  it('keeps what Nest says in normal operation below info', () => {
    const { logger, entries } = capture('info');
    nestLogger(logger).log('Nest application successfully started', 'NestApplication');
    expect(entries()).toEqual([]);
  });

  it('keeps context, merged fields and the stack of an error', () => {
    const { logger, entries } = capture();
    nestLogger(logger).error(
      'handling a request failed',
      { route: '/status' },
      'Error: x\n    at y',
      'ExceptionsHandler',
    );
    expect(entries()[0]).toMatchObject({
      level: 'error',
      msg: 'handling a request failed',
      route: '/status',
      stack: 'Error: x\n    at y',
      context: 'ExceptionsHandler',
    });
  });

  it('logs an error object with its message and stack', () => {
    const { logger, entries } = capture();
    nestLogger(logger).error(new Error('boom'), 'ExceptionsHandler');
    expect(entries()[0]).toMatchObject({ msg: 'boom', err: { type: 'Error', message: 'boom' } });
  });
});
