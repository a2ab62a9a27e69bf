import type { User, WorldClock } from './model.ts';
import type { World } from './world.ts';

/** A user with a token, as shown by `/__sim/tokens` and at startup. */
export interface TokenEntry {
  username: string;
  role: string;
  token: string;
  uuid: string;
}

/** Names of roles, the most powerful first. A user is listed with the first matching role. */
const ROLE_NAMES: readonly [string, (user: User) => boolean][] = [
  ['staff', (user) => user.is_staff],
  ['support', (user) => user.is_support],
  ['owner', (user) => has(user, 'CUSTOMER.OWNER')],
  ['manager', (user) => has(user, 'PROJECT.MANAGER')],
  ['admin', (user) => has(user, 'PROJECT.ADMIN')],
  ['member', (user) => has(user, 'PROJECT.MEMBER')],
  ['customer manager', (user) => has(user, 'CUSTOMER.MANAGER')],
  ['customer support', (user) => has(user, 'CUSTOMER.SUPPORT')],
];

const has = (user: User, name: string): boolean => user.roles.some(({ role, is_active }) => is_active && role === name);

const roleOf = (user: User): string => ROLE_NAMES.find(([, test]) => test(user))?.[0] ?? 'stranger';

function isValid(user: User, now: number): boolean {
  if (!user.is_active || user.token === null) return false;
  if (user.token_lifetime === null || user.token_created === null) return true;
  return Date.parse(user.token_created) + user.token_lifetime * 1000 > now;
}

/** The tokens that the API accepts, in the order of the users. */
export function listTokens(world: World, clock: WorldClock): TokenEntry[] {
  const entries: TokenEntry[] = [];
  for (const user of world.tables.users.values()) {
    if (user.token === null || !isValid(user, clock.now())) continue;
    entries.push({ username: user.username, role: roleOf(user), token: user.token, uuid: user.uuid });
  }
  return entries;
}
