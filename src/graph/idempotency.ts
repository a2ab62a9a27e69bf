import { hash } from 'node:crypto';
import type { Caller } from '../auth/caller.ts';
import { GatewayError } from '../errors.ts';
import { isUpstreamError } from '../waldur/errors.ts';

/**
 * Waldur ignores idempotency keys, so the gateway keeps them: a mutation that is sent again with the same key makes one object. Clients send
 * mutations again after a lost answer (retry links) and after an impatient click.
 *
 * The keys are in the memory of this process. After a restart, and on another replica, a key is new.
 */

/** How long a key is remembered, in ms. */
const LIFE_MS = 24 * 60 * 60_000;
/**
 * How long Waldur may still be working on a request that it did not answer in time, in ms. Nothing is sent again before that, because what
 * the first request makes may not be visible yet.
 */
const STILL_RUNNING_MS = 60_000;
/** Most keys of one caller, so that a caller with many keys drops only its own. */
const MAX_KEYS_OF_CALLER = 500;
const MAX_KEYS = 20_000;

/** What became of one use of a key. `Refusal` is what says why Waldur refused. */
export type Use<Refusal> =
  | { readonly kind: 'made'; readonly uuid: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The key was used with another input. Nothing was sent. */
  | { readonly kind: 'other-input' };

/** How one mutation makes its object. */
export interface Creation<Refusal> {
  /** The input without the key. Two inputs are equal when their JSON is, in whatever order the members of objects are. */
  readonly input: readonly unknown[];
  /** Uuids of the objects that look like the one to be made, read from Waldur itself. */
  readonly alike: () => Promise<readonly string[]>;
  /** Sends the write. */
  readonly send: () => Promise<Sent<Refusal>>;
}

type Sent<Refusal> = Exclude<Use<Refusal>, { kind: 'other-input' }>;

/** What became of a key. */
type State =
  /** Nothing was sent, or what was sent was refused. */
  | { readonly kind: 'open' }
  /** The answer was lost. `before` are the uuids that looked alike before it was sent. */
  | {
      readonly kind: 'lost';
      readonly before: ReadonlySet<string>;
      readonly mayRunUntil: number;
      readonly error: unknown;
    }
  | { readonly kind: 'made'; readonly uuid: string };

interface Entry {
  /** Fingerprint of the input: metadata may be as long as a request. */
  readonly input: string;
  readonly expiresAt: number;
  state: State;
  /** The use of the key that is under way. */
  running: Promise<Sent<unknown>> | undefined;
}

export class IdempotencyKeys {
  readonly #now: () => number;
  /** By caller, then by mutation and key. The oldest come first. */
  readonly #callers = new Map<string, Map<string, Entry>>();
  #size = 0;

  /** @param now milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Makes an object at most once for a key. A use that comes while another is under way waits for it.
   * @param scope the mutation, which has keys of its own.
   * @returns the object: the one that an earlier use made, if there was one.
   * @throws GatewayError UPSTREAM_OUTCOME_UNKNOWN while an earlier request may still be running in Waldur, and whatever `creation` throws.
   */
  async once<Refusal>(caller: Caller, scope: string, key: string, creation: Creation<Refusal>): Promise<Use<Refusal>> {
    const input = fingerprint(creation.input);
    const entry = this.#entry(callerOf(caller), `${scope} ${key}`, input);
    if (entry.input !== input) return { kind: 'other-input' };
    while (entry.running !== undefined) {
      try {
        return (await entry.running) as Sent<Refusal>;
      } catch (error) {
        // After a lost answer this use finds out what became of it.
        if (entry.state.kind !== 'lost') throw error;
      }
    }
    const running = this.#use(entry, creation).finally(() => {
      entry.running = undefined;
    });
    entry.running = running;
    return running;
  }

  async #use<Refusal>(entry: Entry, creation: Creation<Refusal>): Promise<Sent<Refusal>> {
    if (entry.state.kind === 'made') return entry.state;
    const alike = await creation.alike();
    if (entry.state.kind === 'lost') {
      const { before, mayRunUntil, error } = entry.state;
      const made = alike.find((uuid) => !before.has(uuid));
      if (made !== undefined) {
        entry.state = { kind: 'made', uuid: made };
        return entry.state;
      }
      if (this.#now() < mayRunUntil) throw stillUnknown(mayRunUntil - this.#now(), error);
    }
    return this.#send(entry, creation, new Set(alike));
  }

  async #send<Refusal>(entry: Entry, { send }: Creation<Refusal>, before: ReadonlySet<string>): Promise<Sent<Refusal>> {
    try {
      const outcome = await send();
      entry.state = outcome.kind === 'made' ? outcome : { kind: 'open' };
      return outcome;
    } catch (error) {
      const failure = failureOf(error);
      const mayRunUntil = failure === 'running' ? this.#now() + STILL_RUNNING_MS : 0;
      entry.state = failure === 'refused' ? { kind: 'open' } : { kind: 'lost', before, mayRunUntil, error };
      throw error;
    }
  }

  #entry(caller: string, key: string, input: string): Entry {
    const keys = this.#callers.get(caller) ?? new Map<string, Entry>();
    const now = this.#now();
    const known = keys.get(key);
    if (known !== undefined && (known.running !== undefined || known.expiresAt > now)) {
      // What was refused made nothing, so another input may take its place.
      if (known.running !== undefined || known.state.kind !== 'open') return known;
    }
    this.#drop(caller, keys, key);
    if (keys.size >= MAX_KEYS_OF_CALLER) this.#dropOldest(caller, keys);
    if (this.#size >= MAX_KEYS) this.#dropExpired(now);
    const [first] = this.#callers;
    if (this.#size >= MAX_KEYS && first !== undefined) this.#dropOldest(...first);
    const entry: Entry = { input, expiresAt: now + LIFE_MS, state: { kind: 'open' }, running: undefined };
    this.#callers.set(caller, keys.set(key, entry));
    this.#size += 1;
    return entry;
  }

  #dropOldest(caller: string, keys: Map<string, Entry>): void {
    for (const [key, { running }] of keys) {
      if (running !== undefined) continue;
      this.#drop(caller, keys, key);
      return;
    }
  }

  #dropExpired(now: number): void {
    for (const [caller, keys] of this.#callers) {
      for (const [key, { running, expiresAt }] of keys) {
        if (running === undefined && expiresAt <= now) this.#drop(caller, keys, key);
      }
    }
  }

  #drop(caller: string, keys: Map<string, Entry>, key: string): void {
    if (keys.delete(key)) this.#size -= 1;
    if (keys.size === 0) this.#callers.delete(caller);
  }
}

