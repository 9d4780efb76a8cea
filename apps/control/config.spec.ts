import { readControlConfig } from './config';

describe('readControlConfig', () => {
  const complete = {
    MILLRACE_CONTROL_PORT: '4000',
    MILLRACE_CONTROL_TOKEN: 'sixteen-characters',
    DATABASE_URL: 'postgresql://hub',
  };

  it('fills in the defaults', () => {
    expect(readControlConfig(complete)).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      topicPrefix: 'millrace',
      home: '.millrace',
    });
  });

  it('names everything that is missing or wrong', () => {
    expect(() => readControlConfig({ MILLRACE_CONTROL_PORT: 'x', MILLRACE_CONTROL_TOKEN: 'short' })).toThrow(
      /MILLRACE_CONTROL_PORT .*; MILLRACE_CONTROL_TOKEN must have 16 characters or more; DATABASE_URL is not set/,
    );
  });

  it('does not show the token', () => {
    expect(() => readControlConfig({ ...complete, MILLRACE_CONTROL_TOKEN: 'hunter2' })).toThrow(
      /^(?!.*hunter2)/,
    );
  });
});
