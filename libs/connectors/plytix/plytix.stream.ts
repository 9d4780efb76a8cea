/**
 * Following changes. Plytix has no feed: each poll lists the newest `modified` first, from the top down. Ascending
 * order could skip a row that is edited while pages are read; descending only shows one twice.
 */
import type { Page } from '#connector-sdk';
import type { PlytixClient } from './plytix.client';
import { choices } from './plytix.endpoints';
import { streamOffset } from './plytix.offset';
import type { PlytixOffset, StreamPosition, WalkPosition } from './plytix.offset';
import { entityOfLevel } from './plytix.rows';
import type { ProductReader, Wanted } from './plytix.reader';
import type { AccountSchemas } from './plytix.schema';
import { dayOf, parseTime } from './plytix.times';
import { changeRow } from './plytix.types';
import type { ChangeRow } from './plytix.types';
import { nextPage, nextSlice, sliceFilter, splitSlice, startWalk } from './plytix.walk';

export interface StreamParts {
  client: PlytixClient;
  reader: ProductReader;
  schemas: AccountSchemas;
  now(): number;
  pageSize: number;
  overlapMs: number;
  settleMs: number;
}

/** What one poll found in the list of changes. */
interface Findings {
  changed: ChangeRow[];
  /** Newest `modified` of all, milliseconds since the epoch. */
  watermark: number | null;
}

/**
 * One stream of changes. What it remembers between polls only saves calls: an idle poll reads one page, and the
 * whole overlap is read again at least every half of its length while the newest change is young.
 */
export class ChangeStream {
  private lastDeepAtMs = -Infinity;
  private watermark: { ms: number | null; sinceMs: number; settled: boolean } | null = null;

  constructor(private readonly parts: StreamParts) {}

  /**
   * The position of now: everything that is changed from here on will be found by `poll`. What lies within the
   * overlap counts as seen, since whoever asks for the position reads everything afterwards.
   */
  async position(): Promise<StreamPosition> {
    const nowMs = this.parts.now();
    const { value: page } = await this.parts.client.searchProducts({
      columns: choices.changeColumns,
      page: 1,
      order: choices.newestFirst,
    });
    const watermark = page ? newest(page.data.map(toChange)) : await this.newestOfMany();
    const from = { watermark, seen: {}, again: {} };
    if (watermark === null) return from;
    const found = await this.findChanges(from, nowMs);
    const position = this.advanced(from, found.changed, found.watermark);
    // A parent that was changed just now may be ahead of its variants in the search.
    const young = (position.watermark ?? 0) - this.parts.settleMs;
    const parents = found.changed.filter((row) => isParent(row) && (parseTime(row.modified) ?? 0) >= young);
    return { ...position, again: this.secondLooks(parents, nowMs) };
  }

  /** Pages of what changed since `from`, products before variants; none at all when nothing did. */
  async *poll(from: StreamPosition): AsyncGenerator<Page<PlytixOffset>> {
    const startedAtMs = this.parts.now();
    const { changed, watermark } = await this.findChanges(from, startedAtMs);
    const due = Object.keys(from.again).filter((id) => from.again[id]! <= startedAtMs);
    if (changed.length === 0 && due.length === 0) return;
    const schema = await this.parts.schemas.read();
    const products = changed.filter(isProduct);
    const variants = changed.filter((row) => !isProduct(row));
    const parents = changed.filter(isParent);
    const again = { ...without(from.again, due), ...this.secondLooks(parents, startedAtMs) };
    const children = await this.childrenOf([...withOtherVariants(parents, variants), ...due], variants);
    const chunks = [
      ...this.chunked(products.map(toWanted)),
      ...this.chunked([...variants.map(toWanted), ...children]),
    ];
    const end = streamOffset({ ...this.advanced(from, changed, watermark), again });
    // A poll that is interrupted is done again: a parent counts as seen only when its variants were read as well.
    const start = streamOffset(from);
    if (chunks.length === 0) yield { observations: [], offset: end };
    for (const [index, chunk] of chunks.entries()) {
      const observations = await this.parts.reader.observations(chunk, schema);
      yield { observations, offset: index === chunks.length - 1 ? end : start };
    }
  }

  /** Lists the newest changes that were not seen yet, down to the overlap or as far as there may be any. */
  private async findChanges(from: StreamPosition, nowMs: number): Promise<Findings> {
    const deep = this.isDeep(from, nowMs);
    const floor = from.watermark === null ? -Infinity : from.watermark - this.parts.overlapMs;
    const changed = new Map<string, ChangeRow>();
    let watermark = from.watermark;
    let walk = startWalk();
    while (walk.slices.length > 0) {
      const page = await this.changePage(walk, floor);
      if (page === null) {
        walk = splitSlice(walk, this.parts.now());
        continue;
      }
      const fresh = page.rows.filter((row) => isFresh(row, from, floor));
      for (const row of fresh) changed.set(row.id, row);
      watermark = later(watermark, newest(page.rows));
      const ordered = walk.slices[0]!.ordered;
      const reachedFloor = page.rows.some((row) => (parseTime(row.modified) ?? Infinity) < floor);
      const enough = ordered && (reachedFloor || (!deep && fresh.length === 0));
      walk = enough
        ? nextSlice(walk)
        : nextPage(walk, { rows: page.rows.length, count: page.count }, this.parts.pageSize);
    }
    this.noteDepth(deep, nowMs, changed.size === 0);
    return { changed: [...changed.values()], watermark };
  }

