import fc from 'fast-check';
import { expect, it } from 'vitest';
import { snapshotId } from '../../src/graph/ids.ts';
import { dataset, tokenOf, uuidOf } from '../support/gateway.ts';
import { operation, type Stream, useLive } from '../support/live.ts';
import { ask, TRANSPORTS, type Transport } from './support/transports.ts';

/** Two callers of one gateway that keeps and shares what it can. */

const live = useLive({ cacheTtlMs: 60_000, cacheStaleMs: 60_000 });

/** Each is administrator of a project that the other may not see. */
const CALLERS = ['admin1', 'admin3'] as const;
type Name = (typeof CALLERS)[number];
const PROJECTS: Readonly<Record<Name, string>> = {
  admin1: uuidOf.project('Genome browser'),
  admin3: uuidOf.project('Forecast'),
};
const otherOf = (name: Name): Name => (name === 'admin1' ? 'admin3' : 'admin1');
const own = (name: Name, table: 'snapshots' | 'volumes') =>
  dataset[table].filter((row) => row.project_uuid === PROJECTS[name]).map(({ uuid }) => String(uuid));
const firstOf = (name: Name) => own(name, 'snapshots')[0] ?? '';

/** Every text by which an object of the caller can be known. */
const secretsOf = (name: Name): readonly string[] => [
  ...own(name, 'snapshots'),
  ...own(name, 'volumes'),
  PROJECTS[name],
  `secret of ${name}`,
];

const mark = (name: Name) => `mutation {
  updateSnapshot(input: { uuid: "${firstOf(name)}", description: "secret of ${name}" }) {
    snapshot { description } userErrors { code message } } }`;

/** What a caller does, by what its own objects and those of the other are. */
const STEPS: Readonly<Record<string, (name: Name) => string>> = {
  list: () =>
    '{ snapshots(first: 100) { totalCount nodes { uuid description project { uuid } sourceVolume { uuid } } } }',
  nested: () => '{ volumes(first: 50) { nodes { uuid snapshots(first: 5) { nodes { uuid description } } } } }',
  viewer: () => '{ viewer { username } volumes { totalCount } }',
  one: (name) => `{ snapshot(uuid: "${firstOf(name)}") { uuid description availableActions { action allowed } } }`,
  change: mark,
  'list of the other': (name) =>
    `{ snapshots(filter: { projectUuid: "${PROJECTS[otherOf(name)]}" }) { totalCount nodes { name uuid } } }`,
  'object of the other': (name) => `{ snapshot(uuid: "${firstOf(otherOf(name))}") { uuid description } }`,
  'node of the other': (name) =>
    `{ node(id: "${snapshotId(firstOf(otherOf(name)))}") { id ... on Snapshot { uuid } } }`,
  'change of the other': (name) =>
    `mutation { updateSnapshot(input: { uuid: "${firstOf(otherOf(name))}", description: "mine now" }) {
      snapshot { uuid } userErrors { code message } } }`,
};

interface Step {
  readonly as: Name;
  readonly what: string;
  readonly transport: Transport;
}

it('case 7: two callers, warm caches, interleaved: no data of the other caller', async () => {
  const { url } = live.running();
  const take = ({ as, what, transport }: Step) => {
    const query = STEPS[what]?.(as) ?? '';
    return ask(url, transport, { query }, { authorization: `Token ${tokenOf(as)}` });
  };
  const streams = new Map<Name, Stream[]>();
  for (const as of CALLERS) {
    await live.outside.change('snapshots', firstOf(as), { state: 'OK', description: `secret of ${as}` });
    const client = await live.client(as);
    // The second one asks for the other's project.
    const filters = [{}, { projectUuid: PROJECTS[otherOf(as)] }];
    streams.set(
      as,
      filters.map((filter) => client.subscribe(operation('SnapshotChanges'), { filter })),
    );
  }
  for (const stream of [...streams.values()].flat()) await stream.until('BOOKMARK');
  const step = fc.record({
    as: fc.constantFrom(...CALLERS),
    what: fc.constantFrom(...Object.keys(STEPS)),
    transport: fc.constantFrom(...TRANSPORTS),
  });
  const received = new Map<Name, string[]>(CALLERS.map((as) => [as, []]));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 2, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      async (waves) => {
        for (const wave of waves) {
          const answers = await Promise.all(wave.map(take));
          for (const [i, { as }] of wave.entries()) {
            const text = answers[i]?.text ?? '';
            received.get(as)?.push(text);
            expect(secretsOf(otherOf(as)).filter((secret) => text.includes(secret))).toEqual([]);
          }
        }
      },
    ),
    { numRuns: 40 },
  );
  for (const as of CALLERS) {
    // The last change reaches the one who may see it.
    await take({ as, what: 'change', transport: 'HTTP' });
    await live.outside.change('snapshots', firstOf(as), { state: 'ERRED' });
    await streams.get(as)?.[0]?.until((event) => event.uuid === firstOf(as) && event.state === 'ERRED');
  }
  for (const as of CALLERS) {
    const events = JSON.stringify(streams.get(as)?.map((stream) => [stream.events, stream.errors]));
    expect(secretsOf(otherOf(as)).filter((secret) => events.includes(secret))).toEqual([]);
    // Neither of them saw nothing at all.
    expect(events.includes(firstOf(as))).toBe(true);
    expect(received.get(as)?.some((text) => text.includes(`secret of ${as}`))).toBe(true);
  }
});
