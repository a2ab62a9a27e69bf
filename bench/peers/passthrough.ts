/** The floor: relays the REST answer, byte by byte, without looking into it. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { announce, UPSTREAM } from './serve.ts';

/** Writes each chunk as it comes; the last one together with the end, so that an answer of one chunk is one write. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;
  #held: Buffer | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.#response.writeHead(status, {
      'content-type': headers['content-type'],
      'content-length': headers['content-length'],
    });
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (this.#held !== undefined) this.#response.write(this.#held);
    this.#held = chunk;
  }

  onResponseEnd(): void {
    this.#response.end(this.#held);
  }

  onResponseError(): void {
    if (!this.#response.headersSent) this.#response.writeHead(502);
    this.#response.end();
  }
}

const pool = new Pool(UPSTREAM, { connections: 64 });

const server = createServer((request, response) => {
  const { authorization } = request.headers;
  pool.dispatch(
    {
      method: 'GET',
      path: request.url ?? '/',
      headers: { accept: 'application/json', ...(authorization !== undefined && { authorization }) },
    },
    new Relay(response),
  );
});

server.listen(0, '127.0.0.1', () => announce(server.address()));
