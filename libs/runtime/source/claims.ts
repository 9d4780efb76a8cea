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

/**
 * Settles a claim: who had the code keeps it, else the oldest claim that can be bound wins and is released if
 * it was held; all others are held. New claimants come in with `held: 'duplicate_key'`.
 */
export function settleClaim(table: ClaimTable, claim: TouchedClaim): void {
  const all = claimants(table, claim);
  const holder = all.find((state) => state.held !== 'duplicate_key');
  if (holder) return void bind(table, holder, claim);
  const winner = all.find((state) => bind(table, state, claim));
  if (!winner) return;
  winner.held = null;
  table.changed(winner);
}

/**
 * Binds a vendor id to the record for which it will stand under this code, and lets the owner of codes take
 * the code along. False when the code names a record for which another live vendor id of this system stands,
 * and the system may not give the code to a new one: then it has to wait until that one is gone.
 */
function bind(table: ClaimTable, state: SourceState, claim: TouchedClaim): boolean {
  const { entity } = claim;
  const named = table.identities.get(codeKey(entity, claim.code));
  // Bound once, bound through renames and deletes; unless another vendor id took its place while it was gone.
  if (state.hubId !== null && !occupantOf(table.states, entity, state.hubId, state)) {
    if (named !== state.hubId && table.ownsCode(entity)) assign(table, claim, state.hubId);
    return true;
  }
  if (named && !occupantOf(table.states, entity, named, state)) {
    state.hubId = named;
    return true;
  }
  if (named && !table.ownsCode(entity)) return false;
  // The owner gives the code to another product: that one is a new record, and the code moves to it.
  state.hubId = table.newHubId(entity);
  assign(table, claim, state.hubId);
  return true;
}

/**
 * The live vendor id, other than `except`, that stands for a record. One that is held does so while its last
 * record stands; one that came back, and is held before anything of it was published again, does not.
 */
export function occupantOf(
  states: ReadonlyMap<string, SourceState>,
  entity: EntityName,
  hubId: HubId,
  except: SourceState,
): SourceState | undefined {
  return [...states.values()].find(
    (other) =>
      other !== except &&
      other.live &&
      other.entity === entity &&
      other.hubId === hubId &&
      (other.held !== 'duplicate_key' || other.published !== null),
  );
}

/** Because of which other vendor id a state is held as a duplicate: who has the code, or stands for its record. */
export function rivalOf(
  states: ReadonlyMap<string, SourceState>,
  identities: ReadonlyMap<string, HubId>,
  state: SourceState,
): SourceState | undefined {
  const { entity, claim } = state;
  if (claim === null) return undefined;
  const holder = [...states.values()].find(
    (other) =>
      other.live && other.entity === entity && other.claim === claim && other.held !== 'duplicate_key',
  );
  const named = identities.get(codeKey(entity, claim));
  return holder ?? (named === undefined ? undefined : occupantOf(states, entity, named, state));
}

function assign(table: ClaimTable, claim: TouchedClaim, hubId: HubId): void {
  table.identities.set(codeKey(claim.entity, claim.code), hubId);
  table.moveCode({ entity: claim.entity, code: claim.code, hubId });
}
