import { configFault } from '#connector-sdk';
import { isDataError, postgresFault, sqlState } from './postgres.faults';

const failure = (code: string | undefined, message = 'no') => Object.assign(new Error(message), { code });

describe('postgresFault', () => {
  it.each([
    ['40P01', 'transient'],
    ['40001', 'transient'],
    ['55P03', 'transient'],
    ['57014', 'transient'],
    ['57P01', 'transient'],
    ['57P03', 'transient'],
    ['08006', 'transient'],
    ['53100', 'transient'],
    ['25006', 'transient'],
    ['ECONNREFUSED', 'transient'],
    ['EPIPE', 'transient'],
    ['42P01', 'config'],
    ['42501', 'config'],
    ['28P01', 'config'],
    ['3D000', 'config'],
    ['XX000', 'system'],
    [undefined, 'system'],
  ])('makes of %s a %s fault', (code, kind) => {
    expect(postgresFault('writing', failure(code)).fault.kind).toBe(kind);
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
  ])('knows the words of the driver: %s', (words) =>
    expect(postgresFault('writing', failure(undefined, words)).fault.kind).toBe('transient'),
  );

  it('tells what both addresses of a host answered', () => {
    const both = new AggregateError([
      failure('ECONNREFUSED', 'no on ::1'),
      failure('ECONNREFUSED', 'no on 127.0.0.1'),
    ]);
    const { fault } = postgresFault('writing', both);
    expect(fault).toMatchObject({
      kind: 'transient',
      code: 'econnrefused',
      message: 'writing: no on ::1; no on 127.0.0.1',
    });
  });

  it('leaves a fault as it is', () => {
    const fault = configFault('mart_newer', 'x');
    expect(postgresFault('writing', fault)).toBe(fault);
  });
});

describe('isDataError', () => {
  it.each(['22021', '22P05', '23514', '54000'])('is true for %s', (code) =>
    expect(isDataError(failure(code))).toBe(true),
  );
  it.each(['42804', '40P01', 'EPIPE', undefined])('is false for %s', (code) =>
    expect(isDataError(failure(code))).toBe(false),
  );
  it('does not take a socket error for a SQLSTATE', () => expect(sqlState(failure('EPIPE'))).toBeNull());
});
