import { Catch } from '@nestjs/common';
import type { ArgumentsHost, RpcExceptionFilter } from '@nestjs/common';
import { BaseRpcContext, Server } from '@nestjs/microservices';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { BatchContext, ConsumeOptions, EventLog, RecordBatch, Subscription } from './event-log';
import { KafkaConfigError } from './faults';

export interface EventLogServerOptions {
  log: EventLog;
  /** What to consume for each pattern of an `@EventPattern`. */
  subscriptions: Readonly<Record<string, ConsumeOptions>>;
  /** A subscription has ended for good although nobody closed it: the app must stop or report. */
  onEnded?(pattern: string, error: Error | null): void;
}

/** `joined` once all subscriptions run, `stopped` after close. */
export type EventLogStatus = 'joined' | 'stopped';

/** What `@Ctx()` gives to a handler: the context of its batch. */
export class EventLogContext extends BaseRpcContext<[BatchContext]> implements BatchContext {
  constructor(private readonly batch: BatchContext) {
    super([batch]);
  }

  get signal(): AbortSignal {
    return this.batch.signal;
  }

  heartbeat(): Promise<void> {
    return this.batch.heartbeat();
  }

  commit(nextOffset: bigint): Promise<void> {
    return this.batch.commit(nextOffset);
  }

  isStale(): boolean {
    return this.batch.isStale();
  }
}

/**
 * Runs Nest microservices on the event log. A handler is `@EventPattern('<name of a subscription>')` and gets
 * whole batches, tombstones included: `@Payload() batch: RecordBatch, @Ctx() context: BatchContext`. (Nest's
 * own Kafka transport knows single messages only, and hands the message object on where a value is null.)
 *
 * A handler that rejects gets the same batch again after a pause; offsets are committed by the handler, never
 * by the transport. Give the application a {@link BatchExceptionFilter}, or logs will show Nest's
 * "Internal server error" instead of the cause.
 */
export class EventLogServer
  extends Server<Record<string, never>, EventLogStatus>
  implements CustomTransportStrategy
{
  override readonly transportId = Symbol('millrace.event-log');
  override readonly propagatesEventHandlerErrors = true;
  private readonly running = new Map<string, Subscription>();

  constructor(private readonly options: EventLogServerOptions) {
    super();
  }

  /** Starts all subscriptions. Handlers and subscriptions must match one to one. */
  listen(callback: (error?: unknown) => void): void {
    this.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /** Resolves when the running batches have ended and the groups were left. */
  async close(): Promise<void> {
    await Promise.all([...this.running.values()].map((subscription) => subscription.close()));
    this.running.clear();
    this.announce('stopped');
  }

  /** The subscription of a pattern, to pause, resume or seek. */
  subscription(pattern: string): Subscription {
    const subscription = this.running.get(pattern);
    if (subscription === undefined) {
      throw new KafkaConfigError(`looking for subscription ${pattern}: it does not run`, 'unknown_pattern');
    }
    return subscription;
  }

  /** Nest's way to events of a transport; there are none beside {@link EventLogServerOptions.onEnded}. */
  on(event: string): never {
    throw new KafkaConfigError(`listening to ${event}: the event log has no such event`, 'unknown_event');
  }

  unwrap<T>(): T {
    return this.options.log as T;
  }

  private async start(): Promise<void> {
    this.assertHandlersMatch();
    try {
      for (const [pattern, options] of Object.entries(this.options.subscriptions)) {
        const subscription = await this.options.log.consume(options, (batch, context) =>
          this.dispatch(pattern, batch, context),
        );
        this.running.set(pattern, subscription);
        this.watch(pattern, subscription);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    this.announce('joined');
  }

  private announce(status: EventLogStatus): void {
    // oxlint-disable-next-line no-underscore-dangle -- the name is Nest's
    this._status$.next(status);
  }

  private assertHandlersMatch(): void {
    const handled = [...this.messageHandlers.keys()];
    const subscribed = Object.keys(this.options.subscriptions).map((name) => this.normalizePattern(name));
    const unknown = handled.find((pattern) => !subscribed.includes(pattern));
    if (unknown !== undefined) {
      throw new KafkaConfigError(
        `starting handler ${unknown}: there is no such subscription`,
        'no_subscription',
      );
    }
    const idle = subscribed.find((pattern) => !handled.includes(pattern));
    if (idle !== undefined) {
      throw new KafkaConfigError(`starting subscription ${idle}: it has no handler`, 'no_handler');
    }
  }

  private watch(pattern: string, subscription: Subscription): void {
    const report = (error: Error | null): void => {
      if (this.running.get(pattern) !== subscription) return;
      this.options.onEnded?.(pattern, error);
    };
    subscription.ended.then(
      () => report(null),
      (error: unknown) => report(toError(error)),
    );
  }

  private async dispatch(pattern: string, batch: RecordBatch, batchContext: BatchContext): Promise<void> {
    const handler = this.messageHandlers.get(this.normalizePattern(pattern))!;
    const context = new EventLogContext(batchContext);
    // Not by what the hooks return: one that does not pass the promise on would swallow the failure.
    await new Promise<void>((resolve, reject) => {
      this.runWithProcessingHooks(context, async (runEndHook) => {
        try {
          const result: unknown = await handler(batch, context);
          if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
          resolve();
        } catch (error) {
          reject(toError(error));
        } finally {
          runEndHook();
        }
      });
    });
  }
}

/**
 * Hands what a handler threw on to the consumer as it is. Without it Nest logs the error by itself and passes
 * on `{ status: 'error', message: 'Internal server error' }`.
 */
@Catch()
export class BatchExceptionFilter implements RpcExceptionFilter<unknown> {
  catch(exception: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => exception);
  }
}

function toError(error: unknown): Error {
  if (error instanceof Error) return error;
  const isObject = typeof error === 'object' && error !== null;
  const message = isObject && 'message' in error ? String(error.message) : String(error);
  return new Error(`handling a batch: ${message}`, { cause: error });
}
