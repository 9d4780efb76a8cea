import { readSinkConfig } from './sink.config';

const MART_URL = 'postgres://mart@127.0.0.1:5432/mart';

describe('readSinkConfig', () => {
  it('runs the PostgreSQL sink unless told otherwise', () => {
    expect(readSinkConfig({ MART_URL }).definition.name).toBe('postgres');
    expect(readSinkConfig({ MART_URL, MILLRACE_SINK: '' }).definition.name).toBe('postgres');
  });

  it('says what there is when a sink is not known, also for a connector that only reads', () => {
    expect(() => readSinkConfig({ MART_URL, MILLRACE_SINK: 'plytix' })).toThrow(
      'reading MILLRACE_SINK: "plytix" is no batch sink; there is postgres',
    );
  });

  it('names the variable that is missing', () => {
    expect(() => readSinkConfig({})).toThrow('MART_URL is not set');
  });
});
