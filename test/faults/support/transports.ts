import { openEvents } from '../../support/events.ts';
import { at, type JsonValue } from '../../support/gateway.ts';
import { openSocket } from '../../support/socket.ts';

/** Every way to the graph. */
export const TRANSPORTS = ['HTTP', 'WebSocket', 'SSE'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface Question {
  readonly query: unknown;
  readonly variables?: unknown;
  readonly operationName?: string;
}

/** What came of a question, whatever it came by. */
export interface Answer {
  readonly data: JsonValue | undefined;
  /** `extensions.code` of each error. */
  readonly codes: JsonValue[];
  readonly errors: JsonValue[];
  /** Of HTTP, and of SSE; a socket has none. */
  readonly status: number | undefined;
  /** All that was received, headers included, to look for what must not be in it. */
  readonly text: string;
}

export interface Asking {
  /** The value of Authorization; undefined: none is sent. */
  readonly authorization?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks once by the transport given; of a subscription, the first result. */
export function ask(url: string, transport: Transport, question: Question, asking: Asking = {}): Promise<Answer> {
  switch (transport) {
    case 'HTTP':
      return overHttp(url, question, asking);
    case 'WebSocket':
      return overSocket(url, question, asking);
    case 'SSE':
      return overEvents(url, question, asking);
  }
}

const headersOf = ({ authorization, headers }: Asking): Record<string, string> => ({
  'content-type': 'application/json',
  ...(authorization !== undefined && { authorization }),
  ...headers,
});

function answerOf(result: JsonValue, status: number | undefined, text: string): Answer {
  const found = Array.isArray(result) ? result : at(result, 'errors');
  const errors = Array.isArray(found) ? found : [];
  const codes = errors.map((error) => at(error, 'extensions', 'code') ?? null);
  return { data: Array.isArray(result) ? undefined : at(result, 'data'), codes, errors, status, text };
}

async function overHttp(url: string, question: Question, asking: Asking): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: headersOf(asking),
    body: JSON.stringify(question),
  });
  const text = await response.text();
  return answerOf(JSON.parse(text), response.status, `${JSON.stringify([...response.headers])}\n${text}`);
}

async function overSocket(url: string, question: Question, { authorization, headers }: Asking): Promise<Answer> {
  const socket = await openSocket(url, { headers: { ...headers } });
  await socket.init(authorization === undefined ? {} : { Authorization: authorization });
  socket.send({ id: '1', type: 'subscribe', payload: question });
  const message = await Promise.race([
    socket.next(),
    socket.closed.then(({ code, reason }) => {
      throw new Error(`the socket was closed with ${code} ${reason}`);
    }),
  ]);
  socket.close();
  const { code, reason } = await socket.closed;
  return answerOf(message.payload ?? null, undefined, `${JSON.stringify(message)}\n${code} ${reason}`);
}

async function overEvents(url: string, question: Question, asking: Asking): Promise<Answer> {
  const reader = await openEvents(`${url}/graphql/stream`, {
    headers: { ...headersOf(asking), accept: 'text/event-stream' },
    body: JSON.stringify(question),
  });
  const isStream = reader.headers['content-type']?.startsWith('text/event-stream') ?? false;
  const result = isStream ? (await reader.next()).data : await reader.body();
  reader.leave();
  return answerOf(result, reader.status, `${JSON.stringify(reader.headers)}\n${JSON.stringify(result)}`);
}
