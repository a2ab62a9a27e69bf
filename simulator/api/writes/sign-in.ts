import { randomBytes } from 'node:crypto';
import type { Timestamp, User } from '../../model.ts';
import type { Call, Reply } from '../exchange.ts';
import { refused } from '../exchange.ts';
import { charField, type Fields, readFields } from './fields.ts';

const FIELDS: Fields = {
  username: charField({ required: true }),
  password: charField({ required: true, trim: false }),
};

/** Failures for one user name and address within this time lock it out (contract 2.9). */
const WINDOW_MS = 10 * 60_000;
const MOST_FAILURES = 4;

const WRONG = 'Invalid username/password.';
const LOCKED = 'Username is locked out. Try in 10 minutes.';

/** `POST /api-auth/password/`. It remembers failures, so there is one for each world. */
export class SignIn {
  readonly #failures = new Map<string, { count: number; until: number }>();

  /**
   * @param address of the socket; a forwarded one does not count here.
   * @param agent the `User-Agent` header, for the event log.
   */
  handle(call: Omit<Call, 'user'>, address: string, agent = ''): Reply {
    const { world, clock } = call.api;
    const { username, password } = readFields(call as Call, FIELDS);
    const key = `${String(username)} ${address}`;
    const now = clock.now();
    const known = this.#failures.get(key);
    const failures = known !== undefined && known.until > now ? known.count : 0;
    if (failures >= MOST_FAILURES) throw refused(401, LOCKED);
    const user = [...world.tables.users.values()].find((one) => one.username === username);
    if (user === undefined || !user.is_active || user.password !== password) {
      this.#failures.set(key, { count: failures + 1, until: now + WINDOW_MS });
      throw refused(401, WRONG);
    }
    this.#failures.delete(key);
    const token = user.token === null || isExpired(user, now) ? randomBytes(20).toString('hex') : user.token;
    world.setToken(user, token);
    world.events.signedIn(user, address, agent);
    return { status: 200, body: { token } };
  }
}

/** Whether a user's token has expired. With a lifetime of null it never expires. */
export function isExpired({ token_created, token_lifetime }: User, now: number): boolean {
  if (token_lifetime === null || token_created === null) return false;
  return msOf(token_created) + token_lifetime * 1000 < now;
}

const msOf = (time: Timestamp): number => Date.parse(time);

/** `POST /api-auth/logout/`: removes the token. */
export function logout({ api: { world }, user }: Call): Reply {
  world.setToken(user, null);
  return { status: 204 };
}
