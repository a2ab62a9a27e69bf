/**
 * Plain graphql-ws with a pub/sub and one execution for each subscriber, as its documentation shows it: what a team writes first. The
 * same event, the same fields, the same document.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  type Query { ok: Boolean }
  type Subscription { snapshotChanges(filter: Filter): Change! }
  input Filter { uuid: ID }
  type Change { kind: String! cursor: String observedAt: String! uuid: ID previousState: String state: String snapshot: Snapshot }
  type Snapshot { id: ID! uuid: ID! name: String! state: String! runtimeState: String! displayStatus: String! modified: String! }
`);

interface Change {
  readonly snapshot: { readonly name: string };
}

/** Those who wait for the next event, each with what came meanwhile. */
const subscribers = new Set<{ queue: Change[]; wake: () => void }>();

async function* changes(): AsyncGenerator<{ snapshotChanges: Change }> {
  const subscriber: { queue: Change[]; wake: () => void } = { queue: [], wake: () => {} };
  subscribers.add(subscriber);
  try {
    for (;;) {
      const next = subscriber.queue.shift();
      if (next === undefined) await new Promise<void>((resolve) => (subscriber.wake = resolve));
      else yield { snapshotChanges: next };
    }
  } finally {
    subscribers.delete(subscriber);
  }
}

const change = (name: string) => ({
  kind: 'STATE_CHANGED',
  cursor: 'eyJlIjoiMDEyMzQ1Njc4OSIsInMiOjEyMzR9.0123456789abcdef0123456789abcdef',
  observedAt: new Date().toISOString(),
  uuid: '5f0c1f2b7a9d4c1e8f3b6a2d9c4e7f10',
  previousState: 'OK',
  state: 'UPDATE_SCHEDULED',
  snapshot: {
    id: 'U25hcHNob3Q6NWYwYzFmMmI3YTlkNGMxZThmM2I2YTJkOWM0ZTdmMTA',
    uuid: '5f0c1f2b7a9d4c1e8f3b6a2d9c4e7f10',
    name,
    state: 'UPDATE_SCHEDULED',
    runtimeState: 'available',
    displayStatus: 'Update scheduled',
    modified: new Date().toISOString(),
  },
});

const server = createServer((request, response) => {
  const name = new URL(request.url ?? '/', 'http://localhost').searchParams.get('name') ?? '';
  const event = change(name);
  for (const subscriber of subscribers) {
    subscriber.queue.push(event);
    subscriber.wake();
  }
  response.end();
});
const sockets = new WebSocketServer({ server, path: '/graphql' });
useServer({ schema, roots: { subscription: { snapshotChanges: changes } } }, sockets);

process.on('message', () => process.send?.({ residentKib: process.memoryUsage().rss / 1024 }));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
