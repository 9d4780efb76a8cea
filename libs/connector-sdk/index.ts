/** What a connector is built from: the contract, configuration, faults, an HTTP client with its parts. */
export * from './budget';
export * from './config-spec';
export * from './contract';
export * from './faults';
export { HttpClient } from './http-client';
export type { HttpAnswer, HttpClientOptions, HttpRequest } from './http-client';
export * from './lossless-json';
export * from './redact';
export { backoffMs, DEFAULT_RETRY, parseRetryAfter } from './retry';
export type { RetryPolicy } from './retry';
export { sleep } from './sleep';
export type { Sleep } from './sleep';
export * from './token-auth';
