import { describe, expect, it } from 'vitest';
import { MessageQueue } from '../../../src/transports/websocket/message-queue.ts';

const subscribe = JSON.stringify({ type: 'subscribe', id: '1', payload: { query: '{ viewer { username } }' } });
const complete = JSON.stringify({ type: 'complete', id: '1' });
const ping = JSON.stringify({ type: 'ping' });
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function open() {
  const dealt: string[] = [];
  const reading: string[] = [];
  const inbox = new MessageQueue({ stop: () => void reading.push('stop'), resume: () => void reading.push('resume') });
  const add = (text: string, name: string, work = (): void => {}): void =>
    inbox.add(text, () => {
      work();
      dealt.push(name);
    });
  return { inbox, dealt, reading, add };
}

describe('the messages of one socket', () => {
  it('a Complete goes in the turn of the Subscribe that it follows, however long that takes', () => {
    const { dealt, add } = open();
    const slow = (): void => {
      const until = performance.now() + 20;
      while (performance.now() < until);
    };
    add(subscribe, 'subscribe', slow);
    add(complete, 'complete');
    expect(dealt).toEqual(['subscribe', 'complete']);
  });

  it('operations have a turn each, in order, and reading stops while many wait', async () => {
    const { dealt, reading, add } = open();
    const names = Array.from({ length: 20 }, (_, i) => `operation ${i}`);
    for (const name of names) add(subscribe, name);
    expect(dealt).toEqual(['operation 0']);
    expect(reading).toContain('stop');
    await nextTurn();
    expect(dealt.length).toBeLessThanOrEqual(2);
    for (let turn = 0; turn < names.length; turn++) await nextTurn();
    expect(dealt).toEqual(names);
    expect(reading.at(-1)).toBe('resume');
  });

  it('thousands of others take several turns', () => {
    const { dealt, add } = open();
    for (let i = 0; i < 3_000; i++) add(ping, 'ping');
    expect(dealt).toHaveLength(100);
  });

  it('nothing is dealt with once it is closed', async () => {
    const { inbox, dealt, reading, add } = open();
    add(subscribe, 'first');
    add(subscribe, 'second');
    inbox.close();
    add(ping, 'third');
    await nextTurn();
    await nextTurn();
    expect(dealt).toEqual(['first']);
    expect(reading.at(-1)).toBe('resume');
  });
});
