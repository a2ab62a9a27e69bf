import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { Printer } from '../../src/graphql/printing/printer.ts';
import { at, startGateway, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

/** Lists are printed from Waldur's bytes once their document runs in the lane; nobody must be able to tell. */
const gateway = useGateway();

let printing: MockInstance<Printer['print']>;
beforeEach(() => {
  printing = vi.spyOn(Printer.prototype, 'print');
});
afterEach(() => printing.mockRestore());

/** Lists that were printed so far. */
const printed = (): number => printing.mock.results.filter(({ value }) => value !== undefined).length;

async function send(query: string, variables: object = {}, url = gateway().url): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${tokenOf('staff')}` },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}

const TABLE = readFileSync(new URL('../operations/snapshots.graphql', import.meta.url), 'utf8').split('\n\n')[0] ?? '';

const DOCUMENTS: readonly [what: string, query: string, lists: number][] = [
  // Once more for a caller who is staff.
  ['a table, its edges and what can be done with each row', TABLE, 3],
  ['few columns', '{ snapshots(first: 5) { nodes { uuid name } } }', 1],
  [
    'names of types, aliases and fragments',
    'query { s: snapshots { __typename nodes { ...F } } } fragment F on Snapshot { __typename n: name }',
    1,
  ],
  [
    'a long page, with text beyond ASCII',
    '{ snapshots(first: 300) { totalCount nodes { id name description created project { name } restorations { id volume { id name state } } } } }',
    1,
  ],
  [
    'volumes',
    '{ volumes(first: 100) { nodes { id name size state type { name } instance { name uuid } image { name } metadata } } }',
    1,
  ],
  [
    'two lists',
    '{ a: snapshots(first: 3) { nodes { name } } b: snapshots(first: 300) { nodes { uuid url actionDetails } } }',
    2,
  ],
  ['the same list twice', '{ a: snapshots(first: 3) { nodes { name } } b: snapshots(first: 3) { nodes { uuid } } }', 2],
  [
    'nothing',
    '{ snapshots(filter: { name: "no such name" }) { totalCount nodes { name availableActions { action } } pageInfo { endCursor } } }',
    1,
  ],
];

describe('printed lists', () => {
  it.each(DOCUMENTS)('%s: the same bytes as through the pipeline', async (_what, query, lists) => {
    const first = await send(query);
    expect(printed()).toBe(0);
    expect(first).not.toContain('"errors"');
    expect(await send(query)).toBe(first);
    expect(printed()).toBe(lists);
    expect(await send(query)).toBe(first);
    expect(printed()).toBe(2 * lists);
  });

  it('of an upstream that spells states in the old way', async () => {
    const running = await startGateway({}, { simulator: { waldur: '2024' } });
    try {
      const query =
        '{ snapshots(first: 300) { nodes { name state serviceSettings { state } restorations { volume { state } } } } }';
      const first = await send(query, {}, running.url);
      expect(first).toContain('ERRED');
      expect(await send(query, {}, running.url)).toBe(first);
      expect(printed()).toBe(1);
    } finally {
      await running.gateway.close();
    }
  });

  it('is one call for two documents, one of which reads the rows', async () => {
    const running = await startGateway({ cacheTtlMs: 60_000 });
    try {
      const prints = '{ snapshots(first: 20) { nodes { uuid name source: sourceVolume { uuid } } } }';
      const reads =
        '{ snapshots(first: 20) { nodes { uuid name sourceVolume { uuid } } edges { node { sourceVolume { uuid size } } } } }';
      const warm = async (): Promise<void> => {
        for (const query of [prints, reads]) for (let i = 0; i < 2; i++) await send(query, {}, running.url);
      };
      await warm();
      await running.query(
        'mutation ($input: PullSnapshotInput!) { pullSnapshot(input: $input) { snapshot { uuid } } }',
        {
          variables: { input: { uuid: uuidOf.snapshot('rw-target') } },
        },
      );
      const before = running.calls();
      const [one, other] = await Promise.all([send(prints, {}, running.url), send(prints, {}, running.url)]);
      expect(other).toBe(one);
      expect(running.calls() - before).toBe(1);
      // Kept as it came, and read by somebody else.
      const answer = await running.query('{ snapshots(first: 20) { nodes { uuid name sourceVolume { uuid } } } }');
      expect(running.calls() - before).toBe(1);
      const names = (value: string) =>
        JSON.stringify(JSON.parse(value).data.snapshots.nodes.map((row: { name: string }) => row.name));
      expect(
        JSON.stringify((at(answer.data, 'snapshots', 'nodes') as { name: string }[]).map(({ name }) => name)),
      ).toBe(names(one));
    } finally {
      await running.gateway.close();
    }
  });

  it('is read where a row is not as it should be, and says what is wrong', async () => {
    const query = '{ snapshots(first: 2) { totalCount nodes { uuid name } } }';
    await send(query);
    await send(query);
    const body = JSON.stringify([
      { uuid: '1'.repeat(32), name: 'whole' },
      { uuid: '2'.repeat(32), name: 7 },
    ]);
    const count = { 'content-type': 'application/json', 'x-result-count': '2' };
    gateway().simulator.faults.add({ path: '/api/openstack-snapshots/', times: 1, status: 200, body, headers: count });
    const answer = JSON.parse(await send(query));
    expect(answer.data).toEqual({
      snapshots: { totalCount: 2, nodes: [{ uuid: '1'.repeat(32), name: 'whole' }, null] },
    });
    expect(answer.errors).toMatchObject([
      { path: ['snapshots', 'nodes', 1, 'name'], extensions: { code: 'UPSTREAM_ERROR' } },
    ]);
    // Half of a text is none, whatever stood where it was put together before.
    const half = { path: '/api/openstack-snapshots/', times: 1, status: 200, body: body.slice(0, -20), headers: count };
    for (const fields of [
      'totalCount nodes { uuid }',
      'nodes { uuid } totalCount',
      'pageInfo { endCursor } nodes { uuid }',
      'totalCount nodes { uuid sourceVolume { size } }',
      'totalCount pageInfo { endCursor } nodes { availableActions { action } } edges { node { name } }',
      'nodes { uuid } } again: snapshots { totalCount',
    ]) {
      const document = `{ snapshots(first: 2) { ${fields} } }`;
      gateway().simulator.faults.add(half);
      const first = await send(document);
      expect(first).toContain('UPSTREAM_ERROR');
      await send(document);
      gateway().simulator.faults.add(half);
      expect(await send(document)).toBe(first);
    }
  });

  it('are printed for whom they are for, whatever the count of rows says', async () => {
    const query = '{ snapshots(first: 1) { nodes { uuid availableActions { action allowed reason } } } }';
    const answers: string[] = [];
    for (let time = 0; time < 3; time++) {
      gateway().simulator.faults.add({
        path: '/api/openstack-snapshots/',
        times: 1,
        status: 200,
        body: JSON.stringify([{ uuid: '1'.repeat(32), state: 'OK', backend_id: 'a' }]),
        headers: { 'content-type': 'application/json', 'x-result-count': '0' },
      });
      answers.push(await send(query));
    }
    expect(printed()).toBeGreaterThan(0);
    expect(answers[0]).toContain('"action":"UNLINK","allowed":true');
    expect(new Set(answers).size).toBe(1);
  });

  it('are not kept when they cannot be read', async () => {
    const running = await startGateway({ cacheTtlMs: 60_000 });
    try {
      const query = 'query ($n: Int) { snapshots(first: $n) { nodes { uuid name } } }';
      for (const n of [10, 11]) await send(query, { n }, running.url);
      expect(printed()).toBe(1);
      const count = { 'content-type': 'application/json', 'x-result-count': '2' };
      const path = '/api/openstack-snapshots/';
      for (const [n, body] of ['[{"uuid":"1', '[null, {}]', '<html>'].entries()) {
        running.simulator.faults.add({ path, times: 1, status: 200, body, headers: count });
        expect(await send(query, { n: n + 2 }, running.url)).toContain('UPSTREAM_ERROR');
        expect(await send(query, { n: n + 2 }, running.url)).not.toContain('"errors"');
        expect(await send(query, { n: n + 2 }, running.url)).not.toContain('"errors"');
      }
      expect(printed()).toBeGreaterThan(3);
      // Nor what rows refer to, of which only those are read.
      for (const [field, body] of [
        ['size', '[{"uuid":"1'],
        ['bootable', '<html>'],
      ] as const) {
        const joins = `query ($n: Int) { snapshots(first: $n) { nodes { uuid sourceVolume { uuid ${field} } } } }`;
        await send(joins, { n: 1 }, running.url);
        running.simulator.faults.add({ path: '/api/openstack-volumes/', times: 1, status: 200, body, headers: count });
        expect(await send(joins, { n: 100 }, running.url)).toContain('UPSTREAM_ERROR');
        expect(await send(joins, { n: 100 }, running.url)).not.toContain('"errors"');
      }
    } finally {
      await running.gateway.close();
    }
  });
});
