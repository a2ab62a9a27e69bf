import { describe, expect, it } from 'vitest';
import { openEvents } from '../support/events.ts';
import { at, type Running, tokenOf, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

/** Whether errors name what the client may have meant. */

const WRONG: readonly [name: string, query: string, variables?: Record<string, unknown>][] = [
  ['a field', '{ snapshot }'],
  ['a field of a type', '{ viewer { usernam } }'],
  ['an argument', '{ snapshots(fist: 1) { totalCount } }'],
  ['a type', 'query ($u: UUIDs) { snapshot(uuid: $u) { uuid } }'],
  ['an enum value', '{ snapshots(filter: { state: [OKE] }) { totalCount } }'],
  ['a field of an input', '{ snapshots(filter: { nam: "a" }) { totalCount } }'],
  ['a fragment', '{ node(id: "a") { name } }'],
  ['a field of a variable', 'query ($f: SnapshotFilter) { snapshots(filter: $f) { totalCount } }', { f: { nam: 'a' } }],
];

/** The messages over HTTP, a socket and an event stream. */
async function messages({ url, query: ask }: Running, query: string, variables = {}): Promise<string[]> {
  const { errors } = await ask(query, { variables });
  const authorization = `Token ${tokenOf('staff')}`;
  const socket = await openSocket(url);
  await socket.init({ Authorization: authorization });
  socket.send({ id: '1', type: 'subscribe', payload: { query, variables } });
  const { payload } = await socket.next();
  socket.close();
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', authorization };
  const body = JSON.stringify({ query, variables });
  const stream = await openEvents(`${url}/graphql/stream`, { headers, body });
  return [errors?.[0]?.message, at(payload, 0, 'message'), at(await stream.body(), 'errors', 0, 'message')].map(String);
}

describe('by default', () => {
  const gateway = useGateway();
  it.each(WRONG)('%s: a name is suggested', async (_name, query, variables) => {
    const told = await messages(gateway(), query, variables);
    for (const message of told) expect(message).toContain('Did you mean');
    expect(new Set(told).size).toBe(1);
  });
});

describe.each([
  ['switched off', { suggestions: false }],
  ['without introspection', { introspection: false }],
] as const)('%s', (_name, config) => {
  const gateway = useGateway(config);
  it.each(WRONG)('%s: an error without a suggestion', async (_of, query, variables) => {
    for (const message of await messages(gateway(), query, variables)) {
      expect(message).not.toContain('Did you mean');
      expect(message.length).toBeGreaterThan(20);
    }
  });
});

describe('without introspection, but with suggestions enabled', () => {
  const gateway = useGateway({ introspection: false, suggestions: true });
  it('names are suggested', async () => {
    for (const message of await messages(gateway(), '{ viewer { usernam } }'))
      expect(message).toContain('Did you mean');
  });
});
