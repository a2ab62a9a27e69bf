import { once } from 'node:events';
import WebSocket from 'ws';

/** The document of test/operations, by uuid. */
export const CHANGES = `subscription SnapshotChanges($uuid: UUID!) { snapshotChanges(filter: { uuid: $uuid }) {
  kind cursor observedAt uuid previousState state snapshot { id uuid name state runtimeState displayStatus modified } } }`;

/** A socket that has been acknowledged. */
export async function connect(port: number, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Token ${token}` } }));
  await once(socket, 'message');
  return socket;
}

export const subscribe = (socket: WebSocket, id: string, query: string, variables: object): void =>
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));

/** Connects many, some at a time. */
export async function connectAll(count: number, port: number, token: string): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < count) {
    const some = Math.min(100, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => connect(port, token)))));
  }
  return sockets;
}

/** Counts messages that hold a text, over many sockets. */
export class Counter {
  #marker = '';
  #count = 0;
  #wanted = 0;
  #done: () => void = () => {};

  constructor(sockets: readonly WebSocket[]) {
    for (const socket of sockets) {
      socket.on('message', (data: Buffer) => {
        if (this.#marker === '' || !data.includes(this.#marker)) return;
        if (++this.#count === this.#wanted) this.#done();
      });
    }
  }

  get count(): number {
    return this.#count;
  }

  /** Resolves when so many messages with the text have come, from now on. @throws after a minute. */
  async wait(marker: string, wanted: number): Promise<void> {
    this.#marker = marker;
    this.#count = 0;
    this.#wanted = wanted;
    const came = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${this.#count} of ${wanted} messages with ${JSON.stringify(marker)} came`)),
        60_000,
      );
    });
    await Promise.race([came, late]);
    clearTimeout(timer);
  }
}
