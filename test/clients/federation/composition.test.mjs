import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { post, startGateway } from '../support/gateway.mjs';
import { compose } from './compose.mjs';

let gateway;
before(async () => {
  gateway = await startGateway({ FEDERATION: 'true' });
});
after(() => gateway?.stop());

test('the schema from _service composes with a second subgraph that has its own Node, PageInfo and Query.node', async () => {
  const { data } = await post(`${gateway.url}/graphql`, {}, '{ _service { sdl } }');
  const served = await (await fetch(`${gateway.url}/schema.graphql`)).text();
  assert.equal(served, data._service.sdl);
  const { errors, supergraphSdl, hints } = compose(served, `${gateway.url}/graphql`, 'http://127.0.0.1:1/graphql');
  assert.equal(errors, undefined);
  assert.deepEqual(hints.map(String), []);
  for (const type of ['Snapshot', 'Volume', 'Project', 'Tenant', 'Restoration', 'Ticket']) {
    assert.match(supergraphSdl, new RegExp(`type ${type}[^{]*\\n[^{]*@join__type\\(graph: \\w+, key: "id"`));
  }
});
