import { KafkaConfigError } from './faults';
import { kafkaSettingsFromEnv } from './settings';

describe('Kafka settings', () => {
  test('several brokers, white space and a client id', () => {
    expect(kafkaSettingsFromEnv({ KAFKA_BROKERS: 'one:9092, two:9092 ,' }, 'sink')).toEqual({
      brokers: ['one:9092', 'two:9092'],
      clientId: 'sink',
    });
  });

  test('TLS and SASL, with an empty variable taken as one that is not set', () => {
    const env = {
      KAFKA_BROKERS: 'one:9093',
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: '',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'hub',
      KAFKA_SASL_PASSWORD: 'word',
    };
    expect(kafkaSettingsFromEnv(env)).toMatchObject({
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'hub', password: 'word' },
    });
  });

  test('a CA file turns TLS on and is read', () => {
    const settings = kafkaSettingsFromEnv({ KAFKA_BROKERS: 'one:9093', KAFKA_SSL_CA_FILE: __filename });
    expect(settings.ssl).toMatchObject({ ca: expect.stringContaining('a CA file turns TLS on') });
  });

  test.each([
    [{}, /KAFKA_BROKERS: it is not set/],
    [{ KAFKA_BROKERS: 'http://one:9092' }, /"http:\/\/one:9092" is not host:port/],
    [{ KAFKA_BROKERS: 'one:9092', KAFKA_SSL: 'maybe' }, /KAFKA_SSL: "maybe" is neither/],
    [
      { KAFKA_BROKERS: 'one:9092', KAFKA_SSL: 'false', KAFKA_SSL_CA_FILE: 'ca.pem' },
      /KAFKA_SSL: it is false/,
    ],
    [{ KAFKA_BROKERS: 'one:9092', KAFKA_SSL_CA_FILE: 'no/such/ca.pem' }, /no\/such\/ca.pem cannot be read/],
    [{ KAFKA_BROKERS: 'one:9092', KAFKA_SASL_USERNAME: 'hub' }, /both are needed/],
    [
      {
        KAFKA_BROKERS: 'one:9092',
        KAFKA_SASL_MECHANISM: 'gssapi',
        KAFKA_SASL_USERNAME: 'a',
        KAFKA_SASL_PASSWORD: 'b',
      },
      /"gssapi" is not one of/,
    ],
  ])('%j is refused with the name of the variable', (env, message) => {
    expect(() => kafkaSettingsFromEnv(env)).toThrow(message);
    expect(() => kafkaSettingsFromEnv(env)).toThrow(KafkaConfigError);
  });
});
