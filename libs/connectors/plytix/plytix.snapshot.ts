/** The full read: products first, then variants, then sub-variants, page by page. */
import type { Page } from '#connector-sdk';
import type { Filter, PlytixClient, ProductSearch } from './plytix.client';
import { choices } from './plytix.endpoints';
import { streamOffset } from './plytix.offset';
import type { PlytixOffset, Slice, SnapshotOffset } from './plytix.offset';
import { columnPacks } from './plytix.reader';
import type { ProductReader } from './plytix.reader';
import type { AccountSchema, AccountSchemas } from './plytix.schema';
import { nextPage, sliceFilter, splitSlice, startWalk } from './plytix.walk';

/** Product levels in the order in which they are read, so that a parent comes before its variants. */
const STAGES: readonly (readonly number[])[] = [[0, 1], [2], [3]];

export interface SnapshotParts {
  client: PlytixClient;
  reader: ProductReader;
  schemas: AccountSchemas;
  pageSize: number;
  now(): number;
}

/** Pages of a snapshot, from the beginning or from the page after the last committed one. */
export async function* snapshotPages(
  parts: SnapshotParts,
  resume: PlytixOffset,
): AsyncGenerator<Page<PlytixOffset>> {
  let at = resume.phase === 'snapshot' ? resume : startSnapshot(resume);
  const schema = await parts.schemas.read();
  while (at.stage < STAGES.length) {
    const search = searchOf(at, schema);
    if (search === null) {
      at = { ...at, stage: at.stage + 1, walk: startWalk() };
      continue;
    }
    const { value: page, requestedAtMs } = await parts.client.searchProducts(search);
    if (page === null) {
      at = { ...at, walk: splitSlice(at.walk, parts.now()) };
      continue;
    }
    const observations = await parts.reader.completed({ value: page.data, requestedAtMs }, schema);
    const { count, total_count } = page.pagination;
    const walk = nextPage(at.walk, { rows: page.data.length, count }, parts.pageSize);
    at = { ...at, walk, read: at.read + observations.length };
    const progress = { read: at.read, total: total_count ?? null };
    if (observations.length > 0) yield { observations, offset: at, progress };
  }
  const progress = { read: at.read, total: at.read };
  yield { observations: [], offset: streamOffset(at.position), complete: true, progress };
}

function startSnapshot({ position }: PlytixOffset): SnapshotOffset {
  return { v: 1, phase: 'snapshot', position, stage: 0, walk: startWalk(), read: 0 };
}

/** The next search; null when this stage has been read. */
function searchOf(at: SnapshotOffset, schema: AccountSchema): ProductSearch | null {
  const slice = at.walk.slices[0];
  if (!slice) return null;
  const filters = STAGES[at.stage]!.map((level): Filter[] => [
    { field: 'product_level', operator: 'eq', value: level },
    ...sliceFilter(slice),
  ]);
  const order = slice.ordered ? choices.stableOrder : null;
  return { filters, columns: columnPacks(schema)[0]!, page: at.walk.page, order };
}

/**
 * Levels of all product ids from one complete pass; `complete` tells whether it was. What is created during the
 * pass may be missing, what existed all the time may not.
 */
export async function allLevels(
  parts: Pick<SnapshotParts, 'client' | 'pageSize' | 'now'>,
): Promise<{ levels: ReadonlyMap<string, unknown>; complete: boolean }> {
  const levels = new Map<string, unknown>();
  let expected = 0;
  let fewest = Infinity;
  let walk = startWalk();
  for (let slice = walk.slices[0]; slice; slice = walk.slices[0]) {
    const { value: page } = await parts.client.searchProducts(levelSearch(slice, walk.page));
    if (page === null) {
      walk = splitSlice(walk, parts.now());
      continue;
    }
    for (const row of page.data) levels.set(row.id, row['product_level']);
    const { count } = page.pagination;
    fewest = Math.min(fewest, count);
    const next = nextPage(walk, { rows: page.data.length, count }, parts.pageSize);
    if (next.slices.length < walk.slices.length) {
      expected += fewest;
      fewest = Infinity;
    }
    walk = next;
  }
  return { levels, complete: levels.size >= expected };
}

function levelSearch(slice: Slice, page: number): ProductSearch {
  const created = sliceFilter(slice);
  const filters = created.length > 0 ? [created] : [];
  return { filters, columns: ['product_level'], page, order: slice.ordered ? choices.stableOrder : null };
}
