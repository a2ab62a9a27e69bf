import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { snapshotId, volumeId } from '../../src/graph/ids.ts';
import { dataset, useGateway, uuidOf } from '../support/gateway.ts';

/** How many calls each document costs, as Waldur counts them. A number here that rises is a regression. */
const read = (file: string) => readFileSync(new URL(`../operations/${file}.graphql`, import.meta.url), 'utf8');
const documents = {
  snapshots: read('snapshots'),
  volumes: read('volumes'),
  choices: read('choices'),
  mutations: read('mutations'),
  additions: read('additions'),
};

const target = uuidOf.snapshot('rw-target');
const restored = uuidOf.snapshot('with-three-restorations');
const project = uuidOf.project('Genome browser');
const tenant = uuidOf.tenant('proteomics-tenant');
const largest = uuidOf.tenant('genome-tenant');
const hundred = dataset.snapshots.slice(0, 100).map(({ uuid }) => String(uuid));

const gateway = useGateway();

describe('the documents of test/operations', () => {
  it.each<[keyof typeof documents, string, Record<string, unknown>, number]>([
    // The list, and once a minute who the caller is, for availableActions.
    ['snapshots', 'SnapshotTable', { filter: { projectUuid: project }, first: 20 }, 2],
    ['snapshots', 'SnapshotTableBackwards', { last: 7 }, 1],
    ['snapshots', 'EverySnapshotField', { uuid: restored }, 1],
    ['snapshots', 'EveryFilter', {}, 1],
    ['snapshots', 'Dashboard', { project }, 4],
    [
      'snapshots',
      'Refetch',
      { id: snapshotId(target), ids: [snapshotId(target), volumeId(uuidOf.volume('db-data'))] },
      2,
    ],
    ['snapshots', 'ManyByUuid', { uuids: [target, restored, target] }, 2],
    ['snapshots', 'ManyByUuid', { uuids: hundred }, 2],
    ['snapshots', 'RestorationsOf', { uuid: restored }, 2],
    ['volumes', 'EveryVolumeField', { uuid: uuidOf.volume('restored-1') }, 3],
    ['volumes', 'TenantStorage', { tenant: largest }, 3],
    ['volumes', 'TenantStorage', { tenant }, 4],
    ['volumes', 'SnapshotsWithVolumes', { first: 30 }, 3],
    ['volumes', 'SnapshotsWithVolumes', { first: 100 }, 3],
    // 356 snapshots are two calls, the volumes one.
    ['choices', 'StateCounts', { filter: { projectUuid: project } }, 3],
    ['choices', 'StateCounts', { filter: { projectUuid: project, state: ['ERRED'] } }, 2],
    ['choices', 'DropDowns', { name: 'genome' }, 3],
    ['choices', 'Identified', { first: 10 }, 4],
    ['choices', 'Identified', { first: 100 }, 4],
    ['choices', 'AttachDialogue', { volume: uuidOf.volume('db-data') }, 1],
    ['mutations', 'Restore', { input: { uuid: target, name: 'n' } }, 2],
    ['mutations', 'Pull', { input: { uuid: target } }, 2],
    ['mutations', 'Unlink', { input: { uuid: target } }, 1],
    ['mutations', 'Update', { input: { uuid: target, name: 'n' } }, 1],
    ['mutations', 'Replace', { input: { uuid: target, name: 'n' } }, 1],
    ['mutations', 'Delete', { input: { uuid: target } }, 2],
    ['mutations', 'Create', { input: { volumeUuid: uuidOf.volume('db-data'), name: 'n' } }, 1],
    ['mutations', 'PullMany', { input: { uuids: [target, restored] } }, 4],
    ['additions', 'BeforeRestore', { uuid: target }, 4],
    ['additions', 'VolumeWithActions', { uuid: uuidOf.volume('db-data') }, 2],
    ['additions', 'ExtendVolume', { input: { uuid: uuidOf.volume('scratch'), size: 2048 } }, 2],
    ['additions', 'DetachVolume', { input: { uuid: uuidOf.volume('db-data') } }, 2],
    [
      'additions',
      'AttachVolume',
      { input: { uuid: uuidOf.volume('scratch'), instanceUuid: uuidOf.instance('db-server') } },
      2,
    ],
    ['mutations', 'DeleteMany', { input: { uuids: [target, uuidOf.snapshot('st-ok')] } }, 2],
  ])('%s: %s', async (file, operationName, variables, most) => {
    const { errors } = await gateway().query(documents[file], { operationName, variables });
    expect(errors).toBeUndefined();
    expect(gateway().calls()).toBeLessThanOrEqual(most);
  });
});

