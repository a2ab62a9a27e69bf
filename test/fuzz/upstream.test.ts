import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenOf } from '../support/gateway.ts';
import { operations, values } from './support/documents.ts';
import { type Fault, faults, type Json } from './support/faults.ts';
import { fuzz, isLong, TIMEOUT_MS } from './support/run.ts';
import { useTarget } from './support/target.ts';

/** An upstream that says anything: whatever it is, clients get data or an error of the list, and read nothing of it in errors. */
const SAMPLES = [
  '/api/openstack-snapshots/?page_size=3',
  '/api/openstack-snapshots/?page_size=1&field=uuid',
  '/api/openstack-volumes/?page_size=3',
  '/api/users/me/',
];

describe('what the upstream says', () => {
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
    'ends in data or in a typed error',
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
