import { Client } from 'pg';
import { sharedStack, testNamespace } from '../support/stack';

describe('a test namespace', () => {
  it('has an empty database of its own on the shared stack', async () => {
    const sut = await testNamespace();
    const client = new Client({ connectionString: sut.databaseUrl });
    await client.connect();
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await sut.dropAll();
    expect(sut.brokers).toEqual(sharedStack().brokers);
  });
});
