import type { SystemName } from '#contracts';
import type { NewException } from '#store';
import type { SourceState } from './source-model';

const codeOf = (state: SourceState): string =>
  String(state.observed?.[state.entity === 'variant' ? 'sku' : 'code'] ?? state.claim ?? '');

/** What people see of a record that is held: both records by name, and what will release it. */
export function heldException(
  system: SystemName,
  state: SourceState,
  states: ReadonlyMap<string, SourceState>,
): NewException {
  const subject = { system, entity: state.entity, recordKey: state.vendorId };
  const original = { vendorId: state.vendorId, state: state.observed };
  const name = `${system} ${state.entity} ${state.vendorId} ("${codeOf(state)}")`;
  if (state.held === 'identity_unresolved') {
    const parent = state.parentVendorId ?? 'without a product';
    const message = `placing ${name}: its product ${parent} is not known yet. It is released when the product arrives.`;
    return { ...subject, class: 'identity_unresolved', severity: 'warning', message, original };
  }
  const first = [...states.values()].find(
    (other) =>
      other !== state &&
      other.live &&
      other.entity === state.entity &&
      (other.claim === state.claim ? other.held !== 'duplicate_key' : other.hubId === state.hubId),
  );
  const other = first ? `${first.vendorId} ("${codeOf(first)}")` : 'another record';
  const message = `publishing ${name}: ${other} has the same code and came first. Change one of the two in ${system}; this one is then released.`;
  return { ...subject, class: 'duplicate_key', severity: 'error', message, original };
}
