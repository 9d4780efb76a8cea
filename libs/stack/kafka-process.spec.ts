import { HomePaths } from './paths';
import { javaEnvironment, serverProperties } from './kafka-process';

describe("the broker's properties", () => {
  it('advertise the port that it listens on, only on this machine', () => {
    const sut = serverProperties({
      paths: new HomePaths('/h'),
      jars: '',
      env: {},
      clientPort: 21001,
      controllerPort: 21002,
    });
    expect(sut.split('\n')).toEqual(
      expect.arrayContaining([
        'listeners=CLIENT://127.0.0.1:21001,CONTROLLER://127.0.0.1:21002',
        'advertised.listeners=CLIENT://127.0.0.1:21001',
        'controller.quorum.voters=1@127.0.0.1:21002',
        'log.dirs=/h/kafka/data',
        'auto.create.topics.enable=false',
      ]) as string[],
    );
  });
});

describe('the environment of Java programs', () => {
  it('leaves out options that were meant for others', () => {
    expect(
      javaEnvironment({ PATH: '/bin', CLASSPATH: 'x', JAVA_TOOL_OPTIONS: '-Xmx8m', _JAVA_OPTIONS: '-Xmx8m' }),
    ).toEqual({
      PATH: '/bin',
    });
  });
});
