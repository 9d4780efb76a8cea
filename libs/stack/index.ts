/** The local stack: Kafka, registry and PostgreSQL as supervised child processes, and the hub's apps on top of them. */
export { APPS, startHub } from './hub';
export type { HubOptions, RunningHub } from './hub';
export type { RunFile, SandboxAddress } from './run-file';
export { StackError } from './stack-error';
export { cacheDirectory, homeDirectory, HomePaths, packageRoot } from './paths';
export { lockHolder } from './home-lock';
export { LocalStack } from './local-stack';
export type { LocalStackOptions, StackAddresses, StackPart } from './local-stack';
export type { OnProgress, ProgressDetail, ProgressState } from './progress';
export { SupervisedProcess } from './supervised-process';
export type { ProcessSpec, ProcessState, ProcessStatus } from './supervised-process';
export { Supervisor } from './supervisor';
export { freePort } from './ports';
export { stackVersions } from './versions';
export type { StackVersions } from './versions';
