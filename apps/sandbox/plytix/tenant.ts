import type { SandboxClock } from '../kit/clock';
import type { ObjectIds } from '../kit/object-id';
import type { Choices } from './choices';
import type { Actor } from './model';
import type { PlytixStore } from './store';

/** One account with the key that opens it, and all that its handlers need. */
export interface Tenant {
  account: { id: string; name: string };
  key: { api_key: string; api_password: string; actor: Actor };
  store: PlytixStore;
  clock: SandboxClock;
  ids: ObjectIds;
  choices: Choices;
  /** Where files are served, without a slash at the end. */
  filesUrl: string;
  /** Runs a change that a 202 has promised, after the delay of `choices.asyncDelayMs`. */
  later(change: () => void): void;
}

/** Ids that are the same in every sandbox, so that recordings compare. */
export const ACCOUNT_ID = '5a0000000000000000000001';
export const API_ACTOR: Actor = { type: 'API', user_id: '5a0000000000000000000002' };
export const PAGE_ACTOR: Actor = { type: 'USER', user_id: '5a0000000000000000000003' };
export const SYSTEM_ACTOR: Actor = { type: 'SYSTEM', user_id: '5a0000000000000000000004' };

/** The audit object of a product or asset, with the names that newer recordings carry. */
export function audit(actor: Actor): Record<string, string | null> {
  const name = { API: 'API key', USER: 'Sandbox Editor', SYSTEM: 'Plytix' }[actor.type];
  const [first = '', ...rest] = name.split(' ');
  return {
    type: actor.type,
    user_id: actor.user_id,
    user_name: first,
    user_last_name: rest.join(' '),
    user_email: actor.type === 'USER' ? 'editor@sandbox.invalid' : null,
    user_thumb: null,
    username: actor.type.toLowerCase(),
    avatar_color: '#3b5b92',
    user_display_name: name,
  };
}