describe('nested documents', () => {
  it.each<[what: string, document: string, calls: number]>([
    [
      'references that the row answers',
      '{ snapshots(first: 100) { nodes { sourceVolume { id name } restorations { volume { state } } } } }',
      1,
    ],
    ['volumes of a page', '{ snapshots(first: 100) { nodes { sourceVolume { size } } } }', 3],
    [
      'volumes of a page within a project',
      `{ snapshots(first: 100, filter: { projectUuid: "${project}" }) { nodes { sourceVolume { size } } } }`,
      3,
    ],
    [
      'volumes and restored volumes, together',
      '{ snapshots(first: 100) { nodes { sourceVolume { size } restorations { volume { bootable } } } } }',
      3,
    ],
    [
      'two levels of references',
      '{ snapshots(first: 50) { nodes { sourceVolume { size sourceSnapshot { name } } } } }',
      4,
    ],
    ['snapshots of volumes', '{ volumes(first: 100) { nodes { snapshots(first: 3) { nodes { name } } } } }', 3],
    ['counts of the snapshots of volumes', '{ volumes(first: 100) { nodes { snapshots { totalCount } } } }', 3],
    [
      'the last snapshots of volumes',
      '{ volumes(first: 100) { nodes { snapshots(last: 2, orderBy: [{ field: CREATED }]) { nodes { created } } } } }',
      3,
    ],
    [
      'erred snapshots of volumes',
      '{ volumes(first: 100) { nodes { snapshots(filter: { state: [ERRED] }) { totalCount nodes { uuid } } } } }',
      2,
    ],
    [
      'whether one snapshot is of any of these volumes',
      `{ volumes(first: 100) { nodes { snapshots(filter: { uuid: "${target}" }) { totalCount nodes { name } } } } }`,
      2,
    ],
    [
      'two lists of each volume',
      `{ volumes(first: 100, filter: { tenantUuid: "${largest}" }) { nodes {
        erred: snapshots(filter: { state: [ERRED] }) { totalCount } all: snapshots(first: 1) { totalCount nodes { uuid } } } } }`,
      4,
    ],
    [
      'down and up again',
      '{ volumes(first: 50) { nodes { snapshots(first: 2) { nodes { name sourceVolume { uuid size } } } } } }',
      4,
    ],
    [
      'one object by many paths',
      `{ a: snapshot(uuid: "${target}") { name } b: node(id: "${snapshotId(target)}") { id } snapshotsByUuid(uuids: ["${target}"]) { state } }`,
      1,
    ],
    [
      'totals of the same filter',
      '{ a: snapshots { totalCount } b: snapshots(first: 3) { totalCount nodes { uuid } } c: snapshots(last: 2) { totalCount } }',
      1,
    ],
    [
      'totals of the same filter in other orders',
      `{ a: snapshots(first: 0, orderBy: [{ field: SIZE }]) { totalCount pageInfo { hasNextPage } nodes { uuid } }
        b: snapshots(first: 3, orderBy: [{ field: CREATED, direction: DESC }]) { nodes { uuid } }
        c: snapshots(last: 0, orderBy: [{ field: STATE }]) { totalCount edges { cursor } }
        d: snapshots(orderBy: [{ field: NAME, direction: DESC }]) { totalCount } }`,
      1,
    ],
    [
      'totals of volumes in other orders, with nothing but totals',
      `{ a: volumes(first: 0, orderBy: [{ field: SIZE }]) { totalCount nodes { uuid } }
        b: volumes(last: 0) { pageInfo { hasNextPage } } c: volumes(orderBy: [{ field: CREATED }]) { totalCount } }`,
      1,
    ],
    [
      'totals of the snapshots of volumes in other orders',
      `{ volumes(first: 100) { nodes {
        a: snapshots(first: 0, orderBy: [{ field: SIZE }]) { totalCount nodes { uuid } }
        b: snapshots(first: 3) { totalCount nodes { name } } c: snapshots(orderBy: [{ field: CREATED }]) { totalCount } } } }`,
      3,
    ],
    [
      'totals of the snapshots of one volume in other orders',
      `{ volume(uuid: "${uuidOf.volume('db-data')}") {
        a: snapshots(first: 0, orderBy: [{ field: SIZE }]) { totalCount nodes { uuid } }
        b: snapshots(first: 3) { nodes { name } } c: snapshots(orderBy: [{ field: CREATED }]) { totalCount } } }`,
      2,
    ],
    ['nothing but a number', '{ volumes(first: 0) { totalCount } }', 1],
    ['a window across pages', '{ snapshots(first: 310, offset: 5) { nodes { uuid } } }', 2],
  ])('%s', async (_what, document, calls) => {
    const { errors } = await gateway().query(document);
    expect(errors).toBeUndefined();
    expect(gateway().calls()).toBeLessThanOrEqual(calls);
  });

  it.each([
    'first: 2, orderBy: [{ field: CREATED, direction: DESC }]',
    'last: 2',
    'last: 0',
    'first: 0',
    'offset: 2, last: 1',
    `filter: { uuid: "${target}" }`,
    `filter: { uuid: "${target}", state: [ERRED] }`,
  ])('a shared list gives the same result as one list for each volume: %s', async (window) => {
    const fields = '{ totalCount pageInfo { hasPreviousPage hasNextPage endCursor } nodes { uuid name } }';
    const { data } = await gateway().query(`{ volumes(first: 100) { nodes { uuid snapshots(${window}) ${fields} } } }`);
    const volumes = (data as { volumes: { nodes: { uuid: string; snapshots: unknown }[] } }).volumes.nodes;
    expect(volumes.length).toBeGreaterThan(20);
    for (const volume of volumes) {
      const alone = await gateway().query(`{ volume(uuid: "${volume.uuid}") { snapshots(${window}) ${fields} } }`);
      expect(alone.data).toEqual({ volume: { snapshots: volume.snapshots } });
    }
  });
});

