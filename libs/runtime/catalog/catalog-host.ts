/** Makes the catalog of one process: rules activated, topics prepared, ready to take batches. */
import type { SystemName } from '#contracts';
import type { ConsumeOptions } from '#kafka';
import { activateRules } from '#store';
import type { RulesVersion } from '#store';
import { onConnection } from '../commit/on-connection';
import { StoreExceptionJournal } from '../exceptions';
import { RECORD_ENTITIES } from '../hub-context';
import type { HubContext } from '../hub-context';
import { LeaseKeeper } from '../lease/lease-keeper';
import type { PublisherHost } from '../publisher/publisher-host';
import type { LoadedRules } from '../rules';
import { CatalogCommitter } from './catalog-committer';
import { CatalogConsumer } from './catalog-consumer';
import { RulesReevaluation } from './reevaluation';

/** Name of the subscription under which the catalog receives source topics. */
export const SOURCE_EVENTS = 'source-events';

export interface Catalog {
  committer: CatalogCommitter;
  consumer: CatalogConsumer;
  subscription: ConsumeOptions;
  rulesVersion: RulesVersion;
  /** Stops the re-evaluation and closes what the catalog opened. */
  close(): Promise<void>;
}

/** The topics of all systems that have a source mapping, whether a connector for them runs or not. */
export function sourceTopics(hub: HubContext, systems: Iterable<SystemName>): string[] {
  const { topics } = hub.settings;
  return [...systems]
    .sort()
    .flatMap((system) => RECORD_ENTITIES.map((entity) => topics.source(system, entity)));
}

/** Activates the rules that this process holds and prepares everything that it writes to. */
export async function openCatalog(
  hub: HubContext,
  publishers: PublisherHost,
  rules: LoadedRules,
): Promise<Catalog> {
  const { settings, topology, pool, log, logger } = hub;
  const { topics } = settings;
  const inputs = sourceTopics(hub, rules.sourceMappings.keys());
  await hub.ensureTopics(inputs);
  const author = { connector: 'millrace', name: 'catalog', system: 'catalog' };
  const encoder = await hub.recordEncoder(author, (entity) => topics.catalog(entity));
  const rulesVersion = await activate(hub, rules);
  const committer = new CatalogCommitter({
    committer: hub.committer(publishers),
    encoder,
    rules: rules.ownership,
    rulesVersion,
    partitions: topology.partitions,
  });
  const deadLetters = await log.producer();
  const consumer = new CatalogConsumer({
    committer,
    decoder: hub.eventDecoder(),
    journal: new StoreExceptionJournal(pool),
    deadLetters,
    deadLetterTopic: topics.deadLetter,
    logger,
  });
  const reevaluation = reevaluate(hub, committer, rulesVersion.number);
  const subscription = { groupId: topics.group('catalog'), topics: inputs, concurrency: topology.partitions };
  const close = async (): Promise<void> => {
    await reevaluation.stop();
    await deadLetters.close();
  };
  return { committer, consumer, subscription, rulesVersion, close };
}

/** Starts what brings all records to the rules that are in force now. */
function reevaluate(hub: HubContext, committer: CatalogCommitter, rulesVersion: number): LeaseKeeper {
  const { pool, settings, logger } = hub;
  const { instance, leaseTimes } = settings;
  const work = new RulesReevaluation({ pool, committer, rulesVersion, leaseTtlMs: leaseTimes.ttlMs });
  const keeper = new LeaseKeeper(
    pool,
    instance,
    { name: work.name, run: work.run.bind(work) },
    logger,
    leaseTimes,
  );
  keeper.start();
  return keeper;
}

async function activate(hub: HubContext, rules: LoadedRules): Promise<RulesVersion> {
  return onConnection(hub.pool, async (tx) => {
    await tx.query('begin');
    const version = await activateRules(tx, rules.hash, rules.texts);
    await tx.query('commit');
    if (version.activated) hub.logger.debug({ rules: version.number }, 'rules activated');
    return version;
  });
}
