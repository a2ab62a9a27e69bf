import { nodeHttp } from '../src/runtime/node-http.ts';
import type { Random } from './seed/random.ts';

/**
 * A fault of a request. `status`, `body` and `gzipBombMiB` replace the response of Waldur, which does not get the
 * request. `headers` alone are added to Waldur's own response. The other keys apply to either response. A `reset` loses the
 * response, but the change was made.
 */
export interface FaultRule {
  method?: string;
  /** Prefix of the path with query. */
  path?: string;
  /** Number of requests. Unlimited when absent. */
  times?: number;
  probability?: number;
  /** Delay before sending the response. The response is computed before the delay, so it may be out of date. */
  latencyMs?: number;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Resets the connection before the response headers. */
  reset?: boolean;
  /** Sends this many bytes of the body with the full content-length (or chunked, if `headers` say so), then resets. */
  truncateAt?: number;
  /** Sends this many bytes of the body, then leaves the connection open. */
  stallAfter?: number;
  /** A gzipped JSON body of this size after decompression, in MiB. */
  gzipBombMiB?: number;
}

/** An invalid control request. The message is sent to the client. */
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
    : `an integer from ${low} to ${high}`;

const LONGEST_LATENCY_MS = 3_600_000;

/** Validators by key. They return the rest of the message after "must be", or undefined for a valid value. */
const CHECKS: Record<keyof FaultRule, (value: unknown) => string | undefined> = {
  method: (value) => (typeof value === 'string' && /^[A-Za-z]+$/.test(value) ? undefined : 'an HTTP method'),
  path: (value) => (typeof value === 'string' && value.startsWith('/') ? undefined : 'a path that begins with /'),
  times: whole(1, Number.MAX_SAFE_INTEGER),
  probability: (value) => (typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1'),
  latencyMs: whole(0, LONGEST_LATENCY_MS),
  status: whole(200, 599),
  headers: (value) => (isHeaders(value) ? undefined : 'an object of valid header names and string values'),
  body: (value) => (typeof value === 'string' ? undefined : 'a string'),
  reset: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  truncateAt: whole(0, Number.MAX_SAFE_INTEGER),
  stallAfter: whole(0, Number.MAX_SAFE_INTEGER),
  gzipBombMiB: whole(1, 65_536),
};

/** All keys of a rule. */
export const FAULT_KEYS: readonly string[] = Object.keys(CHECKS);

function isHeaders(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  try {
    for (const [name, text] of Object.entries(value)) {
      nodeHttp.validateHeaderName(name);
      nodeHttp.validateHeaderValue(name, text);
    }
    return true;
  } catch {
    return false;
  }
}

/** Validates a rule. @throws ControlError that names the first invalid key. */
export function parseFault(input: unknown): FaultRule {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ControlError(400, 'a fault must be an object');
  }
  for (const [key, value] of Object.entries(input)) {
    if (!Object.hasOwn(CHECKS, key)) {
      throw new ControlError(400, `unknown key "${key}"; allowed keys are ${FAULT_KEYS.join(', ')}`);
    }
    const wanted = CHECKS[key as keyof FaultRule](value);
    if (wanted !== undefined) throw new ControlError(400, `${key} must be ${wanted}`);
  }
  return { ...input };
}

/** The effect of the rules on one request. */
export interface Verdict {
  latencyMs: number;
  /** The rule for the response. When undefined, Waldur's own response is sent, possibly with a delay. */
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

/** The active fault rules, in the order in which they were added. */
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
   * Selects the rules for a request and decrements their `times`. The first matching rule is used. Permanent rules that only delay
   * are added to it. Rules with `times: 1` therefore apply to one request each, in the order in which they were added.
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
