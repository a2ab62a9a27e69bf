import { connect, type Socket } from 'node:net';

/**
 * A load generator on bare sockets. It shares a core with the upstream, so what it costs itself must stay far below what a server
 * costs: a ready-made request is written, of the answer only its status and its end are looked at.
 */
export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** Requests as they go over the wire; each connection walks through its own list again and again. */
  readonly requests: (connection: number) => readonly Buffer[];
  /** After this time no new request begins; those that run are waited for, in ms. */
  readonly forMs: number;
  /** Once everything that was begun takes longer than this, the rest is given up, in ms. */
  readonly atMostMs: number;
}

export interface LoadResult {
  readonly answers: number;
  /** Answers with another status than 200. */
  readonly bad: number;
  /** From the first request to the last answer, in ms. */
  readonly tookMs: number;
  /** Of each answer, in ms. */
  readonly latencies: readonly number[];
  readonly bytes: number;
}

/** What is read of any socket comes through here: memory of its own for each read would cost the generator more than all the rest. */
const READ = Buffer.allocUnsafeSlow(256 * 1024);

/** Runs requests on N connections, one at a time on each. @throws when a connection cannot be made or breaks. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { port, connections, forMs, atMostMs } = options;
  const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const latencies: number[] = [];
  let bad = 0;
  let bytes = 0;
  const began = performance.now();
  let last = began;
  const run = (connection: Connection, requests: readonly Buffer[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const { socket, answer } = connection;
      let next = 0;
      let sent = 0;
      const send = (): void => {
        sent = performance.now();
        if (sent - began >= forMs) resolve();
        else socket.write(requests[next++ % requests.length] ?? '');
      };
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed a connection')));
      connection.onAnswer = () => {
        last = performance.now();
        latencies.push(last - sent);
        if (answer.status !== 200) bad += 1;
        bytes += answer.length;
        answer.reset();
        send();
      };
      send();
    });
  let impatience: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    impatience = setTimeout(resolve, atMostMs);
  });
  try {
    await Promise.race([Promise.all(all.map((each, index) => run(each, options.requests(index)))), enough]);
  } finally {
    clearTimeout(impatience);
    for (const { socket } of all) socket.removeAllListeners('close').destroy();
  }
  return { answers: latencies.length, bad, tookMs: last - began, latencies, bytes };
}

class Connection {
  readonly answer = new AnswerReader();
  readonly socket: Socket;
  /** Told of each whole answer. */
  onAnswer: () => void = () => {};

  private constructor(port: number) {
    const callback = (length: number): boolean => {
      if (this.answer.take(READ.subarray(0, length))) this.onAnswer();
      return true;
    };
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: READ, callback } });
  }

  static open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    const { socket } = connection;
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(connection);
      });
    });
  }
}

const LAST_CHUNK = '0\r\n\r\n';

/** Finds the end of an answer: by Content-Length, or the last chunk, which cannot occur within JSON. */
class AnswerReader {
  status = 0;
  /** Bytes so far, head included. */
  length = 0;
  #end: number | undefined;
  #isChunked = false;
  #head = '';
  /** What came last: the last chunk may be cut in two. */
  #tail = '';

  reset(): void {
    this.status = 0;
    this.length = 0;
    this.#end = undefined;
    this.#isChunked = false;
    this.#head = '';
    this.#tail = '';
  }

  /** True when the answer is complete. */
  take(chunk: Buffer): boolean {
    this.length += chunk.length;
    if (this.#end === undefined && !this.#isChunked) this.#readHead(chunk);
    if (this.#isChunked) {
      const end = chunk.toString('latin1', Math.max(0, chunk.length - LAST_CHUNK.length), chunk.length);
      this.#tail = (this.#tail + end).slice(-LAST_CHUNK.length);
      return this.#tail === LAST_CHUNK;
    }
    return this.#end !== undefined && this.length >= this.#end;
  }

  #readHead(chunk: Buffer): void {
    const before = this.#head.length;
    this.#head += chunk.toString('latin1', 0, Math.min(chunk.length, 4096));
    const end = this.#head.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if (end < 0) return;
    const head = this.#head.slice(0, end).toLowerCase();
    this.status = Number(head.slice(9, 12));
    const length = /\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (length === undefined) this.#isChunked = true;
    else this.#end = end + 4 + Number(length);
  }
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it goes over the wire. */
export function rawRequest({ method, target, headers, body = '' }: HttpRequest): Buffer {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  if (method === 'POST') lines.push(`content-length: ${Buffer.byteLength(body)}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