describe('more calls than a query may make', () => {
  it('are refused before the first call, with the estimate', async () => {
    const parts = [0, 1, 2].map((part) => `p${part}: snapshotsByUuid(uuids: $uuids) { name }`).join(' ');
    const { errors } = await gateway().query(`query ($uuids: [UUID!]!) { ${parts} }`, {
      variables: { uuids: hundred },
    });
    expect(errors).toMatchObject([
      { message: expect.stringContaining('may need 304 calls'), extensions: { code: 'QUERY_TOO_COMPLEX' } },
    ]);
    expect(gateway().calls()).toBe(0);
  });

  const strict = useGateway({ maxUpstreamCalls: 6 });

  it('unforeseen calls stop at the limit', async () => {
    // Three families of lists, each of two calls or more; as planned they were two calls altogether.
    const list = (state: string) => `${state}: snapshots(first: 1, filter: { state: [${state}] }) { totalCount }`;
    const { errors } = await strict().query(
      `{ volumes(first: 3) { nodes { ...V } } } fragment V on Volume { ${['OK', 'ERRED', 'CREATING'].map(list).join(' ')} }`,
    );
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['QUERY_TOO_COMPLEX']));
    expect(strict().calls()).toBeLessThanOrEqual(6);
  });
});

describe('explanations that a request can ask for', () => {
  it('the calls and their reasons', async () => {
    const { extensions } = await gateway().query('{ snapshots(first: 100) { nodes { sourceVolume { size } } } }', {
      headers: { 'x-explain': 'calls, cost' },
    });
    expect(extensions).toEqual({
      cost: expect.objectContaining({ rows: 200 }),
      calls: {
        made: gateway().calls(),
        saved: 0,
        decisions: [expect.objectContaining({ missing: 'volume', way: 'list', filter: {} })],
      },
    });
  });

  it('no explanations by default', async () => {
    expect((await gateway().query('{ snapshots { totalCount } }')).extensions).toBeUndefined();
  });
});
