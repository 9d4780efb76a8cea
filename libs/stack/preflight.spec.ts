import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHome, checkJava, javaMajor } from './preflight';

const directory = mkdtempSync(join(tmpdir(), 'millrace-preflight-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A JAVA_HOME whose java says that it has this version. */
function javaHome(version: string): string {
  const home = join(directory, version);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
  chmodSync(join(home, 'bin', 'java'), 0o755);
  return home;
}

describe('the check for Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_392"', 8],
    ['openjdk version "25" 2025-09-16', 25],
    ['bash: java: command not found', undefined],
  ])('reads the major version from %s', (output, major) => {
    expect(javaMajor(output)).toBe(major);
  });

  it('accepts Java 17', async () => {
    await expect(checkJava({ JAVA_HOME: javaHome('17.0.2') })).resolves.toBeUndefined();
  });

  it('names the version that is too old, and the remedy', async () => {
    await expect(checkJava({ JAVA_HOME: javaHome('11.0.20') })).rejects.toThrow(
      /^Java 17 or newer is needed to run Kafka and the registry\. This machine has Java 11 .*apt-get install default-jre-headless.*Or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to your own\.$/,
    );
  });

  it('says the same where there is no Java at all', async () => {
    await expect(checkJava({ PATH: directory })).rejects.toMatchObject({ name: 'StackError', exitCode: 1 });
  });
});

describe('the check of the home directory', () => {
  it('makes it', () => {
    const home = join(directory, 'a', 'b');
    checkHome(home);
    expect(() => checkHome(home)).not.toThrow();
  });

  it('refuses a disk that is nearly full', () => {
    expect(() => checkHome(directory, Number.MAX_SAFE_INTEGER)).toThrow(
      /^Only \d+ MB are free on the disk that holds .* Free some, or set MILLRACE_HOME to a directory on another disk\.$/,
    );
  });

  it('refuses a place where no directory can be made', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => checkHome(join(directory, 'file', 'home'))).toThrow(
      /^Millrace cannot make its directory .*\/file\/home \(.*\)\. Set MILLRACE_HOME to one that it can make\.$/,
    );
  });
});
