import { randomUUID } from 'node:crypto';
import { SchemaRegistryClient } from '#kafka';
import { testNamespace } from '../../support/stack';

jest.setTimeout(60_000);

const schema = (fields: object[]): string =>
  JSON.stringify({ type: 'record', name: 'Product', namespace: 'test', fields });
const name = { name: 'name', type: 'string' };
const season = { name: 'season', type: ['null', 'string'], default: null };

describe('schema registry', () => {
  let url: string;
  let prefix: string;
  let drop: () => Promise<void>;
  let sut: SchemaRegistryClient;
  beforeAll(async () => {
    const namespace = await testNamespace();
    [url, prefix, drop] = [namespace.registryUrl, namespace.topicPrefix, () => namespace.dropAll()];
    sut = new SchemaRegistryClient({ url });
    await sut.prepare();
  });
  afterAll(() => drop());
  const subject = (): string => `${prefix}.${randomUUID()}-value`;

  test('sets the global level, and says that it is set', async () => {
    expect(await sut.prepare()).toEqual({ ok: true });
    const answer = await fetch(`${url}/config`);
    expect(await answer.json()).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
  });

  test('the same schema has the same id, and is found by it', async () => {
    const name1 = subject();
    const id = await sut.register(name1, schema([name]));
    expect(await sut.register(name1, schema([name]))).toBe(id);
    const other = new SchemaRegistryClient({ url });
    expect(JSON.parse(await other.schemaById(id))).toEqual(JSON.parse(schema([name])));
  });

  test('a compatible schema is accepted beside the former one', async () => {
    const subject1 = subject();
    const first = await sut.register(subject1, schema([name]));
    const second = await sut.register(subject1, schema([name, season]));
    expect(second).not.toBe(first);
  });

  test('an incompatible schema is refused, with the differences', async () => {
    const subject1 = subject();
    await sut.register(subject1, schema([name]));
    const refused = sut.register(subject1, schema([{ name: 'name', type: 'int' }]));
    await expect(refused).rejects.toMatchObject({ kind: 'config', code: 'incompatible_schema', status: 409 });
    await expect(refused).rejects.toThrow(
      new RegExp(`^registering the schema of ${subject1} at .*: Incompatible artifact.*INT.*STRING`),
    );
  });

  test('the first version counts too, not only the last one', async () => {
    const subject1 = subject();
    await sut.register(subject1, schema([name]));
    await sut.register(subject1, schema([name, season]));
    const retyped = { name: 'season', type: ['null', 'int'], default: null };
    await expect(sut.register(subject1, schema([name, retyped]))).rejects.toMatchObject({ status: 409 });
  });

  test('a subject that somebody registered without a level of its own is taken over', async () => {
    const subject1 = subject();
    const answer = await fetch(`${url}/subjects/${subject1}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: schema([name]) }),
    });
    const { id } = (await answer.json()) as { id: number };
    expect(await sut.register(subject1, schema([name]))).toBe(id);
    await expect(
      sut.register(subject1, schema([season, { name: 'new', type: 'int' }])),
    ).rejects.toMatchObject({
      status: 409,
    });
  });

  test('an id that does not exist is told from a registry that does not answer', async () => {
    await expect(sut.schemaById(2_000_000_000)).rejects.toMatchObject({ code: 'registry_not_found' });
    const away = new SchemaRegistryClient({ url: 'http://127.0.0.1:1/apis/ccompat/v7' });
    const unreachable = { kind: 'transient', code: 'registry_unreachable' };
    await expect(away.schemaById(1)).rejects.toMatchObject(unreachable);
    await expect(away.prepare()).rejects.toMatchObject(unreachable);
    await expect(away.register('a-value', schema([name]))).rejects.toMatchObject(unreachable);
  });
});
