import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { EXAMPLES, eventually, type Server, startServer } from '../support/server.ts';

const missing = ['bash', 'curl', 'sed'].filter((program) => spawnSync(program, ['--version']).error !== undefined);
if (missing.length > 0) console.log(`SKIPPED: ${missing.join(', ')} is missing`);
const options = { skip: missing.length > 0 };

const SCRIPT = path.join(import.meta.dirname, 'snapshots.sh');
const folder = mkdtempSync(path.join(tmpdir(), 'example-curl-'));
const TOKEN_FILE = path.join(folder, 'token');
let server: Server;
before(async () => {
  server = await startServer();
  writeFileSync(TOKEN_FILE, server.token);
});
after(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

interface Row {
  readonly uuid: string;
  readonly name: string;
}
interface Page {
  readonly totalCount: number;
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}
interface Change {
  readonly kind: string;
  readonly uuid: string | null;
  readonly totalCount: number | null;
  readonly snapshot: Row | null;
}

const settings = () => ({ env: { ...process.env, GATEWAY: server.url, TOKEN_FILE, FILTER: 'example' } });
const run = async (...args: string[]) =>
  JSON.parse((await promisify(execFile)('bash', [SCRIPT, ...args], settings())).stdout);
const list = async (...args: string[]): Promise<Page> => (await run('list', ...args)).data.snapshots;
const uuidOf = async (name: string): Promise<string> => (await server.rows(name))[0]?.uuid ?? '';

/** The table that a reader of the lines of `follow` keeps. */
async function follow() {
  const child = spawn('bash', [SCRIPT, 'follow'], {
    ...settings(),
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const rows = new Map<string, Row>();
  const kinds: string[] = [];
  let total: number | null = null;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { kind, uuid, totalCount, snapshot }: Change = JSON.parse(line).data.snapshotChanges;
    kinds.push(kind);
    if (kind === 'RESET') rows.clear();
    if (snapshot !== null) rows.set(snapshot.uuid, snapshot);
    else if (uuid !== null) rows.delete(uuid);
    total = totalCount ?? total;
  });
  await eventually(() => assert.ok(kinds.includes('BOOKMARK')));
  return {
    rows,
    resets: () => kinds.filter((kind) => kind === 'RESET').length,
    agrees: () =>
      eventually(async () => {
        const names = (await server.rows('example')).map(({ name }) => name);
        assert.deepEqual([...rows.values()].map(({ name }) => name).sort(), names.sort());
        assert.equal(total, names.length);
      }),
    /** Ends the shell and its curl. */
    async stop() {
      const ended = once(child, 'exit');
      if (child.pid !== undefined) process.kill(-child.pid);
      await ended;
    },
  };
}

test('query: a list with its total', options, async () => {
  const { totalCount, nodes } = await list();
  assert.equal(totalCount, EXAMPLES);
  assert.equal(nodes[0]?.name, 'example 01');
});

test('page: the next page follows the first', options, async () => {
  const first = await list();
  const second = await list(first.pageInfo.endCursor);
  assert.equal(second.nodes[0]?.name, 'example 11');
});

test('mutation: a new name, a refusal, and one volume for a repeated restore', options, async () => {
  const uuid = await uuidOf('example 02');
  const { data } = await run('rename', uuid, 'example 02 b');
  assert.deepEqual(data.updateSnapshot, { snapshot: { uuid, name: 'example 02 b' }, userErrors: [] });
  const refused = await run('rename', uuid, '');
  assert.deepEqual(refused.data.updateSnapshot.userErrors, [{ code: 'VALIDATION', field: 'name' }]);
  const restore = () => run('restore', uuidOfThird, 'restored', 'the dialogue of example 03');
  const uuidOfThird = await uuidOf('example 03');
  assert.deepEqual(await restore(), await restore());
});

test('live: one line for each change', options, async () => {
  const followed = await follow();
  const uuid = await uuidOf('example 04');
  await server.elsewhere('updateSnapshot', { uuid, name: 'example 04 b' });
  await eventually(() => assert.equal(followed.rows.get(uuid)?.name, 'example 04 b'));
  await server.elsewhere('unlinkSnapshot', { uuid });
  await followed.agrees();
  await followed.stop();
});

test('resume: a cut connection and a restarted gateway lose nothing and leave no ghost', options, async () => {
  const followed = await follow();
  assert.ok(server.cut() > 0);
  await server.elsewhere('unlinkSnapshot', { uuid: await uuidOf('example 05') });
  await server.elsewhere('createSnapshot', { volumeUuid: server.volumeUuid, name: 'example made while away' });
  await followed.agrees();
  // It resumed: there was no second start.
  assert.equal(followed.resets(), 1);
  await server.stop();
  await server.drop(await uuidOf('example 06'));
  await server.add('example added while away');
  await server.start();
  await followed.agrees();
  assert.equal(followed.resets(), 2);
  await followed.stop();
});

test('error codes: RATE_LIMITED is waited for, others end with status 1', options, async () => {
  const path = '/api/openstack-snapshots/';
  await server.fault({ path, status: 429, headers: { 'retry-after': '1' }, times: 1 });
  assert.ok((await list()).totalCount > 0);
  await server.fault({ path, status: 403, body: '{"detail":"no"}', times: 1 });
  await assert.rejects(list(), ({ code, stdout }) => {
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).errors[0].extensions.code, 'FORBIDDEN');
    return true;
  });
});

test('token renewal: the file is read again for each connection', options, async () => {
  const followed = await follow();
  // An object that moves is polled every two seconds, so the stream soon learns that its token is revoked.
  await server.elsewhere('pullSnapshot', { uuid: await uuidOf('example 09') });
  await server.renewToken();
  await assert.rejects(list());
  writeFileSync(TOKEN_FILE, server.token);
  assert.ok((await list()).totalCount > 0);
  await eventually(() => assert.equal(followed.resets(), 2));
  await server.add('example after the renewal');
  await followed.agrees();
  await followed.stop();
});
