import { logLevel } from 'kafkajs';
import { pino } from 'pino';
import { kafkajsLogCreator } from './log-bridge';

function levelOf(level: logLevel, message: string, extra: object = {}): string {
  const lines: string[] = [];
  const logger = pino(
    { level: 'trace', formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => lines.push(line) },
  );
  const log = { timestamp: '', logger: 'kafkajs', message, ...extra };
  kafkajsLogCreator(logger)(logLevel.DEBUG)({ namespace: 'Connection', level, label: '', log });
  return (JSON.parse(lines[0]!) as { level: string }).level;
}

describe('what kafkajs logs', () => {
  test.each([
    ['Response InitProducerId', { error: 'The coordinator is loading and hence can not process requests' }],
    ['Connection error: connect ECONNREFUSED 127.0.0.1:9092', {}],
    ['Crash: KafkaJSNumberOfRetriesExceeded: Closed connection', {}],
    ['The coordinator is not aware of this member, re-joining the group', {}],
    ['Response Heartbeat(key: 12)', { error: 'The group is rebalancing, so a rejoin is needed' }],
  ])('"%s" is retried by itself, and no error for people', (message, extra) => {
    expect(levelOf(logLevel.ERROR, message, extra)).toBe('debug');
  });

  test('an error that is not known to heal is a warning', () => {
    expect(levelOf(logLevel.ERROR, 'Offset out of range, resetting to default offset')).toBe('warn');
  });

  test('normal operation is silent', () => {
    expect(levelOf(logLevel.INFO, 'Consumer has joined the group')).toBe('debug');
  });
});
