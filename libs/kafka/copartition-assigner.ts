import { AssignerProtocol } from 'kafkajs';
import type { PartitionAssigner } from 'kafkajs';

/** Goes into the group protocol: members with another assigner cannot join the same group. */
const NAME = 'MillraceCopartitionAssigner';

/** Which partitions of which topics each member gets. */
export type GroupAssignment = Map<string, Record<string, number[]>>;

/**
 * Partition p of every topic goes to the same member, so that what the topics say of one product tree is
 * handled in one process. (kafkajs' round robin deals topic-partition pairs one by one and separates them.)
 * A member only gets topics that it has subscribed to; members that subscribe to the same topics share
 * every p. The result depends on nothing but its input, whoever leads the group.
 */
export function assignCopartitioned(
  subscriptions: ReadonlyMap<string, readonly string[]>,
  partitionsOf: (topic: string) => readonly number[],
): GroupAssignment {
  const members = [...subscriptions.keys()].sort();
  const assignment: GroupAssignment = new Map(members.map((member) => [member, {}]));
  const topics = new Set([...subscriptions.values()].flat());
  for (const topic of [...topics].sort()) {
    const candidates = members.filter((member) => subscriptions.get(member)?.includes(topic));
    for (const partition of partitionsOf(topic)) {
      const owner = candidates[partition % candidates.length];
      if (owner === undefined) continue;
      const owned = assignment.get(owner)!;
      (owned[topic] ??= []).push(partition);
    }
  }
  return assignment;
}

/** {@link assignCopartitioned} as a kafkajs assigner. */
export const copartitionAssigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: 0,
  async assign({ members }) {
    const subscriptions = new Map(
      members.map(({ memberId, memberMetadata }) => [
        memberId,
        AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [],
      ]),
    );
    // The leader knows only its own topics; during a roll-out another member may bring more.
    await cluster.addMultipleTargetTopics([...new Set([...subscriptions.values()].flat())]);
    const assignment = assignCopartitioned(subscriptions, (topic) =>
      cluster
        .findTopicPartitionMetadata(topic)
        .map(({ partitionId }) => partitionId)
        .sort((a, b) => a - b),
    );
    return [...assignment].map(([memberId, topics]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 0,
        assignment: topics,
        userData: Buffer.alloc(0),
      }),
    }));
  },
  protocol({ topics }) {
    return {
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
    };
  },
});
