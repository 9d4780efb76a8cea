/**
 * Claims: which vendor id of a system may publish under a code or SKU, and to which hub_id it is bound.
 * Pure; works on the copy of the working set that one decision makes.
 */
import type { EntityName, HubId } from '#contracts';
import { codeKey } from '#store';
import type { CodeAssignment } from '#store';
import type { SourceState } from './source-model';

/** The part of a decision's working copy that claims need. */
export interface ClaimTable {
  states: ReadonlyMap<string, SourceState>;
  identities: Map<string, HubId>;
  /** Whether this system is the owner of the entity's code, and so may rename records. */
  ownsCode(entity: EntityName): boolean;
  newHubId(entity: EntityName): HubId;
  /** Called for each state that this changes. */
  changed(state: SourceState): void;
  moveCode(assignment: CodeAssignment): void;
}

/** A claim whose holders may have changed. */
export interface TouchedClaim {
  entity: EntityName;
  code: string;
}

/** The live states that claim a code, oldest claim first. */
function claimants(table: ClaimTable, claim: TouchedClaim): SourceState[] {
  return [...table.states.values()]
    .filter((state) => state.live && state.entity === claim.entity && state.claim === claim.code)
    .sort((a, b) => a.claimedAtMs - b.claimedAtMs || (a.vendorId < b.vendorId ? -1 : 1));
}

/** The vendor id that has a code, or null. */
export function holderOf(table: ClaimTable, claim: TouchedClaim): SourceState | null {
  return claimants(table, claim).find((state) => state.held !== 'duplicate_key') ?? null;
}

/**
 * Settles a claim: who had the code keeps it, else the oldest claim wins and is released if it was held; all
 * others are held. New claimants come in with `held: 'duplicate_key'`.
 */
export function settleClaim(table: ClaimTable, claim: TouchedClaim): void {
  const all = claimants(table, claim);
  const winner = all.find((state) => state.held !== 'duplicate_key') ?? all[0];
  if (!winner) return;
  if (winner.held === 'duplicate_key') {
    winner.held = null;
    table.changed(winner);
  }
  bind(table, winner, claim);
}

/** Gives the winner its hub_id if it has none, and lets the owner of codes take the code along. */
function bind(table: ClaimTable, winner: SourceState, claim: TouchedClaim): void {
  const named = table.identities.get(codeKey(claim.entity, claim.code));
  // It returns after another vendor id has taken its place under this hub_id: it is a newcomer now.
  if (winner.hubId !== null && boundMate(table, winner, winner.hubId)) winner.hubId = null;
  if (winner.hubId === null) bindNewcomer(table, winner, claim, named);
  else if (named !== winner.hubId && table.ownsCode(claim.entity)) assign(table, claim, winner.hubId);
}

function bindNewcomer(
  table: ClaimTable,
  winner: SourceState,
  claim: TouchedClaim,
  named: HubId | undefined,
): void {
  const mate = named && boundMate(table, winner, named);
  if (named && !mate) {
    winner.hubId = named;
  } else if (!mate || table.ownsCode(claim.entity)) {
    // The owner gives the code to another product: that one is a new record, and the code moves to it.
    winner.hubId = table.newHubId(claim.entity);
    assign(table, claim, winner.hubId);
  } else {
    winner.held = 'duplicate_key';
  }
  table.changed(winner);
}

/** Another live vendor id of this system that is bound to the hub_id already. */
export function boundMate(table: ClaimTable, state: SourceState, hubId: HubId): SourceState | undefined {
  return [...table.states.values()].find(
    (other) => other !== state && other.live && other.entity === state.entity && other.hubId === hubId,
  );
}

function assign(table: ClaimTable, claim: TouchedClaim, hubId: HubId): void {
  table.identities.set(codeKey(claim.entity, claim.code), hubId);
  table.moveCode({ entity: claim.entity, code: claim.code, hubId });
}
