import type { ApiRequest, Timestamp, User, WorldClock } from '../model.ts';
import type { World } from '../world.ts';
import { refused } from './exchange.ts';
import { readUuid } from './uuid.ts';
import { isExpired } from './writes/sign-in.ts';

/** The caller of a request (contract 5). */
export interface Identity {
  readonly user: User;
  /** The staff user who impersonates the caller. */
  readonly impersonator: User | undefined;
}

const CHALLENGE = { 'WWW-Authenticate': 'Token' };
const unauthenticated = (detail: string) => refused(401, detail, CHALLENGE);

/**
 * Reads the token and extends its lifetime, as every use does.
 * @throws HttpError 401 without valid credentials, 403 if the impersonated user has no token.
 */
export function authenticate(world: World, clock: WorldClock, headers: ApiRequest['headers']): Identity {
  const user = userOf(world, clock, headers.authorization ?? '');
  renew(world, user);
  const wanted = user.is_staff ? readUuid(headers['x-impersonated-user-uuid'] ?? '') : undefined;
  const other = wanted === undefined ? undefined : world.tables.users.get(wanted);
  if (other === undefined) return { user, impersonator: undefined };
  if (other.token === null) throw refused(403, 'Unable to impersonate user which does not have an active session.');
  // Waldur checks neither the account nor the age of this token, so an expired token becomes valid again.
  renew(world, other);
  return { user: other, impersonator: user };
}

function userOf(world: World, clock: WorldClock, header: string): User {
  const words = header.split(/\s+/).filter((word) => word !== '');
  const [scheme, token, ...more] = words;
  if (scheme?.toLowerCase() !== 'token') throw unauthenticated('Authentication credentials were not provided.');
  if (token === undefined) throw unauthenticated('Invalid token. No credentials provided.');
  if (more.length > 0) throw unauthenticated('Invalid token. Token string should not contain spaces.');
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw unauthenticated('Invalid token header. Token string should not contain invalid characters.');
  }
  const user = world.userByToken(token);
  if (user === undefined) throw unauthenticated('Invalid token.');
  if (!user.is_active) throw unauthenticated('User inactive or deleted.');
  if (isExpired(user, clock.now())) throw unauthenticated('Token has expired.');
  return user;
}

function renew(world: World, user: User): void {
  const now: Timestamp = world.now();
  user.token_created = now;
}
