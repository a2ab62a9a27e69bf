import { describe, expect, it } from 'vitest';
import { at, uuidOf } from '../support/gateway.ts';
import { useLive } from '../support/live.ts';

/** Selections that `@skip` and `@include` leave out, compared with documents that do not have them. */

const live = useLive();
const { outside } = live;

interface Case {
  readonly what: string;
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The same document, written without what is left out. */
  readonly plain: string;
}

const NAMES = '{ snapshots(first: 3) { nodes { name } } }';
const ALL = '{ snapshots(first: 3) { nodes { name size sourceVolume { uuid bootable } } } }';
const IN_FRAGMENTS = `query ($wide: Boolean = false) { snapshots(first: 3) { nodes { name ...F @include(if: $wide) } } }
  fragment F on Snapshot { ... { size } sourceVolume { uuid ...V } } fragment V on Volume { bootable }`;
const REFERENCE =
  'query ($known: Boolean!) { snapshots(first: 3) { nodes { sourceVolume { uuid name size @skip(if: $known) } } } }';
const NESTED = `query ($a: Boolean!, $b: Boolean!) {
  volumes(first: 3) { nodes { name snapshots(first: 2) @include(if: $a) { totalCount @skip(if: $b) ... @include(if: $b) { nodes { state } } } } } }`;
const VOLUMES = '{ volumes(first: 3) { nodes { name } } }';
const COUNTED = '{ volumes(first: 3) { nodes { name snapshots(first: 2) { totalCount } } } }';
const LISTED = '{ volumes(first: 3) { nodes { name snapshots(first: 2) { nodes { state } } } } }';
const TWICE = `query ($a: Boolean!, $b: Boolean!) { snapshots(first: 3) { nodes { name ...F @include(if: $a) ...F @include(if: $b) } } }
  fragment F on Snapshot { size sourceVolume { uuid bootable } }`;
const COUNT_ONLY = 'query ($rows: Boolean!) { snapshots(first: 3) { totalCount nodes @include(if: $rows) { name } } }';
const STAFF =
  'query ($can: Boolean!) { snapshots(first: 3) { nodes { name availableActions @include(if: $can) { action } } } }';
const WHICH = `query ($a: Boolean!) { snapshots(first: 3) { nodes { name } } viewer @include(if: $a) { username } }`;

const CASES: readonly Case[] = [
  {
    what: 'literals on fields',
    document:
      '{ snapshots(first: 3) { nodes { name size @skip(if: true) sourceVolume @include(if: false) { bootable } } } }',
    plain: NAMES,
  },
  {
    what: 'literals on fragments',
    document:
      '{ snapshots(first: 3) { nodes { name ... @skip(if: true) { size } ...F @include(if: false) } } } fragment F on Snapshot { sourceVolume { bootable } }',
    plain: NAMES,
  },
  {
    what: 'literals that leave everything in',
    document:
      '{ snapshots(first: 3) { nodes { name ... @skip(if: false) { size } ...F @include(if: true) } } } fragment F on Snapshot { sourceVolume { uuid bootable } }',
    plain: ALL,
  },
  { what: 'a default value', document: IN_FRAGMENTS, plain: NAMES },
  { what: 'a variable that is false', document: IN_FRAGMENTS, variables: { wide: false }, plain: NAMES },
  { what: 'the same variable that is true', document: IN_FRAGMENTS, variables: { wide: true }, plain: ALL },
  {
    what: 'a reference without the field that the row does not know',
    document: REFERENCE,
    variables: { known: true },
    plain: '{ snapshots(first: 3) { nodes { sourceVolume { uuid name } } } }',
  },
  {
    what: 'a reference with it',
    document: REFERENCE,
    variables: { known: false },
    plain: '{ snapshots(first: 3) { nodes { sourceVolume { uuid name size } } } }',
  },
  { what: 'no list within a list', document: NESTED, variables: { a: false, b: true }, plain: VOLUMES },
  { what: 'its count', document: NESTED, variables: { a: true, b: false }, plain: COUNTED },
  { what: 'its rows', document: NESTED, variables: { a: true, b: true }, plain: LISTED },
  { what: 'no spread of two', document: TWICE, variables: { a: false, b: false }, plain: NAMES },
  { what: 'the second spread of two', document: TWICE, variables: { a: false, b: true }, plain: ALL },
  {
    what: 'a count without its rows',
    document: COUNT_ONLY,
    variables: { rows: false },
    plain: '{ snapshots(first: 3) { totalCount } }',
  },
  {
    what: 'a count with its rows',
    document: COUNT_ONLY,
    variables: { rows: true },
    plain: '{ snapshots(first: 3) { totalCount nodes { name } } }',
  },
  { what: 'who the caller is', document: STAFF, variables: { can: false }, plain: NAMES },
  { what: 'a root field', document: WHICH, variables: { a: false }, plain: NAMES },
];

