import { describe, expect, it, vi } from 'vitest';
import type { FaultRule } from '../../simulator/faults.ts';
import { BOMBS } from '../support/bombs.ts';
import { tokenOf, uuidOf } from '../support/gateway.ts';
import { Client, operation, useLive } from '../support/live.ts';
import { ask, TRANSPORTS } from './support/transports.ts';

/** A token that is looked for everywhere after everything that can be done with it. */

const CANARY = 'c0ffee5eed'.repeat(4);
/** As it would look if somebody had encoded it. */
const DISGUISES = [CANARY, CANARY.toUpperCase(), Buffer.from(CANARY).toString('base64').slice(0, -4)];
/** Moved on after each failure, or the breaker would spare the next ones. */
let ahead = 0;
const live = useLive({ logLevel: 'trace', cacheTtlMs: 1_000 }, { now: () => performance.now() + ahead });
const target = uuidOf.snapshot('rw-target');

const DOCUMENTS: readonly string[] = [
  '{ viewer { username } snapshots(first: 2) { nodes { uuid name sourceVolume { uuid } } } }',
  `{ snapshot(uuid: "${target}") { name errorMessage restorations { volume { uuid } } } }`,
  `mutation { updateSnapshot(input: { uuid: "${target}", description: "x" }) { snapshot { uuid } userErrors { code } } }`,
  `mutation { restoreSnapshot(input: { uuid: "${target}", name: "x" }) { volume { uuid } userErrors { code } } }`,
  `mutation { pullSnapshot(input: { uuid: "${'0'.repeat(32)}" }) { userErrors { code message } } }`,
  'subscription { snapshotChanges { kind uuid } }',
  'subscription { restoreProgress(volumeUuid: "00000000000000000000000000000000") { kind } }',
  '{ nothing }',
  '{',
  ...BOMBS.map(([, document]) => document),
];

const FAULTS: readonly FaultRule[] = [
  { status: 401, headers: { 'content-type': 'application/json' }, body: '{"detail": "Invalid token."}' },
  { status: 403, headers: { 'content-type': 'application/json' }, body: '{"detail": "No."}' },
  { status: 500, body: `Authorization: Token ${CANARY}` },
  { status: 400, headers: { 'content-type': 'text/plain' }, body: `Token ${CANARY}` },
  { status: 404, headers: { 'content-type': 'text/html' }, body: CANARY },
  { status: 503, body: CANARY },
  { status: 429, headers: { 'retry-after': CANARY } },
  { status: 302, headers: { location: `https://evil.example/${CANARY}` } },
  { status: 200, headers: { 'x-request-id': `Token ${CANARY}`, 'content-encoding': CANARY }, body: `{"${CANARY}` },
  { reset: true },
  { truncateAt: 3 },
];

describe('case 6: no log line, response, error or metric contains a token', () => {
  it('for every operation, transport and failure', async () => {
    const { url, simulator, log } = live.running();
    const user = [...simulator.world.tables.users.values()].find(({ username }) => username === 'staff');
    if (user === undefined) throw new Error('the recorded world has no staff');
    simulator.world.setToken(user, CANARY);
    const seen: string[] = [];
    const note = async (authorization: string) => {
      for (const transport of TRANSPORTS) {
        for (const query of DOCUMENTS) seen.push((await ask(url, transport, { query }, { authorization })).text);
      }
    };
    await note(`Token ${CANARY}`);
    expect(seen[0]).toContain('"username":"staff"');
    for (const wrong of [`Bearer ${CANARY}`, CANARY, `Token ${CANARY}\xe9`, `Basic ${btoa(CANARY)}`]) {
      seen.push((await ask(url, 'HTTP', { query: DOCUMENTS[0] }, { authorization: wrong })).text);
      seen.push((await ask(url, 'WebSocket', { query: DOCUMENTS[0] }, { authorization: wrong })).text);
    }
    for (const fault of FAULTS) {
      ahead += 60_000;
      simulator.faults.add(fault);
      simulator.resetStats();
      for (const transport of TRANSPORTS) {
        for (const query of DOCUMENTS.slice(0, 7)) {
          seen.push((await ask(url, transport, { query }, { authorization: `Token ${CANARY}` })).text);
        }
      }
      expect([fault, simulator.stats().total > TRANSPORTS.length]).toEqual([fault, true]);
      simulator.faults.clear();
    }
    ahead += 60_000;
    const client = await Client.open(url, CANARY);
    const stream = client.subscribe(operation('SnapshotChanges'), { filter: { uuid: target } });
    await vi.waitFor(() => expect(stream.events.length).toBeGreaterThan(0), { timeout: 10_000, interval: 5 });
    simulator.world.setToken(user, tokenOf('staff'));
    await client.socket.closed;
    seen.push(JSON.stringify([stream.events, stream.errors, stream.ended, await client.socket.closed]));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('waldur_graph_operations_total');
    expect(log.length).toBeGreaterThan(0);
    // What a caller sent in a document of its own is not looked for: these came from headers and from Waldur.
    for (const disguise of DISGUISES) {
      expect([...seen, ...log, metrics].filter((text) => text.includes(disguise))).toEqual([]);
    }
  });
});
