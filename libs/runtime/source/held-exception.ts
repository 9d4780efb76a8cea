import type { SystemName } from '#contracts';
import type { NewException } from '#store';
import type { SourceState } from './source-model';

const codeOf = (state: SourceState): string =>
  String(state.observed?.[state.entity === 'variant' ? 'sku' : 'code'] ?? state.claim ?? '');

/**
 * What people see of a record that is held, and what will release it.
 *
 * @param rival because of whom it is held as a duplicate; both are then named
 */
export function heldException(
  system: SystemName,
  state: SourceState,
  rival: SourceState | undefined,
): NewException {
  const subject = { system, entity: state.entity, recordKey: state.vendorId };
  const original = { vendorId: state.vendorId, state: state.observed };
  const name = `${system} ${state.entity} ${state.vendorId} ("${codeOf(state)}")`;
  if (state.held === 'identity_unresolved') {
    const reason =
      state.parentVendorId === null
        ? 'it names no product. It is released when it does.'
        : `its product ${state.parentVendorId} is not known yet. It is released when the product arrives.`;
    const message = `placing ${name}: ${reason}`;
    return { ...subject, class: 'identity_unresolved', severity: 'warning', message, original };
  }
  const other = rival ? `${rival.vendorId} ("${codeOf(rival)}")` : 'another record';
  const conflict =
    rival && rival.claim !== state.claim
      ? `${other} stands for the ${state.entity} that this code names. It is released when that one is gone, or when it has another code.`
      : `${other} has the same code and came first. Change one of the two in ${system}; this one is then released.`;
  const message = `publishing ${name}: ${conflict}`;
  return { ...subject, class: 'duplicate_key', severity: 'error', message, original };
}
