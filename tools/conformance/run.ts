import { Mismatch, Skip } from './check.ts';
import { READING, WRITING } from './checks/index.ts';
import { Client, NoAnswer } from './client.ts';
import { isJson } from './expect.ts';
import type { Life } from './life/life.ts';
import type { Pace } from './life/pace.ts';
import { Remains } from './life/remains.ts';
import { Watch } from './life/watch.ts';
import { type Result, runChecks } from './runner.ts';
import { type Caller, Samples, type Spelling, type Subject, spellingOf, VOLUMES } from './subject.ts';
import { isRow } from './values.ts';

/** The checks cannot run: no server, no Waldur, or no access. The message is one line. */
export class CannotRun extends Error {}

export interface Conditions {
  /** URL of a Waldur server, with or without `/api/`. */
  readonly url: string;
  readonly token: string;
  /** What the checks that write need; undefined: nothing is written. */
  readonly destructive?: Destruction | undefined;
  readonly signal: AbortSignal;
  /** Called when the subject is known, before the first check. */
  readonly onStart: (facts: Facts) => void;
  readonly onResult: (result: Result) => void;
}

export interface Destruction {
  /** Uuid of the volume that snapshots are made of; undefined: one that the caller sees. */
  readonly volume: string | undefined;
  readonly staffToken: string | undefined;
  /** How long one operation may take. */
  readonly timeoutMs: number;
  readonly pace: Pace;
}

export interface Facts {
  readonly base: string;
  readonly spelling: Spelling;
  readonly caller: Caller;
}

export interface Outcome {
  readonly facts: Facts;
  readonly results: readonly Result[];
  /** Checks that would have written. */
  readonly notMade: number;
  /** What the run made and could not take away, a line each. */
  readonly left: readonly string[];
}

/** Checks a Waldur server. @throws CannotRun before the first check. Later errors are results of their checks. */
export async function conform(conditions: Conditions): Promise<Outcome> {
  const { url, token, destructive, signal, onStart, onResult } = conditions;
  const base = baseOf(url);
  const waldur = new Client({ base, authorization: `Token ${token}`, writes: destructive !== undefined });
  try {
    const subject = await orCannotRun(() => subjectOf(waldur));
    const life = destructive && (await orCannotRun(() => lifeOf(subject, destructive, signal)));
    const facts: Facts = { base, spelling: subject.spelling, caller: subject.caller };
    onStart(facts);
    const results = await runChecks(READING, subject, { attempts: 2, signal, onResult });
    if (life === undefined) return { facts, results, notMade: WRITING.length, left: [] };
    let left: readonly string[] = [];
    try {
      results.push(...(await runChecks(WRITING, life, { attempts: 1, signal, onResult })));
    } finally {
      left = await life.remains.clear({ waldur, staff: life.staff, watch: life.watch.toTheEnd() });
    }
    return { facts, results, notMade: 0, left };
  } finally {
    await waldur.close();
  }
}

/** What goes wrong before there is anything to judge. */
async function orCannotRun<T>(prepare: () => Promise<T>): Promise<T> {
  try {
    return await prepare();
  } catch (error) {
    const known = error instanceof NoAnswer || error instanceof Mismatch || error instanceof Skip;
    throw known ? new CannotRun(error.message) : error;
  }
}

async function subjectOf(waldur: Client): Promise<Subject> {
  return {
    waldur,
    caller: await callerOf(waldur),
    // Where the filter does not tell, a check of its own says so.
    spelling: (await spellingOf(waldur)) ?? 'upper',
    samples: new Samples(waldur),
  };
}

/** The API's own address, with `/api/` at its end. */
function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/+$/, '');
  return path.endsWith('/api') ? `${origin}${path}/` : `${origin}${path}/api/`;
}

/** @throws CannotRun when there is nobody to ask, or not for this token. */
async function callerOf(waldur: Client): Promise<Caller> {
  const answer = await waldur.get('users/me/?field=uuid&field=username&field=is_staff');
  const { status, headers, text } = answer;
  if (status === 401) throw new CannotRun(`${waldur.base} rejects the token (401)`);
  const me: unknown = status === 200 && isJson(headers) ? parsed(text) : undefined;
  if (!isRow(me) || typeof me.username !== 'string') {
    throw new CannotRun(
      `no Waldur answers at ${waldur.base}: GET users/me/ is a ${status} of ${headers['content-type'] ?? 'no type'}`,
    );
  }
  return { username: me.username, isStaff: me.is_staff === true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function lifeOf(subject: Subject, given: Destruction, signal: AbortSignal): Promise<Life> {
  const { waldur, samples } = subject;
  const volume = given.volume ?? String((await samples.settled(VOLUMES)).uuid);
  const found = await waldur.get(`${VOLUMES.path}${volume}/?field=uuid`);
  if (found.status !== 200) throw new CannotRun(`the token shows no volume ${volume} (${found.status})`);
  const staff = given.staffToken === undefined ? undefined : waldur.as(`Token ${given.staffToken}`);
  if (staff !== undefined && !(await callerOf(staff)).isStaff)
    throw new CannotRun('the staff token does not belong to a staff user');
  return {
    ...subject,
    volume,
    staff,
    watch: new Watch(waldur, given.pace, given.timeoutMs, signal),
    remains: new Remains(),
    accepted: new Set(),
    name: `conformance-${crypto.randomUUID().slice(0, 8)}`,
  };
}
