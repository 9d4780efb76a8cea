/**
 * Keeps one test stack up until Ctrl-C, so that many test runs can share it:
 * `node dist/test/support/keep-stack.js > stack.json &`, then `export MILLRACE_TEST_STACK="$(cat stack.json)"`.
 */
import { startSharedStack } from './stack';

async function main(): Promise<void> {
  delete process.env['MILLRACE_TEST_STACK'];
  const stop = await startSharedStack();
  process.stdout.write(`${process.env['MILLRACE_TEST_STACK']}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop?.());
}

void main();
