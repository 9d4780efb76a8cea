/** A publisher through the death of its broker: on a Kafka of the suite's own, for others share the common one. */
import { ownStack } from '../support/stack';
import type { OwnStack } from '../support/stack';
import { PublisherHarness } from './publisher-harness';

jest.setTimeout(120_000);

describe('publishing while the broker is killed and comes back', () => {
  let own: OwnStack;
  let sut: PublisherHarness;
  beforeAll(async () => {
    own = await ownStack(['kafka']);
    sut = await PublisherHarness.create(own.stack.addresses.brokers);
    await sut.begin();
  });
  afterAll(async () => {
    await sut.end();
    await sut.drop();
    await own.stop();
  });

  it('publishes what was committed in the meantime, in order, under the same epoch', async () => {
    const { holdAt } = await sut.local('host');
    await sut.put(['a1', 'a2']);
    await sut.untilSeen('a2');
    const { reached, release } = holdAt('sent');
    await sut.put(['b1', 'b2']);
    await reached;
    // The transaction is open at the broker when it dies.
    const back = own.killAndAwait('kafka');
    await sut.put(['c1']);
    release();
    await sut.put(['d1']);
    await back;
    await sut.put(['e1']);
    await sut.untilSeen('e1');
    await sut.untilPublished();
    const seen = sut.seen.get(0) ?? [];
    const once = [...new Set(seen)];
    expect(once).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'd1', 'e1']);
    // A commit whose answer was lost may have been made: then its batch comes again, whole and in order.
    const repeats = seen.filter((text, index) => seen.indexOf(text) < index);
    expect(once.join()).toContain(repeats.join());
    expect(await sut.epoch()).toBe(1);
  });
});
