/** The runtime of batch sinks: catalog topics in, a target brought to the golden records. */
export { KafkaDeadLetters } from './dead-letters';
export { StoreOpenFailures } from './open-failures';
export type { OpenFailure, OpenFailures } from './open-failures';
export { openGate } from './sink-gate';
export type { Admission, SinkGate } from './sink-gate';
export { DEFAULT_SINK_OPTIONS, SinkRuntime, writableEntities } from './sink-runtime';
export type { SinkRuntimeOptions, SinkRuntimeParts } from './sink-runtime';
export type { DeadLetters } from './sink-writer';
