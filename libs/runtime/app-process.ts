/** What every app does around its work: log, health, an ordered stop, and one clear line when it cannot start. */
import { collectProcessMetrics, createLogger, healthServerFromEnv, metrics } from '#telemetry';
import type { HealthCheck, Logger } from '#telemetry';

/** Time for an ordered stop; after that the process ends anyway, and leases and transactions expire. */
const STOP_WITHIN_MS = 9_000;

export class AppProcess {
  private readonly steps: { name: string; stop: () => Promise<unknown> | unknown }[] = [];
  private readonly health = healthServerFromEnv(process.env);
  private stopping = false;

  constructor(
    readonly app: string,
    readonly logger: Logger,
  ) {}

  /** Adds a step to the stop; steps run in the reverse of the order in which they were added. */
  onStop(name: string, stop: () => Promise<unknown> | unknown): void {
    this.steps.unshift({ name, stop });
  }

  check(name: string, check: HealthCheck): void {
    this.health?.check(name, check);
  }

  async serveHealth(): Promise<void> {
    await this.health?.start();
    this.onStop('health', () => this.health?.close());
  }

  /** Runs the stop once; a step that fails does not keep the others. */
  async stop(exitCode = 0): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    setTimeout(() => process.exit(exitCode || 1), STOP_WITHIN_MS).unref();
    for (const { name, stop } of this.steps) {
      try {
        await stop();
      } catch (error) {
        this.logger.warn({ err: error, step: name }, `stopping ${this.app}: a part did not close in order`);
      }
    }
    process.exit(exitCode);
  }

  /** Ends the process because it cannot go on; its supervisor starts it again. */
  fail(error: unknown, doing: string): void {
    if (this.stopping) return;
    const message = error instanceof Error ? error.message : String(error);
    this.logger.fatal({ err: error }, `${doing}: ${message}`);
    void this.stop(1);
  }
}

/** Starts an app and keeps it until SIGTERM or SIGINT. `start` adds what has to be stopped as it goes. */
export function runApp(app: string, start: (process: AppProcess) => Promise<void>): void {
  const logger = createLogger({ app, level: process.env.MILLRACE_LOG_LEVEL });
  let running: AppProcess;
  try {
    running = new AppProcess(app, logger);
  } catch (error) {
    logger.fatal({ err: error }, `starting ${app}`);
    process.exit(1);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void running.stop());
  process.on('uncaughtException', (error) => running.fail(error, `running ${app}`));
  process.on('unhandledRejection', (error) => running.fail(error, `running ${app}`));
  collectProcessMetrics(metrics);
  start(running)
    .then(() => running.serveHealth())
    .catch((error: unknown) => running.fail(error, `starting ${app}`));
}
