import { errorCode, isDataError, isLostOrContended } from './database-errors';

const coded = (code: string): Error => Object.assign(new Error('from the database'), { code });

describe('what a database error means for a batch', () => {
  it.each([
    ['a deadlock', '40P01'],
    ['a lock time-out', '55P03'],
    ['an idle session that was ended', '25P03'],
    ['a server that is shut down', '57P01'],
    ['a server that starts', '57P03'],
    ['a lost connection', '08006'],
    ['too many connections', '53300'],
    ['a refused socket', 'ECONNREFUSED'],
    ['a network without a route', 'EHOSTUNREACH'],
  ])('is to run it again for %s (%s)', (_, code) => {
    expect(isLostOrContended(coded(code))).toBe(true);
    expect(isDataError(coded(code))).toBe(false);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
  ])('is to run it again for an error of pg that has only the message "%s"', (message) => {
    expect(isLostOrContended(new Error(message))).toBe(true);
  });

  it.each([
    ['text that is not text', '22021'],
    ['a number out of range', '22003'],
    ['a constraint', '23514'],
    ['a row too large for an index', '54000'],
  ])('is to look for the record at fault for %s (%s)', (_, code) => {
    expect(isDataError(coded(code))).toBe(true);
    expect(isLostOrContended(coded(code))).toBe(false);
  });

  it.each([
    ['a syntax error', coded('42601')],
    ['an error of ours', new Error('folding a variant: it was given another product')],
    [
      'an error of ours that speaks of a connection but has a code',
      Object.assign(new Error('connection ended'), { code: 'X' }),
    ],
    ['what is no error', null],
    ['a text', 'connection terminated'],
  ])('is nothing that a batch can mend for %s', (_, error) => {
    expect(isLostOrContended(error)).toBe(false);
    expect(isDataError(error)).toBe(false);
  });

  it('reads codes that are text only', () => {
    expect(errorCode({ code: 5 })).toBe('');
    expect(errorCode(undefined)).toBe('');
    expect(errorCode({ code: '22003' })).toBe('22003');
  });
});
