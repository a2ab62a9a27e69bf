import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenOf } from '../support/gateway.ts';
import { operations, values } from './support/documents.ts';
import { jsonText } from './support/json.ts';
import { fuzz, isLong, TIMEOUT_MS } from './support/run.ts';
import { useTarget } from './support/target.ts';
import { garbage } from './support/text.ts';
import { CANARY } from './support/verdict.ts';

/** JSON as it is made of. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A rule for the embedded Waldur's fault switch. */
interface Fault {
  readonly path: string;
  readonly times: number;
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly truncateAt?: number;
  readonly reset?: boolean;
}

const PATHS = ['/api/', '/api/openstack-snapshots/', '/api/openstack-volumes/', '/api/users/me/'] as const;

const REPLACEMENTS: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e300,
  2 ** 53,
  '',
  'x',
  '\u0000',
  '..',
  'https://evil.example/api/openstack-volumes/../users/',
  'https://evil.example/api/openstack-volumes/0123456789abcdef0123456789abcdef/',
  'NO_SUCH_STATE',
  'OK',
  '0'.repeat(32),
  '2026-99-99T99:99:99Z',
  [],
  {},
  [null],
  [[[]]],
  { uuid: null },
  { __typename: 'Query' },
];

interface Edit {
  /** Which of the children, level by level, as shares. */
  readonly way: readonly number[];
  readonly what: 'replace' | 'drop' | 'double';
  readonly by: Json;
}

const edits = fc.array(
  fc.record({
    way: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 4 }),
    what: fc.constantFrom('replace' as const, 'replace' as const, 'drop' as const, 'double' as const),
    by: fc.constantFrom(...REPLACEMENTS),
  }),
  { minLength: 1, maxLength: 5 },
);

/** A copy of a value with one thing in it changed. */
function edit(value: Json, { way, what, by }: Edit): Json {
  const [share, ...rest] = way;
  if (share === undefined || typeof value !== 'object' || value === null) return by;
  if (Array.isArray(value)) {
    const at = Math.floor(share * value.length);
    const item = value[at];
    if (item === undefined) return [by];
    const put = {
      replace: [rest.length > 0 ? edit(item, { way: rest, what, by }) : by],
      drop: [],
      double: [item, item],
    };
    return value.toSpliced(at, 1, ...(rest.length > 0 ? put.replace : put[what]));
  }
  const keys = Object.keys(value);
  const key = keys[Math.floor(share * keys.length)];
  if (key === undefined) return { [CANARY]: by };
  const { [key]: item = null, ...others } = value;
  if (rest.length > 0) return { ...value, [key]: edit(item, { way: rest, what, by }) };
  return what === 'drop' ? others : { ...value, [key]: by };
}

const TRACEBACK = `<html><pre>Traceback (most recent call last): ${CANARY}</pre></html>`;

/** @param real what Waldur answers when nothing is wrong; most bodies are these, damaged. */
const faults = (real: readonly Json[]): fc.Arbitrary<Fault> => {
  const damaged = fc
    .tuple(fc.constantFrom(...real), edits)
    .map(([value, changes]) => JSON.stringify(changes.reduce(edit, value)));
  const body = fc.oneof(
    { weight: 6, arbitrary: damaged },
    jsonText,
    garbage.map((text) => `${CANARY}${text}`),
    fc.constantFrom('', 'null', '[]', '{}', '[{}]', '[null]', '\ufeff[]', 'NaN', TRACEBACK),
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      'x-result-count',
      'link',
      'content-type',
      'content-encoding',
      'retry-after',
      'location',
      'x-request-id',
    ),
    fc.constantFrom(
      '',
      '0',
      '-1',
      '1e9',
      '99999999999999999999',
      'x',
      'gzip',
      'br',
      'text/html',
      '<http://evil.example/?page=2>; rel="next"',
      'application/json; charset=utf-16',
    ),
    { maxKeys: 3 },
  );
  const whole = fc.record(
    {
      path: fc.constantFrom(...PATHS),
      times: fc.integer({ min: 1, max: 3 }),
      status: fc.constantFrom(
        200,
        200,
        200,
        200,
        201,
        202,
        204,
        206,
        301,
        304,
        400,
        401,
        403,
        404,
        409,
        418,
        429,
        500,
        502,
        503,
      ),
      body,
      headers,
      truncateAt: fc.nat(300),
    },
    { requiredKeys: ['path', 'times', 'status', 'body'] },
  );
  const lost = fc.record({ path: fc.constantFrom(...PATHS), times: fc.constant(1), reset: fc.constant(true) });
  return fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: lost });
};

/** An upstream that says anything: whatever it is, clients get data or an error of the list, and read nothing of it in errors. */
const SAMPLES = [
  '/api/openstack-snapshots/?page_size=3',
  '/api/openstack-snapshots/?page_size=1&field=uuid',
  '/api/openstack-volumes/?page_size=3',
  '/api/users/me/',
];

describe('upstream responses', () => {
  const target = useTarget();
  const real: Json[] = [];

  beforeAll(async () => {
    for (const path of SAMPLES) {
      const response = await fetch(target().running.simulator.url + path, {
        headers: { authorization: `Token ${tokenOf('staff')}` },
      });
      const body = (await response.json()) as Json;
      real.push(body, ...(Array.isArray(body) ? body : []));
    }
  });

  const reading = operations.filter(({ kind }) => kind !== 'subscription');
  const requests = fc.constantFrom(...reading).chain(({ text, variables }) =>
    fc.tuple(...variables.map(({ type }) => values(type))).map((given) => {
      const pairs = variables.map(({ name }, i) => `${JSON.stringify(name)}:${given[i] ?? 'null'}`);
      return `{"query":${JSON.stringify(text)},"variables":{${pairs.join(',')}}}`;
    }),
  );

  const addFaults = async (rules: readonly Fault[]): Promise<void> => {
    for (const rule of rules) {
      const { status } = await fetch(`${target().running.simulator.url}/__sim/faults`, {
        method: 'POST',
        body: JSON.stringify(rule),
      });
      expect([rule, status]).toEqual([rule, 200]);
    }
  };

  it(
    'lead to data or to an error with a code',
    async () => {
      const { slope, endMiB, warmMiB } = await fuzz({
        subject: 'upstream',
        share: 0.12,
        inputs: fc.record({ request: requests, rules: fc.array(faults(real), { minLength: 1, maxLength: 3 }) }),
        send: async ({ request, rules }) => {
          await addFaults(rules);
          return target().post(request);
        },
        between: () => {
          target().advance();
          return target().settle();
        },
      });
      expect(endMiB - warmMiB).toBeLessThan(32);
      if (isLong) expect(slope).toBeLessThan(500);
    },
    TIMEOUT_MS,
  );
});
