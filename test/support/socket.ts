import { WebSocket } from 'ws';
import type { JsonValue } from './gateway.ts';

export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: JsonValue;
}

/** A socket that speaks graphql-transport-ws by hand, right or wrong, and remembers what came. */
export interface RawSocket {
  /** Objects go as JSON, everything else as it is. */
  send(message: unknown): void;
  /** The next message not yet taken; waits for it. */
  next(): Promise<Message>;
  /** Messages up to and including the first that fulfils the condition. */
  until(condition: (message: Message) => boolean): Promise<Message[]>;
  /** Code of the close frame; waits for it. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly open: boolean;
  /** Opens the connection by connection_init and waits for its acknowledgement. */
  init(payload?: JsonValue): Promise<void>;
  close(): void;
  /** Ends the connection without a close frame. */
  terminate(): void;
  /** Stops reading from the network. */
  pause(): void;
  resume(): void;
}

/** Opens a socket to a gateway. Rejects when the upgrade is refused, with its status as the message. */
export async function openSocket(
  gatewayUrl: string,
  { headers = {}, protocol = 'graphql-transport-ws' }: { headers?: Record<string, string>; protocol?: string } = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${gatewayUrl.replace(/^http/, 'ws')}/graphql`, protocol, { headers });
  const inbox: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on('message', (data) => {
    const message: Message = JSON.parse(String(data));
    const taker = waiting.shift();
    if (taker) taker(message);
    else inbox.push(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => reject(new Error(String(response.statusCode))));
  });
  const next = (): Promise<Message> => {
    const ready = inbox.shift();
    return ready ? Promise.resolve(ready) : new Promise((resolve) => waiting.push(resolve));
  };
  const raw: RawSocket = {
    send: (message) =>
      socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)),
    next,
    async until(condition) {
      const taken: Message[] = [];
      for (;;) {
        const message = await next();
        taken.push(message);
        if (condition(message)) return taken;
      }
    },
    closed,
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    async init(payload) {
      raw.send({ type: 'connection_init', ...(payload !== undefined && { payload }) });
      const refused = closed.then(({ code }) =>
        Promise.reject(new Error(`closed with ${code} before an acknowledgement`)),
      );
      const answer = await Promise.race([next(), refused]);
      if (answer.type !== 'connection_ack') throw new Error(`no acknowledgement but ${JSON.stringify(answer)}`);
    },
    close: () => socket.close(),
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
  return raw;
}
