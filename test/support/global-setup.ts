import { startSharedStack } from './stack';

declare global {
  var millraceTestStack: { stop: (() => Promise<void>) | undefined } | undefined;
}

/** Once before all suites of a `jest` run, in jest's own process. */
export default async function setup(): Promise<void> {
  globalThis.millraceTestStack = { stop: await startSharedStack() };
  // Jest ends at once on Ctrl-C, without its teardown.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
  }
}
