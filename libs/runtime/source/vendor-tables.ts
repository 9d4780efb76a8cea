/**
 * For specs only: answers the queries of `SourceSetLoader` from a `VendorWorld`, so that a history can be played
 * with no more in hand than what a commit would have read. A query that it does not know is an error.
 */
import { codeKey } from '#store';
import type { Queryable } from '#store';
import { placeKey } from '../commit/record-change';
import type { SourceRecord, SourceState } from './source-model';
import type { VendorWorld } from './vendor-world';

type Asked = { entity: string; vendorId: string; code: string; e: string; v: string };

/** By a piece of the statement that no other statement has: the rows that it gives. */
const ANSWERS: readonly [string, (world: VendorWorld, json: string) => object[]][] = [
  [
    's.vendor_id = r."vendorId"',
    (world, json) =>
      statesWhere(
        world,
        matching(json, (a, s) => a.vendorId === s.vendorId),
      ),
  ],
  [
    's.claim = r.code',
    (world, json) =>
      statesWhere(
        world,
        matching(json, (a, s) => a.code === s.claim),
      ),
  ],
  ['s.parent_vendor_id in', (world, json) => statesWhere(world, childOf(list(json)))],
  ["s.held = 'duplicate_key'", (world, json) => statesWhere(world, waitingFor(world, list(json)))],
  [
    's.live and s.hub_id in',
    (world, json) => statesWhere(world, (s) => s.live && list(json).includes(s.hubId ?? '')),
  ],
  ['with own as', (world, json) => recordRows(world, list(json))],
];

/** The tables of a world, as a connection. */
export function vendorTables(world: VendorWorld): Queryable {
  const query = async (sql: string, parameters: readonly string[]): Promise<{ rows: object[] }> => {
    if (sql.includes('from identity i')) return { rows: identityRows(world, parameters[0]!) };
    const known = ANSWERS.find(([piece]) => sql.includes(piece));
    if (!known) throw new Error(`answering a query of the loader: this one is not known: ${sql}`);
    return { rows: known[1](world, parameters[1]!) };
  };
  return { query } as unknown as Queryable;
}

const list = (json: string): string[] => JSON.parse(json) as string[];

function matching(json: string, test: (asked: Asked, state: SourceState) => boolean) {
  const asked = JSON.parse(json) as Asked[];
  return (state: SourceState): boolean => asked.some((a) => a.entity === state.entity && test(a, state));
}

function childOf(parents: readonly string[]) {
  return ({ entity, live, parentVendorId }: SourceState): boolean =>
    entity === 'variant' && live && parentVendorId !== null && parents.includes(parentVendorId);
}

function waitingFor(world: VendorWorld, hubIds: readonly string[]) {
  return ({ live, held, entity, claim }: SourceState): boolean =>
    live &&
    held === 'duplicate_key' &&
    claim !== null &&
    hubIds.includes(world.identities.get(codeKey(entity, claim)) ?? '');
}

function statesWhere(world: VendorWorld, test: (state: SourceState) => boolean): object[] {
  return [...world.states.values()].filter(test).map((state) => ({
    entity: state.entity,
    vendor_id: state.vendorId,
    hub_id: state.hubId,
    live: state.live,
    claim: state.claim,
    claimed_at_ms: String(state.claimedAtMs),
    held: state.held,
    parent_vendor_id: state.parentVendorId,
    observed: state.observed,
    published: state.published,
    changed_at_ms: state.changedAtMs === null ? null : String(state.changedAtMs),
    vendor_time: state.vendorTime,
    answered_at_ms: String(state.answeredAtMs),
  }));
}

function recordRows(world: VendorWorld, hubIds: readonly string[]): object[] {
  const own = [...world.records.values()].filter((record) => hubIds.includes(record.hubId));
  const places = new Set(own.filter((record) => record.live).map(placeKey));
  const stands = (record: SourceRecord): boolean => record.live && places.has(placeKey(record));
  return [...world.records.values()]
    .filter((record) => own.includes(record) || stands(record))
    .map(({ entity, hubId, sequence, live, vendorId, productId, key, partition }) => ({
      entity,
      hub_id: hubId,
      sequence: String(sequence),
      live,
      vendor_id: vendorId,
      product_id: productId,
      key,
      partition,
    }));
}

function identityRows(world: VendorWorld, json: string): object[] {
  return (JSON.parse(json) as Asked[]).flatMap(({ entity, code }) => {
    const hubId = world.identities.get(`${entity}\u0000${code}`);
    return hubId ? [{ entity, code, hub_id: hubId }] : [];
  });
}
