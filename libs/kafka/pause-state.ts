interface TopicPauses {
  /** The whole topic is paused, but for `resumed`. */
  all: boolean;
  paused: Set<number>;
  resumed: Set<number>;
}

/**
 * What the owner of a subscription has paused. Kept outside of kafkajs, which forgets it when it restarts a
 * consumer after a lost connection.
 */
export class PauseState {
  private readonly topics = new Map<string, TopicPauses>();

  pause(topic: string, partitions?: readonly number[]): void {
    if (partitions === undefined) {
      this.topics.set(topic, { all: true, paused: new Set(), resumed: new Set() });
      return;
    }
    const pauses = this.topics.get(topic) ?? { all: false, paused: new Set(), resumed: new Set() };
    for (const partition of partitions) {
      pauses.paused.add(partition);
      pauses.resumed.delete(partition);
    }
    this.topics.set(topic, pauses);
  }

  resume(topic: string, partitions?: readonly number[]): void {
    if (partitions === undefined) {
      this.topics.delete(topic);
      return;
    }
    const pauses = this.topics.get(topic);
    for (const partition of partitions) {
      pauses?.paused.delete(partition);
      if (pauses?.all) pauses.resumed.add(partition);
    }
  }

  isPaused(topic: string, partition: number): boolean {
    const pauses = this.topics.get(topic);
    if (pauses === undefined) return false;
    return pauses.paused.has(partition) || (pauses.all && !pauses.resumed.has(partition));
  }
}
