/** Once after all suites of a `jest` run; the counterpart of `global-setup.ts`. */
export default async function teardown(): Promise<void> {
  await globalThis.millraceTestStack?.stop?.();
  globalThis.millraceTestStack = undefined;
}
