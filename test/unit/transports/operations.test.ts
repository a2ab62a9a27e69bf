import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/errors.ts';
import { readMessage } from '../../../src/transports/websocket/flow-control.ts';
import { Operations } from '../../../src/transports/websocket/operations.ts';

const MAX = 2;
type Kind = 'query' | 'mutation' | 'subscription';

/** Operations of a socket whose messages graphql-ws handles until `over` is called. */
function open() {
  const closes: [code: number, reason: string][] = [];
  const operations = new Operations(MAX, (code, reason) => void closes.push([code, reason]));
  /** Messages handed on, in order. */
  const handed: string[] = [];
  const ends = new Map<string, () => void>();
  const handle = (text: string): Promise<void> => {
    const { type, note } = JSON.parse(text) as { type: string; note: string };
    handed.push(note);
    if (type !== 'subscribe') return Promise.resolve();
    return new Promise((resolve) => ends.set(note, resolve));
  };
  const send = (type: 'subscribe' | 'complete', id: string, note: string): Promise<void> =>
    operations.receive(readMessage(JSON.stringify({ type, id, note })), handle);
  return {
    operations,
    closes,
    handed,
    send,
    /** Subscribes and starts an operation. @returns what aborts it, or why it may not run. */
    start(kind: Kind, id: string) {
      void send('subscribe', id, id);
      return operations.start(id, kind);
    },
    /** The operation of that Subscribe message is over. */
    async over(note: string): Promise<void> {
      ends.get(note)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('ids', () => {
  it('a second Subscribe with the id of a running operation is passed to graphql-ws, which refuses it', () => {
    const { handed, send } = open();
    void send('subscribe', 'a', 'first');
    void send('subscribe', 'a', 'second');
    expect(handed).toEqual(['first', 'second']);
  });

  it.each([
    ['was left', ({ send }: ReturnType<typeof open>) => void send('complete', 'a', 'complete')],
    ['was sent its end', ({ operations }: ReturnType<typeof open>) => operations.finish('a')],
  ])('an operation with the same id waits until the one that %s has ended', async (_name, end) => {
    const socket = open();
    const { handed, send, over, closes } = socket;
    void send('subscribe', 'a', 'first');
    end(socket);
    void send('subscribe', 'a', 'second');
    expect(handed).not.toContain('second');
    await over('first');
    expect(handed.at(-1)).toBe('second');
    expect(closes).toEqual([]);
  });

  it('two operations may not wait for the same id', () => {
    const { handed, closes, send } = open();
    void send('subscribe', 'a', 'first');
    void send('complete', 'a', 'complete');
    void send('subscribe', 'a', 'second');
    void send('subscribe', 'a', 'third');
    expect(closes).toEqual([[4409, 'Subscriber for a already exists']]);
    expect(handed).toEqual(['first', 'complete']);
  });

  it('a Complete withdraws the operation that waits', async () => {
    const { handed, send, over } = open();
    void send('subscribe', 'a', 'first');
    void send('complete', 'a', 'complete');
    void send('subscribe', 'a', 'second');
    await send('complete', 'a', 'withdrawn');
    await over('first');
    expect(handed).toEqual(['first', 'complete']);
  });

  it('no operation that waits starts on a closed socket', async () => {
    const { operations, handed, send, over } = open();
    void send('subscribe', 'a', 'first');
    void send('complete', 'a', 'complete');
    void send('subscribe', 'a', 'second');
    operations.close();
    await over('first');
    expect(handed).toEqual(['first', 'complete']);
  });

  it('an exception of graphql-ws reaches the socket, and the id is free', async () => {
    const { operations } = open();
    const message = readMessage('{"type":"subscribe","id":"a"}');
    const broken = operations.receive(message, () => Promise.reject(new Error('broken')));
    await expect(broken).rejects.toThrow('broken');
    let isHandled = false;
    await operations.receive(message, async () => {
      isHandled = true;
    });
    expect(isHandled).toBe(true);
  });
});

describe('operation limits', () => {
  const isRefused = (started: unknown): boolean => started instanceof GatewayError;

  it.each<[Kind, Kind]>([
    ['subscription', 'query'],
    ['query', 'subscription'],
  ])('a socket full of %s operations still runs a %s', (kind, other) => {
    const { start } = open();
    const started = ['a', 'b', 'c'].map((id) => isRefused(start(kind, id)));
    expect(started).toEqual([false, false, true]);
    expect(isRefused(start(other, 'd'))).toBe(false);
  });

  it.each([
    ['the end was sent', ({ operations }: ReturnType<typeof open>) => operations.finish('a')],
    ['the operation was left', ({ send }: ReturnType<typeof open>) => void send('complete', 'a', 'complete')],
    ['the operation is over', ({ over }: ReturnType<typeof open>) => over('a')],
  ])('a place is free when %s', async (_name, end) => {
    const socket = open();
    for (const id of ['a', 'b']) socket.start('query', id);
    await end(socket);
    expect(isRefused(socket.start('query', 'c'))).toBe(false);
    // Only one.
    expect(isRefused(socket.start('query', 'd'))).toBe(true);
  });

  it('an abandoned mutation continues and keeps its place until it ends', async () => {
    const { start, send, over } = open();
    for (const id of ['a', 'b']) {
      start('mutation', id);
      void send('complete', id, 'complete');
    }
    expect(isRefused(start('mutation', 'c'))).toBe(true);
    await over('a');
    expect(isRefused(start('mutation', 'd'))).toBe(false);
  });
});

describe('what aborts an operation', () => {
  it.each<[Kind, left: boolean, closed: boolean]>([
    ['query', true, true],
    // Nobody would see how it ended.
    ['mutation', false, true],
    // Its events are executed for other readers too.
    ['subscription', false, false],
  ])('%s: that it is left %s, that the socket closes %s', (kind, left, closed) => {
    const { operations, start, send } = open();
    const signal = start(kind, 'a');
    const other = start(kind, 'b');
    if (signal instanceof GatewayError || other instanceof GatewayError) throw new Error('refused');
    void send('complete', 'a', 'complete');
    expect([signal.aborted, other.aborted]).toEqual([left, false]);
    operations.close();
    expect([signal.aborted, other.aborted]).toEqual([closed, closed]);
  });
});
