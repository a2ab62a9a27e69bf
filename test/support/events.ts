import { type IncomingMessage, request } from 'node:http';
import type { JsonValue } from './gateway.ts';

export interface ServerEvent {
  readonly event: string;
  /** null where there is no data. */
  readonly data: JsonValue;
}

/** An answer of /graphql/stream, read by hand. */
export interface EventReader {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Of an answer that is no stream. */
  body(): Promise<JsonValue>;
  /** The next event not yet taken; waits for it. Rejects when there is none any more. */
  next(): Promise<ServerEvent>;
  /** Events up to and including the first that fulfils the condition. */
  until(condition: (event: ServerEvent) => boolean): Promise<ServerEvent[]>;
  /** How the connection ended, and the events that nobody took; waits for it. */
  readonly ended: Promise<{ readonly whole: boolean; readonly rest: readonly ServerEvent[] }>;
  /** Comments so far. */
  comments(): number;
  /** Goes away. */
  leave(): void;
  /** Stops reading from the network. */
  pause(): void;
  resume(): void;
}

/** Sends a request and waits for the headers of its answer. */
export function openEvents(
  url: string,
  { method = 'POST', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => resolve(readEvents(response)));
    sent.once('error', reject);
    sent.end(body);
  });
}

function readEvents(response: IncomingMessage): EventReader {
  const inbox: ServerEvent[] = [];
  let text = '';
  let unread = '';
  let comments = 0;
  let over = false;
  let tell = (): void => {};
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    unread += chunk;
    const blocks = unread.split('\n\n');
    unread = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments += 1;
      else inbox.push(parseEvent(block));
    }
    tell();
  });
  const ended = new Promise<{ whole: boolean; rest: readonly ServerEvent[] }>((resolve) => {
    response.once('error', () => {});
    response.once('close', () => {
      over = true;
      tell();
      resolve({ whole: response.complete, rest: inbox });
    });
  });
  const next = async (): Promise<ServerEvent> => {
    for (;;) {
      const event = inbox.shift();
      if (event !== undefined) return event;
      if (over) throw new Error('the stream has ended');
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    }
  };
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    next,
    ended,
    async body() {
      await ended;
      return JSON.parse(text) as JsonValue;
    },
    async until(condition) {
      const taken: ServerEvent[] = [];
      for (;;) {
        const event = await next();
        taken.push(event);
        if (condition(event)) return taken;
      }
    },
    comments: () => comments,
    leave: () => void response.destroy(),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
  };
}

function parseEvent(block: string): ServerEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const data = fields.get('data') ?? '';
  return { event: fields.get('event') ?? 'message', data: data === '' ? null : (JSON.parse(data) as JsonValue) };
}
