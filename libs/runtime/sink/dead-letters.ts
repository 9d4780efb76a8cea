import { deadLetterRecord, deadLetterTopicSpec } from '#kafka';
import type { EventLog, LogProducer } from '#kafka';
import type { UndecodableFailure } from './sink-failures';
import type { DeadLetters } from './sink-writer';

/** Sends dead letters to Kafka. Connects, and makes the topic if it is missing, with the first letter. */
export class KafkaDeadLetters implements DeadLetters {
  private producer: Promise<LogProducer> | null = null;

  /** @param connector Name of the sink, for the headers. */
  constructor(
    private readonly log: EventLog,
    private readonly topic: string,
    private readonly connector: string,
  ) {}

  /** After a rejection the call may be repeated: letters may then be there twice, none is missing. */
  async send(letters: readonly UndecodableFailure[]): Promise<void> {
    const records = letters.map(({ incoming, cause }) =>
      deadLetterRecord(incoming.record, incoming, cause.error, {
        connector: this.connector,
        stage: cause.stage,
        topic: this.topic,
      }),
    );
    this.producer ??= this.connect();
    try {
      await (await this.producer).send(records);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = null;
    await producer?.then((open) => open.close()).catch(() => undefined);
  }

  private async connect(): Promise<LogProducer> {
    const admin = await this.log.admin();
    try {
      const topics = await admin.listTopics();
      if (!topics.some(({ name }) => name === this.topic))
        await admin.ensureTopics([deadLetterTopicSpec(this.topic)]);
    } finally {
      await admin.close();
    }
    return this.log.producer();
  }
}
