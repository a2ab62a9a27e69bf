import { connect, type Socket } from 'node:net';

export interface Pipeline {
  readonly socket: Socket;
  /** Bodies of the answers so far, in order. */
  readonly bodies: () => string[];
  /** Number of answers so far. */
  readonly count: () => number;
}

/** A connection that sends all requests at once, and reads what comes. */
export function pipeline(url: string, requests: readonly string[]): Pipeline {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const bodies: string[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(rest.toString('latin1', 0, end))?.[1] ?? Number.NaN);
      if (Number.isNaN(length)) return void socket.destroy(new Error('an answer without its length'));
      if (rest.length < end + 4 + length) return;
      bodies.push(rest.toString('utf8', end + 4, end + 4 + length));
      rest = rest.subarray(end + 4 + length);
    }
  });
  socket.on('error', () => {});
  socket.write(requests.join(''));
  return { socket, bodies: () => bodies, count: () => bodies.length };
}

/** A POST to /graphql as it is on the wire. */
export function postText(body: object, authorization?: string, headers: Readonly<Record<string, string>> = {}): string {
  const text = JSON.stringify(body);
  const all = {
    Host: 'x',
    'Content-Type': 'application/json',
    ...(authorization !== undefined && { Authorization: authorization }),
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /graphql HTTP/1.1\r\n${lines.join('')}\r\n${text}`;
}

export const getText = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
