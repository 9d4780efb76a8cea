/** What is needed to read products: attribute definitions, and category paths. */
import type { ConnectorContext } from '#connector-sdk';
import type { PlytixClient } from './plytix.client';
import { choices } from './plytix.endpoints';

/** How long definitions and categories serve reads by id, which come in numbers. Milliseconds. */
const KEEP_MS = 60_000;

/** Attribute definitions and categories as of one time. Categories are read when the first product needs them. */
export class AccountSchema {
  private paths: Promise<ReadonlyMap<string, string>> | null = null;

  constructor(
    /** `type_class` by label, without the attributes that are left out. */
    readonly types: ReadonlyMap<string, string>,
    /** Labels that are left out of every state. */
    readonly ignored: ReadonlySet<string>,
    private readonly client: PlytixClient,
  ) {}

  /**
   * Paths such as `Women/Shirts` of these categories, sorted: neither their order nor repetition means anything.
   * A category that is not in the tree (deleted a moment ago) appears as `#<id>`, so that nothing gets lost.
   */
  async categoryPaths(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    this.paths ??= readCategoryPaths(this.client);
    const paths = await this.paths.catch((error: unknown) => {
      this.paths = null;
      throw error;
    });
    return [...new Set(ids.map((id) => paths.get(id) ?? `#${id}`))].sort();
  }
}

/** Reads the schema anew, or keeps one for a while where a little age does no harm. */
export class AccountSchemas {
  private kept: { schema: AccountSchema; atMs: number } | null = null;

  constructor(
    private readonly client: PlytixClient,
    private readonly context: ConnectorContext,
    private readonly ignored: ReadonlySet<string>,
  ) {}

  /** As of now. */
  async read(): Promise<AccountSchema> {
    const atMs = this.context.now();
    const ignored = new Set(this.ignored);
    const types = new Map<string, string>();
    for (const { label, type_class } of await this.client.attributes()) {
      if ((choices.computedTypes as readonly string[]).includes(type_class)) ignored.add(label);
      else if (!ignored.has(label)) types.set(label, type_class);
    }
    const schema = new AccountSchema(types, ignored, this.client);
    this.kept = { schema, atMs };
    return schema;
  }

  /** Not older than a minute, and knowing these labels if anybody does. */
  async recent(labels: readonly string[] = []): Promise<AccountSchema> {
    const { kept } = this;
    const serves =
      kept !== null &&
      this.context.now() - kept.atMs < KEEP_MS &&
      labels.every((label) => kept.schema.types.has(label) || kept.schema.ignored.has(label));
    return serves ? kept.schema : this.read();
  }
}

/** The path is put together from the parents' names: the vendor's own `path` is not documented well enough. */
async function readCategoryPaths(client: PlytixClient): Promise<ReadonlyMap<string, string>> {
  const categories = await client.categories();
  const names = new Map(categories.map(({ id, name }) => [id, name.replaceAll('/', '\\/')]));
  return new Map(
    categories.map(({ id, parents_ids }) => [
      id,
      [...(parents_ids ?? []), id].map((step) => names.get(step) ?? `#${step}`).join('/'),
    ]),
  );
}
