/** Recorded requests and answers of a real Waldur (test/recordings/README.md), and how an answer of ours is held against one. */

export interface RecordedRequest {
  method: string;
  path: string;
  query: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface RecordedAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface RequestStep {
  role: string;
  request: RecordedRequest;
  response: RecordedAnswer;
  do?: string;
  compare?: string;
}

/** One run of one of Waldur's own tasks, and the refusal of the cloud that it met. */
export interface WorkerStep {
  worker: string;
  failed?: string;
}

export interface Flow {
  name: string;
  steps: (RequestStep | WorkerStep)[];
}

export const isWorkerStep = (step: Flow['steps'][number]): step is WorkerStep => 'worker' in step;

const PLACEHOLDER = /(<(?:new-uuid|new-token|t)-?\d+>)/;
const PATTERNS: readonly [string, string][] = [
  ['<new-uuid', '[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}'],
  ['<new-token', '[0-9a-f]{40}'],
  ['<t', '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z'],
];
const HEADERS_THAT_MATTER = ['x-result-count', 'www-authenticate', 'location', 'x-impersonator-uuid'];

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 160));
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Python marks places in a traceback with lines of carets; and primary keys are the database's own business. */
const withoutNoise = (key: string, value: unknown): unknown =>
  typeof value === 'string' && key.startsWith('error_')
    ? value.replace(/^ *\^+\n/gm, '').replace(/\(PK: \d+\)/g, '(PK: N)')
    : value;

/**
 * What the placeholders of one flow stand for here. The same one means the same value all through, different ones differ, and
 * times come in the order of their numbers.
 */
export class Binding {
  readonly #values = new Map<string, string>();
  /** A real request takes its time and shows several moments; ours is over within one. */
  #oneMoment = true;

  /** From now on different times are different: something has happened. */
  timeHasPassed(): void {
    this.#oneMoment = false;
  }

  /** Puts the values into a text that is about to be sent. */
  fill(text: string): string {
    return text.replace(/<[a-z-]+\d+>/g, (name) => this.#values.get(name) ?? name);
  }

  /** The first difference between what was recorded and what is here, or undefined. */
  difference(recorded: unknown, actual: unknown, at: string): string | undefined {
    if (recorded === actual) return undefined;
    if (typeof recorded === 'string' && PLACEHOLDER.test(recorded)) {
      return this.#matches(recorded, actual) ? undefined : `${at}: recorded ${show(recorded)}, here ${show(actual)}`;
    }
    if (Array.isArray(recorded) && Array.isArray(actual)) {
      if (recorded.length !== actual.length) return `${at}: ${recorded.length} items recorded, ${actual.length} here`;
      return first(recorded, (item, i) => this.difference(item, actual[i], `${at}[${i}]`));
    }
    if (isObject(recorded) && isObject(actual)) {
      const extra = Object.keys(actual).find((key) => !(key in recorded));
      if (extra !== undefined) return `${at}.${extra}: absent in the recording, ${show(actual[extra])} here`;
      return first(Object.keys(recorded), (key) =>
        this.difference(withoutNoise(key, recorded[key]), withoutNoise(key, actual[key]), `${at}.${key}`),
      );
    }
    return `${at}: recorded ${show(recorded)}, here ${show(actual)}`;
  }

  /** Compares whole answers: status, media type, the headers that mean something, body. */
  answerDifference(step: RequestStep, actual: RecordedAnswer): string | undefined {
    const { response: recorded, compare } = step;
    if (recorded.status !== actual.status) {
      return `status ${recorded.status} recorded, ${actual.status} here: ${show(actual.body)}`;
    }
    const [want, have] = [lowerCase(recorded.headers), lowerCase(actual.headers)];
    const type = (headers: Record<string, string>): string | undefined => headers['content-type']?.split(';')[0];
    if (type(want) !== undefined && type(want) !== type(have)) {
      return `content-type ${type(want)} recorded, ${type(have)} here`;
    }
    const header = HEADERS_THAT_MATTER.find((name) => name in want && want[name] !== have[name]);
    if (header !== undefined) return `${header}: ${want[header]} recorded, ${have[header]} here`;
    // What has no order, or equal names in any order.
    const loose =
      compare !== undefined || /restorations\/$|openstack-(volumes|tenants\/\w+)\/$/.test(step.request.path);
    return loose
      ? this.difference(sorted(recorded.body), sorted(actual.body), 'body')
      : this.difference(recorded.body, actual.body, 'body');
  }

  #matches(recorded: string, actual: unknown): boolean {
    if (typeof actual !== 'string') return false;
    const names: string[] = [];
    const pattern = recorded.split(PLACEHOLDER).map((part, i) => {
      if (i % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(part);
      return `(${PATTERNS.find(([beginning]) => part.startsWith(beginning))?.[1]})`;
    });
    const found = new RegExp(`^${pattern.join('')}$`, 's').exec(actual);
    return found !== null && names.every((name, i) => this.#bind(name, found[i + 1] ?? ''));
  }

  #bind(name: string, value: string): boolean {
    const known = this.#values.get(name);
    if (known !== undefined) return known === value;
    for (const [other, its] of this.#values) {
      if (its === value) {
        if (isTime(name) && this.#oneMoment) continue;
        return false;
      }
      if (isTime(name) && isTime(other) && numberOf(name) < numberOf(other) !== microsOf(its) > microsOf(value))
        return false;
    }
    this.#values.set(name, value);
    return true;
  }
}

const isTime = (name: string): boolean => /^<t\d/.test(name);
/** Waldur leaves a fraction of zero away, so that the texts alone do not sort. */
const microsOf = (time: string): string => time.replace(/(:\d\d)Z$/, '$1.000000Z');
const numberOf = (name: string): number => Number(/\d+/.exec(name)?.[0]);

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function first<T>(items: readonly T[], test: (item: T, i: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const found = test(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Everything in an order that follows from what it holds. */
function sorted(value: unknown): unknown {
  const key = (item: unknown): string => JSON.stringify(item) ?? '';
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return isObject(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((name) => [name, sorted(value[name])]),
      )
    : value;
}