/** What an operation answers, asks Waldur and costs. */
async function effectOf(query: string, variables: Readonly<Record<string, unknown>> = {}) {
  const { simulator } = live.running();
  simulator.resetStats();
  const { data, errors, extensions } = await live
    .running()
    .query(query, { variables, headers: { 'x-explain': 'cost, calls' } });
  const calls = live.running().calls();
  const paths = (await live.running().requestsSince(0)).map(({ path }) => path);
  return { data, errors, cost: at(extensions, 'cost'), calls, paths: paths.sort() };
}

describe('case 57: what @skip and @include leave out', () => {
  it.each(CASES)('$what: it is neither requested nor counted', async ({ document, variables, plain }) => {
    const expected = await effectOf(plain);
    expect(expected.errors).toBeUndefined();
    // From the third time on a compiled plan runs.
    for (let time = 0; time < 4; time++) expect(await effectOf(document, variables)).toEqual(expected);
  });

  it('one document serves both values of a variable, in turns', async () => {
    const [narrow, wide] = [await effectOf(NAMES), await effectOf(ALL)];
    for (let time = 0; time < 6; time++) {
      const isWide = time % 2 === 1;
      expect(await effectOf(IN_FRAGMENTS, { wide: isWide })).toEqual(isWide ? wide : narrow);
    }
  });

  it('it counts for no limit', async () => {
    const uuids = Array.from({ length: 100 }, () => uuidOf.snapshot('rw-target'));
    const parts = [0, 1, 2].map((part) => `p${part}: snapshotsByUuid(uuids: $uuids) @include(if: $all) { name }`);
    const query = `query ($uuids: [UUID!]!, $all: Boolean = false) { ${parts.join(' ')} viewer { username } }`;
    const narrow = await live.running().query(query, { variables: { uuids } });
    expect(narrow.errors).toBeUndefined();
    const wide = await live.running().query(query, { variables: { uuids, all: true } });
    expect(wide.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    const many = `query ($uuids: [UUID!]!) { snapshotsByUuid(uuids: $uuids) @skip(if: true) { name } viewer { username } }`;
    const skipped = await live.running().query(many, { variables: { uuids: [...uuids, ...uuids] } });
    expect(skipped.errors).toBeUndefined();
  });

  it('a payload that selects only ids costs no call', async () => {
    const query = `mutation ($input: PullSnapshotInput!, $full: Boolean!) {
      pullSnapshot(input: $input) { snapshot { uuid name @include(if: $full) } } }`;
    const input = { uuid: uuidOf.snapshot('rw-target') };
    const { errors } = await live.running().query(query, { variables: { input, full: false } });
    expect(errors).toBeUndefined();
    expect(live.running().calls()).toBe(1);
  });

  it.each<[what: string, document: string, variables: Record<string, unknown>]>([
    ['a literal', 'snapshot { uuid name description @skip(if: true) }', {}],
    ['a variable', 'snapshot { uuid name ... @include(if: $wide) { description } }', { wide: false }],
    ['a default value', 'snapshot { uuid name ...F @include(if: $wide) }', {}],
  ])('it is no reason for an event: %s', async (_what, selection, given) => {
    const name = live.name();
    const uuid = await outside.add('snapshots', { name, description: 'first' });
    const head = selection.includes('$wide')
      ? '($filter: SnapshotFilter, $wide: Boolean = false)'
      : '($filter: SnapshotFilter)';
    const fragment = selection.includes('...F') ? 'fragment F on Snapshot { description }' : '';
    const query = `subscription ${head} { snapshotChanges(filter: $filter) { kind uuid ${selection} } } ${fragment}`;
    const filter = { nameExact: name };
    const client = await live.client('staff');
    const narrow = client.subscribe({ query }, { filter, ...given });
    await narrow.until('BOOKMARK');
    // The other value of the variable is another selection, and is told of the change.
    const wide = client.subscribe(
      {
        query:
          'subscription ($filter: SnapshotFilter) { snapshotChanges(filter: $filter) { kind uuid snapshot { description } } }',
      },
      { filter },
    );
    await wide.until('BOOKMARK');
    await outside.change('snapshots', uuid, { description: 'second' });
    const told = await wide.until('UPDATED');
    expect(at(told.at(-1)?.snapshot, 'description')).toBe('second');
    await outside.change('snapshots', uuid, { state: 'ERRED' });
    const events = await narrow.until('STATE_CHANGED');
    expect(events.map(({ kind }) => kind)).toEqual(['STATE_CHANGED']);
  });
});
