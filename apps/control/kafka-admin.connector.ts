import { KafkajsEventLog, kafkaSettingsFromEnv } from '#kafka';
import type { EventLog, LogAdmin } from '#kafka';
import type { Logger } from '#telemetry';
import { AdminConnector } from './lag.service';

/** Opens admin connections to the cluster that the KAFKA_* variables name. */
export class KafkaAdminConnector extends AdminConnector {
  private readonly log: EventLog;

  /** Throws when the variables are missing or wrong. */
  constructor(env: NodeJS.ProcessEnv, logger: Logger) {
    super();
    this.log = new KafkajsEventLog(kafkaSettingsFromEnv(env, 'millrace-control'), logger);
  }

  open(): Promise<LogAdmin> {
    return this.log.admin();
  }
}
