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
    const t0=Date.now(); const T=(m:string)=>require('fs').appendFileSync('/tmp/spine-int/t.log',`${Date.now()-t0} ${m}\n`);
    const { holdAt, steps } = await sut.local('host'); let n=0; const iv=setInterval(()=>{ if(steps.length>n){T(steps.slice(n).join()+' seen '+(sut.seen.get(0)??[]).join());n=steps.length} },50); iv.unref();
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
    T('killing'); await back; T('back');
    await sut.put(['e1']);
    await sut.untilSeen('e1', 0);
    T('seen e1'); await sut.untilPublished();
    clearInterval(iv);
    // A commit whose answer was lost may have been made: then the batch comes again, whole.
    const once = [...new Set(sut.seen.get(0))];
    expect(once).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'd1', 'e1']);
    const repeats = (sut.seen.get(0) ?? []).length - once.length;
    expect([0, 2, 3, 4]).toContain(repeats);
    expect(await sut.epoch()).toBe(1);
  });
});
