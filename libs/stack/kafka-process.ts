import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from './files';
import { KAFKA_SETTINGS } from './kafka-settings';
import type { HomePaths } from './paths';
import { javaCommand } from './preflight';
import { probeKafka } from './probes';
import { runCommand } from './run-command';
import { StackError } from './stack-error';
import type { ProcessSpec } from './supervised-process';

export interface KafkaOptions {
  paths: HomePaths;
  /** Directory with the broker's jars. */
  jars: string;
  env: NodeJS.ProcessEnv;
  clientPort: number;
  controllerPort: number;
}

/** How a single-node broker (KRaft, broker and controller in one) runs under supervision. Its data survives restarts. */
export function kafkaProcess(options: KafkaOptions): ProcessSpec {
  const { paths, jars, env, clientPort } = options;
  const directory = paths.part('kafka');
  const properties = join(directory, 'server.properties');
  const java = (heap: string, ...args: string[]): string[] => [
    ...heap.split(' '),
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    `-Dlog4j2.configurationFile=${join(directory, 'log4j2.xml')}`,
    '-cp',
    join(jars, '*'),
    ...args,
  ];
  return {
    name: 'kafka',
    command: javaCommand(env),
    args: java('-Xms256m -Xmx512m -XX:+UseG1GC -XX:MaxGCPauseMillis=20', 'kafka.Kafka', properties),
    env: javaEnvironment(env),
    cwd: directory,
    logFile: paths.log('kafka'),
    // A broker that flushes much on a slow disk may take longer than an app.
    graceMs: 15_000,
    prepare: async () => {
      mkdirSync(directory, { recursive: true });
      writeFileAtomic(join(directory, 'log4j2.xml'), LOG4J2, 0o644);
      writeFileAtomic(properties, serverProperties(options), 0o644);
      await formatOnce(
        directory,
        javaCommand(env),
        (args) => java('-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1', ...args),
        env,
      );
    },
    // On two busy cores a JVM may take ten times what it takes alone.
    readyTimeoutMs: 120_000,
    probe: () => probeKafka({ brokers: [`127.0.0.1:${clientPort}`] }),
  };
}

/** The whole server.properties: what compose shares (`KAFKA_SETTINGS`) and what belongs to this machine. */
export function serverProperties({ paths, clientPort, controllerPort }: KafkaOptions): string {
  const own: Record<string, string> = {
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENT://127.0.0.1:${clientPort},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${clientPort}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(paths.part('kafka'), 'data'),
  };
  return Object.entries({ ...KAFKA_SETTINGS, ...own })
    .map(propertyLine)
    .join('');
}

/** Java's property files take a backslash as the start of an escape. */
function propertyLine([name, value]: [string, string]): string {
  return `${name}=${value.replace(/\\/g, '\\\\')}\n`;
}

/** Gives the empty log directory its cluster id. Repeated from the start if it was interrupted: there is no data yet. */
async function formatOnce(
  directory: string,
  command: string,
  java: (args: string[]) => string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const done = join(directory, 'formatted');
  if (existsSync(done)) return;
  rmSync(join(directory, 'data'), { recursive: true, force: true });
  const clusterId = kafkaUuid();
  const args = [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId,
    '-c',
    join(directory, 'server.properties'),
  ];
  const { code, output } = await runCommand(command, java(args), { env: javaEnvironment(env) });
  if (code !== 0) {
    throw new StackError(
      `Preparing Kafka's data directory ${directory}: ${output.trim().split('\n').at(-1) ?? 'no output'}`,
    );
  }
  writeFileSync(done, `${clusterId}\n`);
}

/** 16 random bytes in base64url. Kafka refuses ids that begin with a dash, for its tools take them for an option. */
function kafkaUuid(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? kafkaUuid() : id;
}

/** Options that somebody set for other Java programs must not reach ours. */
export function javaEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { JAVA_TOOL_OPTIONS: _tool, _JAVA_OPTIONS: _options, CLASSPATH: _classPath, ...rest } = env;
  return rest;
}

/** To stdout, which the supervisor leads into the part's log. */
const LOG4J2 = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN" shutdownHook="disable">
  <Appenders>
    <Console name="out" target="SYSTEM_OUT">
      <PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/>
    </Console>
  </Appenders>
  <Loggers>
    <Root level="INFO"><AppenderRef ref="out"/></Root>
    <Logger name="org.apache.kafka.clients" level="WARN"/>
    <Logger name="org.apache.kafka.common.utils.AppInfoParser" level="WARN"/>
    <Logger name="kafka.server.KafkaConfig" level="WARN"/>
    <Logger name="org.apache.kafka.common.config.AbstractConfig" level="WARN"/>
  </Loggers>
</Configuration>
`;
