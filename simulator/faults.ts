import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Random } from './seed/random.ts';

/**
 * What goes wrong with a request. `status`, `body` or `gzipBombMiB` answer in the place of Waldur, which then does not see the
 * request; `headers` alone are laid over its own answer; the rest is done to whichever answer there is. A `reset` loses the
 * answer, not the work: the change was made.
 */
export interface FaultRule {
  method?: string;
  /** The beginning of path and query. */
  path?: string;
  /** How often it happens; for ever when absent. */
  times?: number;
  probability?: number;
  /** The answer is made at once and sent so much later: it may be out of date by then. */
  latencyMs?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** The connection is reset before a header is sent. */
  reset?: boolean;
  /** So many bytes of the body under the full content-length (or chunked, when `headers` say so), then a reset. */
  truncateAt?: number;
  /** So many bytes of the body, then nothing more on an open connection. */
  stallAfter?: number;
  /** A gzipped JSON body that inflates to so many MiB. */
  gzipBombMiB?: number;
}

/** A request that the control endpoints refuse; the message is for the person who sent it. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const whole = (low: number, high: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= low && Number(value) <= high
    ? undefined
    : `a whole number from ${low} to ${high}`;

const LONGEST_LATENCY_MS = 3_600_000;

/** For each key of a rule: what is wrong with a value, in words that follow "must be". */
const CHECKS: Record<keyof FaultRule, (value: unknown) => string | undefined> = {
  method: (value) => (typeof value === 'string' && /^[A-Za-z]+$/.test(value) ? undefined : 'an HTTP method'),
  path: (value) => (typeof value === 'string' && value.startsWith('/') ? undefined : 'a path that begins with /'),
  times: whole(1, Number.MAX_SAFE_INTEGER),
  probability: (value) => (typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1'),
  latencyMs: whole(0, LONGEST_LATENCY_MS),
  status: whole(200, 599),
  headers: (value) => (isHeaders(value) ? undefined : 'an object of header names and texts'),
  body: (value) => (typeof value === 'string' ? undefined : 'a string'),
  reset: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  truncateAt: whole(0, Number.MAX_SAFE_INTEGER),
  stallAfter: whole(0, Number.MAX_SAFE_INTEGER),
  gzipBombMiB: whole(1, 65_536),
};

/** Every key of a rule. */
export const FAULT_KEYS: readonly string[] = Object.keys(CHECKS);

function isHeaders(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  try {
    for (const [name, text] of Object.entries(value)) {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    }
    return true;
  } catch {
    return false;
  }
}

/** Reads a rule as posted. @throws ControlError naming the first key that is unknown or of a wrong value. */
export function parseFault(input: unknown): FaultRule {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ControlError(400, 'a fault is an object');
  }
  for (const [key, value] of Object.entries(input)) {
    if (!Object.hasOwn(CHECKS, key)) {
      throw new ControlError(400, `unknown fault key "${key}"; known are ${FAULT_KEYS.join(', ')}`);
    }
    const wanted = CHECKS[key as keyof FaultRule](value);
    if (wanted !== undefined) throw new ControlError(400, `${key} must be ${wanted}`);
  }
  return { ...input };
}

/** What the rules say about one request. */
export interface Verdict {
  latencyMs: number;
  /** The rule that spoils the answer; undefined: the answer is Waldur's own, perhaps late. */
  rule: FaultRule | undefined;
}

const UNHARMED: Verdict = { latencyMs: 0, rule: undefined };

const onlyDelays = (rule: FaultRule): boolean =>
  rule.status === undefined &&
  rule.headers === undefined &&
  rule.body === undefined &&
  rule.reset !== true &&
  rule.truncateAt === undefined &&
  rule.stallAfter === undefined &&
  rule.gzipBombMiB === undefined;

/** The fault rules in force, in the order in which they were added. */
export class Faults {
  #rules: { rule: FaultRule; left: number }[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#rules = [];
  }

  list(): readonly FaultRule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /**
   * Judges a request and uses up what applies. The first rule counts, except that lasting rules which only delay come on top
   * of it. So rules with `times: 1` befall one request after the other, in the order in which they were added.
   */
  take(method: string, target: string): Verdict {
    if (this.#rules.length === 0) return UNHARMED;
    let latencyMs = 0;
    let chosen: FaultRule | undefined;
    for (const entry of this.#rules) {
      const { rule } = entry;
      const comesOnTop = rule.times === undefined && onlyDelays(rule);
      if ((chosen !== undefined && !comesOnTop) || !this.#applies(rule, method, target)) continue;
      if (!comesOnTop) chosen = rule;
      if (--entry.left === 0) this.#rules = this.#rules.filter((other) => other !== entry);
      latencyMs += rule.latencyMs ?? 0;
    }
    return { latencyMs, rule: chosen === undefined || onlyDelays(chosen) ? undefined : chosen };
  }

  #applies(rule: FaultRule, method: string, target: string): boolean {
    return (
      (rule.method === undefined || rule.method.toUpperCase() === method) &&
      (rule.path === undefined || target.startsWith(rule.path)) &&
      (rule.probability === undefined || this.#random.chance(rule.probability))
    );
  }
}
