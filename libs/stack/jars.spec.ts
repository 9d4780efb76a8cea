import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainMaven, resolveJars } from './jars';

const directory = mkdtempSync(join(tmpdir(), 'millrace-jars-'));
const cache = join(directory, 'cache');
const marker = join(directory, 'called');

/** A `mvn` of our own at the front of the path. `$target` is the directory that it is told to fill. */
function environment(script: string): NodeJS.ProcessEnv {
  const mvn = join(directory, 'mvn');
  writeFileSync(
    mvn,
    `#!/bin/sh\necho x >> '${marker}'\nfor a in "$@"; do case $a in -Dmillrace.target=*) target=\${a#*=};; esac; done\n${script}\n`,
  );
  chmodSync(mvn, 0o755);
  return { PATH: `${directory}:${process.env['PATH']}`, MILLRACE_CACHE: cache };
}

const COMPLETE = 'mkdir -p "$target/kafka" "$target/registry/lib"';

afterEach(() => {
  rmSync(cache, { recursive: true, force: true });
  rmSync(marker, { force: true });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('resolving the jars', () => {
  it('asks Maven once and then takes them from the cache', async () => {
    const env = environment(COMPLETE);
    const onDownload = jest.fn();
    const jars = await resolveJars(env, onDownload);
    expect(existsSync(jars.kafka) && existsSync(jars.registry)).toBe(true);
    rmSync(marker);
    expect(await resolveJars(env, onDownload)).toEqual(jars);
    expect(onDownload).toHaveBeenCalledTimes(1);
    expect(existsSync(marker)).toBe(false);
  });

  it('does not take a download for complete that ended half-way', async () => {
    const half = environment('mkdir -p "$target/kafka"; echo "[ERROR] Connection reset"; exit 1');
    await expect(resolveJars(half)).rejects.toThrow(/^Maven cannot reach its repository/);
    expect(readdirSync(cache)).toEqual([]);
    const jars = await resolveJars(environment(COMPLETE));
    expect(existsSync(jars.registry)).toBe(true);
  });

  it('lets two starts at once fetch into the same cache', async () => {
    const env = environment(COMPLETE);
    const [one, other] = await Promise.all([resolveJars(env), resolveJars(env)]);
    expect(one).toEqual(other);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  it.each([
    ['there is no Maven', undefined, 'spawn mvn ENOENT', /^Maven is needed once.*apt-get install maven/],
    [
      'there is no network',
      1,
      '[ERROR] Unknown host repo.maven.apache.org',
      /^Maven cannot reach its repository.*settings\.xml/,
    ],
    [
      'the disk is full',
      1,
      'java.io.IOException: No space left on device',
      /^No space is left on the disk.*1 GB/,
    ],
    [
      'of anything else',
      1,
      '[INFO] a\n[ERROR] Could not find artifact x:y:1',
      /Could not find artifact x:y:1/,
    ],
  ])('says in one sentence that it failed because %s', (_reason, code, output, sentence) => {
    expect(explainMaven(code, output).message).toMatch(sentence);
  });
});
