import { describe, expect, it } from 'vitest';
import { MessageQueue, readMessage } from '../../../src/transports/websocket/flow-control.ts';

const subscribe = JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { username } }' } });
const complete = JSON.stringify({ type: 'complete', id: '1' });
const ping = JSON.stringify({ type: 'ping' });
const longPing = JSON.stringify({ type: 'ping', payload: { pad: 'x'.repeat(60_000) } });
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function open() {
  const handled: string[] = [];
  const flow: string[] = [];
  const queue = new MessageQueue({ pause: () => void flow.push('pause'), resume: () => void flow.push('resume') });
  const add = (text: string, name: string, work = (): void => {}): void =>
    queue.add(readMessage(text), () => {
      work();
      handled.push(name);
    });
  return { queue, handled, flow, add };
}

describe('the messages of one socket', () => {
  it('a Complete is handled in order after its Subscribe, however long that takes', () => {
    const { handled, add } = open();
    const slow = (): void => {
      const until = performance.now() + 20;
      while (performance.now() < until);
    };
    add(subscribe, 'subscribe', slow);
    add(complete, 'complete');
    expect(handled).toEqual(['subscribe', 'complete']);
  });

  it.each([
    ['operations', subscribe],
    ['long messages', longPing],
  ])('%s have a turn each, in order, and reading pauses while many wait', async (_name, text) => {
    const { handled, flow, add } = open();
    const names = Array.from({ length: 20 }, (_, i) => `message ${i}`);
    for (const name of names) add(text, name);
    expect(handled).toEqual(['message 0']);
    expect(flow).toContain('pause');
    await nextTurn();
    expect(handled.length).toBeLessThanOrEqual(2);
    for (let turn = 0; turn < names.length; turn++) await nextTurn();
    expect(handled).toEqual(names);
    expect(flow.at(-1)).toBe('resume');
  });

  it('thousands of other messages take several turns', () => {
    const { handled, add } = open();
    for (let i = 0; i < 3_000; i++) add(ping, 'ping');
    expect(handled).toHaveLength(100);
  });

  it('none is handled after the queue is closed', async () => {
    const { queue, handled, flow, add } = open();
    add(subscribe, 'first');
    add(subscribe, 'second');
    queue.close();
    add(ping, 'third');
    await nextTurn();
    await nextTurn();
    expect(handled).toEqual(['first']);
    expect(flow.at(-1)).toBe('resume');
  });
});

describe('type and id of a message', () => {
  it.each([
    ['a Subscribe message', subscribe, 'subscribe', '1'],
    ['a message without an id', ping, 'ping', undefined],
    ['an id that is no string', '{"type":"complete","id":1}', 'complete', undefined],
    ['the last of two ids', '{"type":"complete","id":"1","id":"2"}', 'complete', '2'],
    ['no object', 'null', undefined, undefined],
    ['no JSON', '{', undefined, undefined],
  ])('%s', (_name, text, type, id) => {
    expect(readMessage(text)).toEqual({ text, type, id });
  });

  it('a Subscribe message that HTTP would refuse is replaced by an empty one, with the reason', () => {
    const { text, refusal } = readMessage('{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":1}}');
    expect(JSON.parse(text)).toEqual({ type: 'subscribe', id: '1', payload: { query: '' } });
    expect(refusal?.code).toBe('BAD_REQUEST');
  });
});
