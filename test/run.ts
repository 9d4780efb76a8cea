/**
 * What `npm run check` and `npm test` run, step by step, closing with one line: `N passed, N failed`.
 * A step that is not a test suite (lint, format) counts as one.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

interface Step {
  name: string;
  command: string;
  args: string[];
  /** Jest steps tell their own numbers. */
  jest?: true;
}

interface Outcome {
  passed: number;
  failed: number;
}

const bin = (name: string): string => join(process.cwd(), 'node_modules', '.bin', name);

const jest = (workers: number, ...projects: string[]): Step => ({
  name: projects.join(' and '),
  command: bin('jest'),
  args: [`--maxWorkers=${workers}`, ...projects.map((project) => `--selectProjects=${project}`)],
  jest: true,
});

const LINT: Step = { name: 'lint', command: bin('oxlint'), args: ['--deny-warnings'] };
const FORMAT: Step = {
  name: 'format',
  command: bin('prettier'),
  args: ['--check', '--log-level', 'warn', '.'],
};

const PLANS: Record<string, Step[]> = {
  check: [LINT, FORMAT, jest(2, 'unit')],
  // What kills whole processes has the machine to itself: it measures patience, not speed.
  all: [LINT, FORMAT, jest(2, 'unit'), jest(2, 'integration', 'e2e'), jest(1, 'chaos')],
};

const JestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
});

async function main(plan: string): Promise<void> {
  const steps = PLANS[plan];
  if (!steps)
    throw new Error(`running tests: there is no plan "${plan}"; there is ${Object.keys(PLANS).join(', ')}`);
  const total: Outcome = { passed: 0, failed: 0 };
  for (const step of steps) {
    const started = performance.now();
    process.stdout.write(`\n── ${step.name}\n`);
    const { passed, failed } = await run(step);
    total.passed += passed;
    total.failed += failed;
    process.stdout.write(`── ${step.name}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

async function run(step: Step): Promise<Outcome> {
  if (!step.jest)
    return (await execute(step.command, step.args)) === 0
      ? { passed: 1, failed: 0 }
      : { passed: 0, failed: 1 };
  const dir = mkdtempSync(join(tmpdir(), 'millrace-jest-'));
  const file = join(dir, 'report.json');
  try {
    const code = await execute(step.command, [...step.args, '--json', `--outputFile=${file}`]);
    return outcomeOf(code, file);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Jest's own numbers; a suite that did not even start, or a jest that died, is a failure too. */
function outcomeOf(code: number, file: string): Outcome {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { passed: 0, failed: 1 };
  }
  const report = JestReport.parse(JSON.parse(text));
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return { passed: report.numPassedTests, failed: code === 0 ? failed : Math.max(1, failed) };
}

/** Runs a command with our terminal; jest's JSON goes to its file, what people read to stderr. */
function execute(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

main(process.argv[2] ?? 'all').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
