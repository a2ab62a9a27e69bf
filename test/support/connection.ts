import net from 'node:net';
import { onTestFinished } from 'vitest';

export interface Connection {
  readonly socket: net.Socket;
  /** All that came so far. */
  readonly text: () => string;
  /** The status of each answer so far. */
  readonly statuses: () => number[];
  /** All that came, once it is closed. */
  readonly closed: Promise<string>;
}

/** A connection that sends what it is told byte for byte, until the test is over. */
export function dial(url: string): Connection {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1').setNoDelay();
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += String(chunk);
  });
  // A server may reset what it ends.
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  const statuses = (): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { socket, text: () => text, statuses, closed };
}

/** A request as it is on the wire. */
export function requestText(method: string, target: string, headers: Record<string, string> = {}, body = ''): string {
  const lines = Object.entries({ Host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** A POST of JSON to /graphql. @param length that it announces. */
export const postText = (
  body: string,
  headers: Record<string, string> = {},
  length = Buffer.byteLength(body),
): string =>
  requestText(
    'POST',
    '/graphql',
    { 'Content-Type': 'application/json', 'Content-Length': String(length), ...headers },
    body,
  );
