import {
  KafkaDeadLetters,
  SinkRuntime,
  StoreExceptionJournal,
  StoreOpenFailures,
  writableEntities,
} from '#runtime';
import type { HubContext } from '#runtime';
import type { Logger } from '#telemetry';
import type { ConfiguredSink } from './sink.config';

/** Puts the runtime of a sink together. `close` comes after its `drain`, when the group was left. */
export function openSink(
  { definition, open }: ConfiguredSink,
  hub: HubContext,
  logger: Logger,
): { runtime: SinkRuntime; close(): Promise<void> } {
  const { name } = definition;
  const { topics } = hub.settings;
  const stopped = new AbortController();
  const sink = open({ signal: stopped.signal, now: Date.now, logger });
  const deadLetters = new KafkaDeadLetters(hub.log, topics.deadLetter, name);
  const runtime = new SinkRuntime({
    name,
    sink,
    entities: writableEntities(definition),
    topics,
    decoder: hub.eventDecoder(),
    journal: new StoreExceptionJournal(hub.pool),
    openFailures: new StoreOpenFailures(hub.pool),
    deadLetters,
    logger,
  });
  const close = async (): Promise<void> => {
    stopped.abort();
    await deadLetters.close();
    await sink.close();
  };
  return { runtime, close };
}
