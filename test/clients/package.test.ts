import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { useLive } from '../support/live.ts';

/** The archive of `clients/live`, installed elsewhere. */

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const live = useLive();
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const CONSUMER = `
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { keys, possibleTypes, resumable, type TableStorage, typePolicies, watch } from 'waldur-snapshots-live';

declare const process: { argv: string[] };
declare const console: { log(text: string): void };
const [url = '', token = '', name = ''] = process.argv.slice(2);
const headers = { Authorization: \`Token \${token}\` };
const overSocket = resumable(createClient({ url: url.replace('http', 'ws') + '/graphql', connectionParams: headers }));
const overEvents = resumable(createSseClient({ url: url + '/graphql', headers }), { retryAttempts: 3 });
interface Row { readonly name: string }
const storage: TableStorage = { getItem: () => null, setItem() {}, removeItem() {} };

const rows: string[] = [];
for (const client of [overSocket, overEvents]) {
  const table = watch<Row>(client, { root: 'snapshots', fields: 'name', filter: { name }, storage, key: 'k' });
  await new Promise<void>((resolve) => {
    const leave = table.subscribe(() => {
      if (!table.snapshot().ready) return;
      leave();
      resolve();
    });
  });
  rows.push(...table.snapshot().rows.map((row) => row.name));
  table.close();
}
for await (const { data } of overSocket.iterate<{ snapshotChanges: { kind: string } }>({
  query: 'subscription { snapshotChanges { kind } }',
})) {
  rows.push(data?.snapshotChanges.kind ?? '');
  break;
}
const policies = typePolicies((keyArgs) => ({ keyArgs }));
console.log(JSON.stringify([rows, possibleTypes.Node?.includes('Snapshot'), 'PageInfo' in keys, 'Query' in policies]));
await overSocket.dispose();
overEvents.dispose();
`;

async function install(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'consumer-'));
  folders.push(folder);
  // The settings of this repository, under which `npm test` runs, forbid scripts.
  const packed = await run('npm', ['pack', '--ignore-scripts=false', '--json', '--pack-destination', folder], {
    cwd: path.join(ROOT, 'clients/live'),
  });
  const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  const names: string[] = files.map(({ path: file }: { path: string }) => file);
  expect(names).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.d.ts', 'dist/index.js']));
  expect(names.filter((file) => !/^(dist\/.+\.(js|d\.ts)|LICENSE|README\.md|package\.json)$/.test(file))).toEqual([]);
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: folder });
  for (const peer of ['graphql', 'graphql-ws', 'graphql-sse']) {
    await symlink(path.join(ROOT, 'node_modules', peer), path.join(folder, 'node_modules', peer));
  }
  return folder;
}

describe('the archive', () => {
  it('installs elsewhere, type-checks for Node and bundlers, and follows a gateway', async () => {
    const folder = await install();
    await writeFile(path.join(folder, 'consumer.ts'), CONSUMER);
    const check = (...flags: string[]) =>
      run(
        process.execPath,
        [
          path.join(ROOT, 'node_modules/typescript/bin/tsc'),
          ...['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--skipLibCheck'],
          ...['--target', 'ES2022', '--lib', 'ES2022', ...flags, 'consumer.ts'],
        ],
        { cwd: folder },
      ).catch(({ stdout }: { stdout: string }) => {
        throw new Error(stdout);
      });
    await check('--module', 'ESNext', '--moduleResolution', 'bundler', '--noEmit');
    await check('--module', 'NodeNext', '--outDir', 'out');
    const { version } = JSON.parse(
      await readFile(path.join(folder, 'node_modules/waldur-snapshots-live/package.json'), 'utf8'),
    );
    expect(version).toMatch(/^\d/);

    const name = live.name();
    await live.outside.add('snapshots', { tenant: uuidOf.tenant('genome-tenant'), name });
    const { stdout } = await run(process.execPath, ['out/consumer.js', live.running().url, tokenOf('admin1'), name], {
      cwd: folder,
    });
    expect(JSON.parse(stdout)).toEqual([[name, name, 'RESET'], true, true, true]);
    // npm and the compiler run three times, in processes of their own.
  }, 300_000);
});
