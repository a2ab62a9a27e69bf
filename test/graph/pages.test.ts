import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { at, startGateway, tokenOf, useGateway, uuidOf } from '../support/gateway.ts';

/** A document that comes again runs from a compiled plan; its answers must be those of the pipeline, byte by byte. */
const gateway = useGateway();

async function send(query: string, variables: object = {}, url = gateway().url): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Token ${tokenOf('staff')}` },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}

const TABLE = readFileSync(new URL('../operations/snapshots.graphql', import.meta.url), 'utf8').split('\n\n')[0] ?? '';

const DOCUMENTS: readonly [what: string, query: string][] = [
  ['a table, its edges and what can be done with each row', TABLE],
  ['few columns', '{ snapshots(first: 5) { nodes { uuid name } } }'],
  [
    'names of types, aliases and fragments',
    'query { s: snapshots { __typename nodes { ...F } } } fragment F on Snapshot { __typename n: name }',
  ],
  [
    'a long page, with text beyond ASCII',
    '{ snapshots(first: 300) { totalCount nodes { id name description created project { name } restorations { id volume { id name state } } } } }',
  ],
  [
    'volumes',
    '{ volumes(first: 100) { nodes { id name size state type { name } instance { name uuid } image { name } metadata } } }',
  ],
  [
    'two lists',
    '{ a: snapshots(first: 3) { nodes { name } } b: snapshots(first: 300) { nodes { uuid url actionDetails } } }',
  ],
  ['the same list twice', '{ a: snapshots(first: 3) { nodes { name } } b: snapshots(first: 3) { nodes { uuid } } }'],
  [
    'nothing',
    '{ snapshots(filter: { name: "no such name" }) { totalCount nodes { name availableActions { action } } pageInfo { endCursor } } }',
  ],
];

describe('pages of compiled documents', () => {
  it.each(DOCUMENTS)('%s: the same bytes as from the interpreter', async (_what, query) => {
    const first = await send(query);
    expect(first).not.toContain('"errors"');
    expect(await send(query)).toBe(first);
    expect(await send(query)).toBe(first);
  });

  it('of an upstream with the old spelling of states', async () => {
    const running = await startGateway({}, { simulator: { waldur: '2024' } });
    try {
      const query =
        '{ snapshots(first: 300) { nodes { name state serviceSettings { state } restorations { volume { state } } } } }';
      const first = await send(query, {}, running.url);
      expect(first).toContain('ERRED');
      expect(await send(query, {}, running.url)).toBe(first);
    } finally {
      await running.gateway.close();
    }
  });

  it('cost one call for two documents that select the same columns', async () => {
    const running = await startGateway({ cacheTtlMs: 60_000 });
    try {
      const plain = '{ snapshots(first: 20) { nodes { uuid name source: sourceVolume { uuid } } } }';
      const reads =
        '{ snapshots(first: 20) { nodes { uuid name sourceVolume { uuid } } edges { node { sourceVolume { uuid size } } } } }';
      const warm = async (): Promise<void> => {
        for (const query of [plain, reads]) for (let i = 0; i < 2; i++) await send(query, {}, running.url);
      };
      await warm();
      await running.query(
        'mutation ($input: PullSnapshotInput!) { pullSnapshot(input: $input) { snapshot { uuid } } }',
        {
          variables: { input: { uuid: uuidOf.snapshot('rw-target') } },
        },
      );
      const before = running.calls();
      const [one, other] = await Promise.all([send(plain, {}, running.url), send(plain, {}, running.url)]);
      expect(other).toBe(one);
      expect(running.calls() - before).toBe(1);
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

  it('report errors in invalid rows', async () => {
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

  it('are never shared between callers, whatever the count of rows', async () => {
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
    expect(answers[0]).toContain('"action":"UNLINK","allowed":true');
    expect(new Set(answers).size).toBe(1);
  });

  it('are not cached when they cannot be read', async () => {
    const running = await startGateway({ cacheTtlMs: 60_000 });
    try {
      const query = 'query ($n: Int) { snapshots(first: $n) { nodes { uuid name } } }';
      for (const n of [10, 11]) await send(query, { n }, running.url);
      const count = { 'content-type': 'application/json', 'x-result-count': '2' };
      const path = '/api/openstack-snapshots/';
      for (const [n, body] of ['[{"uuid":"1', '[null, {}]', '<html>'].entries()) {
        running.simulator.faults.add({ path, times: 1, status: 200, body, headers: count });
        expect(await send(query, { n: n + 2 }, running.url)).toContain('UPSTREAM_ERROR');
        expect(await send(query, { n: n + 2 }, running.url)).not.toContain('"errors"');
        expect(await send(query, { n: n + 2 }, running.url)).not.toContain('"errors"');
      }
      // Nor are pages of what rows refer to.
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
