import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { tokenOf } from '../support/gateway.ts';
import { documents } from './support/documents.ts';
import { bulkyJsonText, jsonText } from './support/json.ts';
import { fuzz, isLong, rarely, TIMEOUT_MS } from './support/run.ts';
import { useTarget } from './support/target.ts';
import { damaged, garbage, nastyString } from './support/text.ts';
import { complaintOfErrors, complaintOfResult, parsed } from './support/verdict.ts';

/** Conversations over a WebSocket: messages of the protocol in any order, damaged ones, and frames that are none of its. */
type Frame = { readonly text: string } | { readonly binary: Uint8Array } | { readonly fragments: readonly string[] };

const ids = fc.constantFrom('1', '2', '__proto__', 'toString', '', 'x'.repeat(1_000));
const ofSchema = documents('query', 'mutation', 'subscription', 'subscription');
const anyDocument = fc.oneof({ weight: 4, arbitrary: ofSchema }, damaged(ofSchema), garbage);

const INIT = JSON.stringify({ type: 'connection_init', payload: { Authorization: `Token ${tokenOf('staff')}` } });

const subscribe = fc
  .record({ id: ids, query: anyDocument, variables: rarely(jsonText) })
  .map(({ id, query, variables }) => {
    const rest = variables === undefined ? '' : `,"variables":${variables}`;
    return `{"type":"subscribe","id":${JSON.stringify(id)},"payload":{"query":${JSON.stringify(query)}${rest}}}`;
  });

const message: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: subscribe },
  { weight: 2, arbitrary: ids.map((id) => JSON.stringify({ type: 'complete', id })) },
  fc.constant(INIT),
  fc.oneof(jsonText, bulkyJsonText).map((payload) => `{"type":"connection_init","payload":${payload}}`),
  nastyString.map((authorization) => JSON.stringify({ type: 'connection_init', payload: { authorization } })),
  jsonText.map((payload) => `{"type":"ping","payload":${payload}}`),
  jsonText.map((payload) => `{"type":"subscribe","id":"3","payload":${payload}}`),
  fc
    .constantFrom('next', 'error', 'connection_ack', 'pong', '__proto__', '')
    .map((type) => JSON.stringify({ type, id: '1', payload: [] })),
);

const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 12, arbitrary: message.map((text) => ({ text })) },
  { weight: 2, arbitrary: damaged(message).map((text) => ({ text })) },
  jsonText.map((text) => ({ text })),
  garbage.map((text) => ({ text })),
  message.map((text) => ({ fragments: [text.slice(0, 5), text.slice(5)] })),
  fc.uint8Array({ maxLength: 100 }).map((binary) => ({ binary })),
  fc.constant({ text: JSON.stringify({ type: 'ping', payload: { x: 'x'.repeat(1_100_000) } }) }),
);

const inputs = fc.record({
  greets: fc.nat(5).map((roll) => roll > 0),
  frames: fc.array(frame, { minLength: 1, maxLength: 6 }),
  /** Leaves without closing. */
  drops: fc.nat(4).map((roll) => roll === 0),
});

/** Internal error, by the protocol's own code and by graphql-ws's. */
const FAILURES: ReadonlySet<number> = new Set([1011, 4500]);
const LAST = '{"type":"ping","payload":{"last":true}}';

const send = (socket: WebSocket, given: Frame): void => {
  if ('text' in given) socket.send(given.text);
  else if ('binary' in given) socket.send(given.binary);
  else for (const [i, part] of given.fragments.entries()) socket.send(part, { fin: i === given.fragments.length - 1 });
};

/** @returns what is wrong with a message of the server's; undefined: nothing. */
function complaintOfMessage(text: string): string | undefined {
  const { type, payload } = parsed(text) ?? {};
  switch (type) {
    case 'next':
      return complaintOfResult(Object(payload));
    case 'error':
      return complaintOfErrors(payload);
    case 'connection_ack':
    case 'complete':
    case 'ping':
    case 'pong':
      return undefined;
    default:
      return `no message of the protocol: ${text.slice(0, 500)}`;
  }
}

interface Conversation {
  readonly greets: boolean;
  readonly frames: readonly Frame[];
  readonly drops: boolean;
}

/** Sends all frames, then waits until the server has come to the last of them or has hung up. */
function converse(url: string, { greets, frames, drops }: Conversation): Promise<string | undefined> {
  return new Promise((resolve) => {
    const complaints: string[] = [];
    const socket = new WebSocket(url, 'graphql-transport-ws');
    socket.on('message', (data) => {
      const text = String(data);
      const complaint = complaintOfMessage(text);
      if (complaint !== undefined) complaints.push(complaint);
      if (!text.includes('"last":true')) return;
      if (drops) socket.terminate();
      else socket.close(1000);
    });
    socket.once('open', () => {
      if (greets) socket.send(INIT);
      for (const one of frames) send(socket, one);
      socket.send(LAST);
    });
    // The server may hang up in the middle of what we send.
    socket.on('error', () => socket.terminate());
    socket.once('close', (code) => {
      if (FAILURES.has(code)) complaints.push(`closed with ${code}`);
      resolve(complaints.length > 0 ? complaints.join('\n') : undefined);
    });
  });
}

describe('conversations over a socket', () => {
  const target = useTarget();

  it(
    'are answered or ended by the protocol',
    async () => {
      const { slope, endMiB, warmMiB } = await fuzz({
        subject: 'frames',
        share: 0.07,
        inputs,
        send: (conversation) => converse(`${target().running.url.replace(/^http/, 'ws')}/graphql`, conversation),
        between: () => target().settle(),
      });
      expect(endMiB - warmMiB).toBeLessThan(32);
      if (isLong) expect(slope).toBeLessThan(1_000);
    },
    TIMEOUT_MS,
  );
});