  private async changePage(
    walk: WalkPosition,
    floor: number,
  ): Promise<{ rows: ChangeRow[]; count: number } | null> {
    const slice = walk.slices[0]!;
    const since =
      floor === -Infinity
        ? []
        : [{ field: 'modified', operator: 'gte', value: dayOf(floor - choices.filterDateMarginMs) } as const];
    const all = [...since, ...sliceFilter(slice)];
    const { value: page } = await this.parts.client.searchProducts({
      filters: all.length > 0 ? [all] : [],
      columns: choices.changeColumns,
      page: walk.page,
      order: slice.ordered ? choices.newestFirst : null,
    });
    return page && { rows: page.data.map(toChange), count: page.pagination.count };
  }

  /**
   * A deep poll reads the whole overlap. It is due while late rows may still turn up in the search: at the start,
   * then every half overlap, until the newest change is older than the overlap and a deep poll has found nothing.
   */
  private isDeep(from: StreamPosition, nowMs: number): boolean {
    if (this.watermark?.ms !== from.watermark) {
      this.watermark = { ms: from.watermark, sinceMs: nowMs, settled: false };
    }
    return !this.watermark!.settled && nowMs - this.lastDeepAtMs >= this.parts.overlapMs / 2;
  }

  private noteDepth(deep: boolean, nowMs: number, foundNothing: boolean): void {
    if (!deep) return;
    this.lastDeepAtMs = nowMs;
    const age = nowMs - (this.watermark?.sinceMs ?? nowMs);
    if (this.watermark && foundNothing && age >= this.parts.overlapMs) this.watermark.settled = true;
  }

  /** Inherited values do not move a variant's `modified`, so a parent's change may be one of all below it. */
  private async childrenOf(parents: readonly string[], variants: readonly ChangeRow[]): Promise<Wanted[]> {
    const known = new Set(variants.map(({ id }) => id));
    const children: Wanted[] = [];
    const queue = [...new Set(parents)];
    for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
      for (const { id, sku, num_variations } of await this.parts.client.variantsOf(parent)) {
        if (known.has(id)) continue;
        known.add(id);
        children.push({ id, sku: sku ?? null, entity: 'variant' });
        if ((num_variations ?? 0) > 0) queue.push(id);
      }
    }
    return children;
  }

  private secondLooks(parents: readonly ChangeRow[], nowMs: number): Record<string, number> {
    if (this.parts.settleMs === 0) return {};
    return Object.fromEntries(parents.map(({ id }) => [id, nowMs + this.parts.settleMs]));
  }

  private advanced(
    from: StreamPosition,
    changed: readonly ChangeRow[],
    watermark: number | null,
  ): Pick<StreamPosition, 'watermark' | 'seen'> {
    const floor = (watermark ?? -Infinity) - this.parts.overlapMs;
    const all = { ...from.seen, ...Object.fromEntries(changed.map((row) => [row.id, row.modified ?? ''])) };
    const seen = Object.entries(all).filter(([, modified]) => (parseTime(modified) ?? Infinity) >= floor);
    return { watermark, seen: Object.fromEntries(seen) };
  }

  private chunked(wanted: readonly Wanted[]): Wanted[][] {
    const size = this.parts.reader.chunkSize;
    const chunks = Math.ceil(wanted.length / size);
    return Array.from({ length: chunks }, (_, n) => wanted.slice(n * size, (n + 1) * size));
  }

  /**
   * The newest change of an account with too many products to order. If the last days alone are too many, or empty,
   * a day ago stands for it: it lies before the snapshot by whatever clock, and what is read twice does no harm.
   */
  private async newestOfMany(): Promise<number> {
    const page = await this.changePage(startWalk(), this.parts.now());
    return (page && newest(page.rows)) ?? this.parts.now() - choices.filterDateMarginMs;
  }
}

function toChange(row: { id: string }): ChangeRow {
  return changeRow.parse(row);
}

function toWanted(row: ChangeRow): Wanted {
  return { id: row.id, sku: row.sku, entity: entityOfLevel(row.product_level), modified: row.modified };
}

function isProduct(row: ChangeRow): boolean {
  return entityOfLevel(row.product_level) === 'product';
}

function isParent(row: ChangeRow): boolean {
  return (row.num_variations ?? 0) > 0;
}

/** Ids of parents of which not all variants are among the changed ones; after an import usually all are. */
function withOtherVariants(parents: readonly ChangeRow[], variants: readonly ChangeRow[]): string[] {
  const changed = new Map<string, number>();
  for (const { parent_id } of variants)
    if (parent_id) changed.set(parent_id, (changed.get(parent_id) ?? 0) + 1);
  return parents
    .filter(({ id, num_variations }) => (changed.get(id) ?? 0) < (num_variations ?? 0))
    .map(({ id }) => id);
}

/** New within the overlap; a row whose time cannot be read is looked at once. */
function isFresh(row: ChangeRow, from: StreamPosition, floor: number): boolean {
  const changedAtMs = parseTime(row.modified) ?? Infinity;
  return changedAtMs >= floor && from.seen[row.id] !== (row.modified ?? '');
}

function newest(rows: readonly ChangeRow[]): number | null {
  return rows.reduce<number | null>((best, row) => later(best, parseTime(row.modified)), null);
}

function later(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function without(record: Record<string, number>, ids: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(record).filter(([id]) => !ids.includes(id)));
}
