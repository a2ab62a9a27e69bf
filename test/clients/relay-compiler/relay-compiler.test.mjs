import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startGateway } from '../support/gateway.mjs';

const COMPILER = path.join(
  path.dirname(createRequire(import.meta.url).resolve('relay-compiler/package.json')),
  'cli.js',
);

/** A page with what Relay knows: connections, `node`, `@refetchable`, deletions and a subscription. */
const PAGE = `
import { graphql } from 'relay-runtime';

graphql\`
  query pageQuery($project: UUID) {
    viewer { username }
    ...pageSnapshots @arguments(project: $project)
  }
\`;

graphql\`
  fragment pageSnapshots on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }, project: { type: "UUID" })
  @refetchable(queryName: "pageMoreQuery") {
    snapshots(first: $first, after: $after, filter: { projectUuid: $project })
      @connection(key: "page_snapshots", filters: ["filter"]) {
      totalCount
      edges { node { id ...pageSnapshot } }
    }
  }
\`;

graphql\`
  fragment pageSnapshot on Snapshot @refetchable(queryName: "pageSnapshotQuery") {
    name
    state
    created
    metadata
    project { name }
    sourceVolume { name }
    restorations { created volume { name state } }
  }
\`;

graphql\`
  query pageNodeQuery($id: ID!) {
    node(id: $id) { id ... on Volume { name } ... on Snapshot { ...pageSnapshot @alias(as: "snapshot") } }
  }
\`;

graphql\`
  mutation pageUnlinkMutation($input: UnlinkSnapshotInput!, $connections: [ID!]!) {
    unlinkSnapshot(input: $input) {
      deletedSnapshotId @deleteRecord @deleteEdge(connections: $connections)
      userErrors { code field message }
    }
  }
\`;

graphql\`
  subscription pageSubscription($after: String) {
    snapshotChanges(after: $after) {
      kind
      cursor
      snapshot { id ...pageSnapshot }
    }
  }
\`;
`;

let gateway;
let folder;
before(async () => {
  gateway = await startGateway();
  folder = await mkdtemp(path.join(tmpdir(), 'relay-'));
});
after(async () => {
  await gateway?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('relay-compiler compiles documents on the schema that is served, without a warning', async () => {
  const schema = await (await fetch(`${gateway.url}/schema.graphql`)).text();
  assert.doesNotMatch(schema, /^extend /m);
  await Promise.all([
    writeFile(path.join(folder, 'schema.graphql'), schema),
    writeFile(path.join(folder, 'page.js'), PAGE),
    writeFile(path.join(folder, 'package.json'), '{}'),
    writeFile(
      path.join(folder, 'relay.config.json'),
      JSON.stringify({
        src: '.',
        schema: 'schema.graphql',
        language: 'typescript',
        requireCustomScalarTypes: true,
        customScalarTypes: { UUID: 'string', DateTime: 'string', JSON: 'unknown' },
        noFutureProofEnums: true,
      }),
    ),
  ]);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [COMPILER, '--output', 'verbose'], {
    cwd: folder,
  });
  assert.doesNotMatch(stdout + stderr, /warn|error|deprecat/i);
  const artifacts = await readdir(path.join(folder, '__generated__'));
  for (const name of ['pageQuery', 'pageMoreQuery', 'pageSnapshotQuery', 'pageUnlinkMutation', 'pageSubscription']) {
    assert.ok(artifacts.includes(`${name}.graphql.ts`), `there is no ${name}`);
  }
});
