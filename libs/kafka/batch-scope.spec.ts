import { KafkaJSProtocolError } from 'kafkajs';
import { BatchScope } from './batch-scope';
import type { ConsumerLink } from './batch-scope';
import { Generation } from './generation';

const protocolError = (type: string, retriable = false): Error =>
  Object.assign(new KafkaJSProtocolError(new Error(`the broker said ${type}`)), { type, retriable });

function scopeWith(link: Partial<ConsumerLink>) {
  const generation = new Generation(new Map([['t', [0]]]));
  const nothing = async (): Promise<void> => undefined;
  const sut = new BatchScope('t', 0, generation, { heartbeat: nothing, commit: nothing, ...link });
  return { sut, generation };
}

const rejectWith = (error: Error) => async (): Promise<void> => {
  throw error;
};

describe('the scope of a batch', () => {
  test('stays good while a broker that came back is still loading the group', async () => {
    const { sut, generation } = scopeWith({
      heartbeat: rejectWith(protocolError('NOT_COORDINATOR_FOR_GROUP')),
    });
    await expect(sut.heartbeat()).rejects.toMatchObject({ kind: 'transient' });
    expect([sut.isStale(), generation.isUnnoticed]).toEqual([false, false]);
  });

  test('commits once the coordinator has loaded the group', async () => {
    const answers = [protocolError('NOT_COORDINATOR_FOR_GROUP', true), null];
    const { sut } = scopeWith({
      commit: async () => {
        const answer = answers.shift();
        if (answer) throw answer;
      },
    });
    await sut.commit(7n);
    expect(answers).toEqual([]);
  });

  test('a rebalance that only a heartbeat of ours has seen makes the client join again', async () => {
    const { sut, generation } = scopeWith({ heartbeat: rejectWith(protocolError('UNKNOWN_MEMBER_ID')) });
    await sut.beat();
    expect([sut.isStale(), generation.isUnnoticed]).toEqual([true, true]);
  });

  test('a rebalance that the client announces is its own to deal with', () => {
    const { sut, generation } = scopeWith({});
    generation.endAnnounced();
    expect([sut.isStale(), generation.isUnnoticed]).toEqual([true, false]);
  });
});