/**
 * The caller without its address: a phone that changes its network sends the same mutation again from another one. What the caller may see of
 * the object is read again with the new address.
 */
const callerOf = ({ headers }: Caller): string =>
  fingerprint([headers.authorization, headers['x-impersonated-user-uuid']]);

const fingerprint = (values: readonly unknown[]): string =>
  hash('sha256', JSON.stringify(values, withSortedMembers), 'base64url');

function withSortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => Number(a > b) - Number(a < b)));
}

/** What a failed write means: nothing was made, it may have been made, or Waldur may still be working on it. */
function failureOf(error: unknown): 'refused' | 'lost' | 'running' {
  const failure = isUpstreamError(error) || !(error instanceof Error) ? error : error.cause;
  if (!isUpstreamError(failure)) return 'lost';
  switch (failure.kind) {
    case 'busy':
    case 'rate-limited':
    case 'unauthenticated':
    case 'forbidden':
    case 'not-found':
    case 'rejected':
      return 'refused';
    case 'unavailable':
      // Without a status there was no connection. A proxy's 504 says that Waldur has not answered yet.
      if (failure.status === undefined) return 'refused';
      return failure.status === 504 ? 'running' : 'lost';
    case 'malformed':
      return 'lost';
    case 'outcome-unknown':
      return failure.mayStillRun ? 'running' : 'lost';
    case 'timeout':
    case 'aborted':
      // Before it was sent.
      return 'refused';
  }
}

function stillUnknown(waitMs: number, cause: unknown): GatewayError {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000);
  return new GatewayError(
    'UPSTREAM_OUTCOME_UNKNOWN',
    `Waldur did not answer the first request with this idempotencyKey in time and may still be working on it. Send the mutation again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds },
    { cause },
  );
}
