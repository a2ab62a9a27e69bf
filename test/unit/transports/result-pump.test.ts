import type { ExecutionResult } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Results } from '../../../src/operations/result-stream.ts';
import { ResultPump } from '../../../src/transports/websocket/result-pump.ts';

/** Results 1, 2, 3, ... as they are asked for. */
async function* counting(until = Number.POSITIVE_INFINITY): AsyncGenerator<number, void, void> {
  for (let n = 1; n <= until; n++) yield n;
}

function leavable() {
  let left = false;
  const events = (async function* () {
    try {
      yield* counting();
    } finally {
      left = true;
    }
  })();
  return { counting: events, left: () => left };
}

const resultsOf = (events: AsyncIterable<unknown>): Results =>
  new Results<unknown>(events, undefined, {
    execute: async (_, n) => ({ data: { n } }),
    translate: (error) => error,
  });

/** A network that takes what it is told to take. */
class Network {
  readonly sent: ExecutionResult[] = [];
  #take: () => void = () => {};
  #came: () => void = () => {};

  readonly send = (result: ExecutionResult): Promise<void> => {
    this.sent.push(result);
    this.#came();
    return new Promise((resolve) => {
      this.#take = resolve;
    });
  };

  /** Takes what is under way and waits for what comes next. */
  async takeOne(): Promise<void> {
    const came = this.next();
    this.#take();
    await came;
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#came = resolve;
    });
  }
}

describe('results that are sent to a socket', () => {
  it('are all sent before the stream is over', async () => {
    const sent: ExecutionResult[] = [];
    const pump = new ResultPump(resultsOf(counting(3)), async (result) => void sent.push(result));
    expect(await pump.next()).toEqual({ done: true, value: undefined });
    expect(sent).toEqual([{ data: { n: 1 } }, { data: { n: 2 } }, { data: { n: 3 } }]);
  });

  it('are requested only when the previous one was sent', async () => {
    let asked = 0;
    const events = (async function* () {
      for await (const n of counting()) {
        asked = n;
        yield n;
      }
    })();
    const network = new Network();
    const first = network.next();
    void new ResultPump(resultsOf(events), network.send).next();
    await first;
    expect(asked).toBe(1);
    await network.takeOne();
    expect(asked).toBe(2);
  });

  it('stop when the stream is left, and the events are left too', async () => {
    const events = leavable();
    const network = new Network();
    const pump = new ResultPump(resultsOf(events.counting), network.send);
    const first = network.next();
    const over = pump.next();
    await first;
    await pump.return();
    expect(events.left()).toBe(true);
    const later = network.takeOne().then(() => 'another result');
    expect(await Promise.race([over, later])).toEqual({ done: true, value: undefined });
    expect(network.sent).toHaveLength(1);
  });

  it('end when the events end', async () => {
    const events = (async function* () {
      yield 1;
      throw new Error('revoked');
    })();
    await expect(new ResultPump(resultsOf(events), async () => {}).next()).rejects.toThrow('revoked');
  });

  it('end when the network fails, and the events are left', async () => {
    const events = leavable();
    const pump = new ResultPump(resultsOf(events.counting), () => Promise.reject(new Error('reset')));
    await expect(pump.next()).rejects.toThrow('reset');
    expect(events.left()).toBe(true);
  });
});
