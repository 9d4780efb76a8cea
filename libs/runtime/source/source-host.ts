/** Runs the tasks of the configured source connectors, each under its lease, and a share of the publishers. */
import type { ConnectorDefinition, SourceConnector } from '#connector-sdk';
import type { Rules } from '#pipeline';
import type { Logger } from '#telemetry';
import { LeaseKeeper } from '../lease/lease-keeper';
import type { HubContext } from '../hub-context';
import type { PublisherHost } from '../publisher/publisher-host';
import { SourceCommitter } from './source-committer';
import { SourceTaskRunner } from './source-task';

/** A connector with the environment prefix of its configuration: `PLYTIX_`. */
export interface SourceSpec {
  definition: ConnectorDefinition;
  config: unknown;
  pollIntervalMs: number;
  sweepIntervalMs: number;
}

/** A sweep that misses more than this share is not believed. */
const DELETE_GUARD_SHARE = 0.3;

export class SourceHost {
  private readonly stopping = new AbortController();
  private readonly connectors: SourceConnector[] = [];
  private readonly keepers: LeaseKeeper[] = [];

  constructor(
    private readonly hub: HubContext,
    private readonly publishers: PublisherHost,
    private readonly rules: Rules,
  ) {}

  /** Prepares the connector's topics and starts its tasks. */
  async add(spec: SourceSpec): Promise<void> {
    const { definition } = spec;
    const { settings, pool, topology } = this.hub;
    const system = definition.system(spec.config);
    const logger = this.hub.logger.child({ connector: definition.name, system });
    const encoder = await this.hub.recordEncoder(
      { connector: definition.name, name: system, system },
      (entity) => settings.topics.source(system, entity),
    );
    const committer = new SourceCommitter({
      pool,
      committer: this.hub.committer(this.publishers),
      encoder,
      system,
      rules: this.rules.ownership,
      partitions: topology.partitions,
      leaseTtlMs: settings.leaseTimes.ttlMs,
    });
    const mapping = this.rules.sourceMappings.get(system);
    if (!mapping)
      throw new Error(
        `starting ${definition.name}: there is no schemas/rules/mappings/${system}.source.yaml. Write one, or name another system.`,
      );
    const connector = this.connect(spec, logger);
    for (const task of connector.tasks()) {
      const runner = new SourceTaskRunner({
        pool,
        connector,
        task,
        mapping,
        committer,
        logger,
        pollIntervalMs: spec.pollIntervalMs,
        sweepIntervalMs: spec.sweepIntervalMs,
        deleteGuardShare: DELETE_GUARD_SHARE,
        now: Date.now,
      });
      this.keep(runner, logger);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.keepers.map((keeper) => keeper.stop()));
    await Promise.all(this.connectors.map((connector) => connector.close()));
  }

  private connect({ definition, config }: SourceSpec, logger: Logger): SourceConnector {
    if (!definition.source) throw new Error(`starting ${definition.name}: this connector is no source`);
    const context = { signal: this.stopping.signal, now: Date.now, logger };
    const connector = definition.source(config, context);
    this.connectors.push(connector);
    return connector;
  }

  private keep(runner: SourceTaskRunner, logger: Logger): void {
    const work = { name: runner.leaseName, run: runner.run.bind(runner) };
    const { pool, settings } = this.hub;
    const keeper = new LeaseKeeper(pool, settings.instance, work, logger, settings.leaseTimes);
    this.keepers.push(keeper);
    keeper.start();
  }
}
