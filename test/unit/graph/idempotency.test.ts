import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/auth/caller.ts';
import { IdempotencyKeys, type Use } from '../../../src/graph/idempotency.ts';
import { UpstreamError } from '../../../src/waldur/errors.ts';
import { seeded } from '../../live/support/clock.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const heapUsed = (): number => {
  gc();
  return process.memoryUsage().heapUsed;
};

type Sent = Exclude<Use<string>, { kind: 'other-input' }>;

const caller = (token: string, address = '192.0.2.1'): Caller => ({
  key: `${token} ${address}`,
  headers: { authorization: `Token ${token}`, 'x-forwarded-for': address },
  authenticated: true,
});

/** A Waldur that makes volumes, and that loses answers. Time is a number. */
class World {
  now = 0;
  made = 0;
  sent = 0;
  readonly #volumes: string[] = [];
  /** Requests that Waldur has not finished though the caller gave up. */
  readonly #late: { readonly at: number; readonly make: () => void }[] = [];
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  pass(ms: number): void {
    this.now += ms;
    for (const late of this.#late.splice(0)) {
      if (late.at <= this.now) late.make();
      else this.#late.push(late);
    }
  }

  async alike(): Promise<string[]> {
    await this.#turns();
    this.#mayBeDown();
    return [...this.#volumes];
  }

  async send(): Promise<Sent> {
    await this.#turns();
    this.#mayBeDown();
    this.sent += 1;
    const chance = this.#random();
    if (chance < 0.15) return { kind: 'refused', refusal: 'full' };
    // Lost before Waldur began: a restart.
    if (chance < 0.3) throw new UpstreamError('outcome-unknown');
    if (chance < 0.45) throw new UpstreamError('unavailable', { status: 502 });
    const uuid = `volume ${++this.made}`;
    const make = (): void => void this.#volumes.push(uuid);
    if (chance < 0.6) {
      this.#late.push({ at: this.now + this.#random() * 59_000, make });
      throw chance < 0.55
        ? new UpstreamError('outcome-unknown', { mayStillRun: true })
        : new UpstreamError('unavailable', { status: 504 });
    }
    make();
    if (chance < 0.75) throw new UpstreamError('outcome-unknown');
    if (chance < 0.8) throw new UpstreamError('malformed', { status: 500 });
    return { kind: 'made', uuid };
  }

  #mayBeDown(): void {
    if (this.#random() < 0.1) throw new UpstreamError('unavailable');
  }

  /** Several turns, so that uses of the same key overlap in different ways. */
  async #turns(): Promise<void> {
    for (let left = Math.floor(this.#random() * 4); left > 0; left -= 1) await Promise.resolve();
  }
}

describe('a mutation with an idempotency key', () => {
  it('makes one object in 10,000 seeded runs with lost answers, repeated and concurrent uses', async () => {
    const seen = { made: 0, none: 0, repeated: 0 };
    for (let seed = 1; seed <= 10_000; seed += 1) {
      const random = seeded(seed);
      const world = new World(random);
      const keys = new IdempotencyKeys(() => world.now);
      const creation = { input: ['s1', { name: 'x' }], alike: () => world.alike(), send: () => world.send() };
      const results = new Set<string>();
      for (let round = 0; round < 8; round += 1) {
        const uses = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
          keys.once(caller('a'), 'restore', 'key', creation),
        );
        for (const result of await Promise.allSettled(uses)) {
          if (result.status === 'fulfilled' && result.value.kind === 'made') results.add(result.value.uuid);
        }
        world.pass(random() * 40_000);
      }
      world.pass(60_000);
      if (world.made > 1 || results.size > 1) throw new Error(`seed ${seed}: ${world.made} volumes, ${[...results]}`);
      seen.made += world.made;
      seen.none += world.made === 0 ? 1 : 0;
      seen.repeated += world.sent > 1 ? 1 : 0;
    }
    // The runs are of every kind.
    expect(seen.made).toBeGreaterThan(9_000);
    expect(seen.repeated).toBeGreaterThan(3_000);
  });

  const world = (outcome: () => Promise<Sent>) => {
    const sent: number[] = [];
    const creation = (input: unknown) => ({
      input: [input],
      alike: async () => [],
      send: () => {
        sent.push(sent.length);
        return outcome();
      },
    });
    return { sent, creation };
  };
  const done = async (): Promise<Sent> => ({ kind: 'made', uuid: 'v' });

  it('refuses another input, and runs for another caller, mutation or key', async () => {
    const { sent, creation } = world(done);
    const keys = new IdempotencyKeys(() => 0);
    await keys.once(caller('a'), 'restore', 'k', creation('x'));
    expect(await keys.once(caller('a'), 'restore', 'k', creation('y'))).toEqual({ kind: 'other-input' });
    expect(sent).toHaveLength(1);
    await keys.once(caller('b'), 'restore', 'k', creation('x'));
    await keys.once(caller('a'), 'create', 'k', creation('x'));
    await keys.once(caller('a'), 'restore', 'k2', creation('x'));
    expect(sent).toHaveLength(4);
    // The same person on another network.
    await keys.once(caller('a', '198.51.100.7'), 'restore', 'k', creation('x'));
    expect(sent).toHaveLength(4);
  });

  it('compares inputs whatever the order of their members', async () => {
    const { sent, creation } = world(done);
    const keys = new IdempotencyKeys(() => 0);
    const use = (metadata: unknown) => keys.once(caller('a'), 'create', 'k', creation({ name: 'x', metadata }));
    await use({ a: 1, b: { c: [1, 2], d: null } });
    expect(await use({ b: { d: null, c: [1, 2] }, a: 1 })).toEqual({ kind: 'made', uuid: 'v' });
    expect(sent).toHaveLength(1);
    for (const other of [{ a: 1, b: { c: [2, 1], d: null } }, { a: 1, b: { c: [1, 2] } }, { a: '1' }, [], null]) {
      expect(await use(other)).toEqual({ kind: 'other-input' });
    }
  });

  it('keeps no long input in memory', async () => {
    const { creation } = world(done);
    const keys = new IdempotencyKeys(() => 0);
    const before = heapUsed();
    for (let n = 0; n < 300; n += 1) {
      const input = { metadata: `${n} ${'x'.repeat(256 * 1024)}` };
      await keys.once(caller('a'), 'create', String(n), creation(input));
    }
    // 75 MiB of inputs.
    expect(heapUsed() - before).toBeLessThan(10 * 2 ** 20);
    expect(await keys.once(caller('a'), 'create', '0', creation({ metadata: 'y' }))).toEqual({ kind: 'other-input' });
  });

  it('is over after 24 hours', async () => {
    const { sent, creation } = world(done);
    let now = 0;
    const keys = new IdempotencyKeys(() => now);
    await keys.once(caller('a'), 'restore', 'k', creation('x'));
    now = 24 * 60 * 60_000 - 1;
    await keys.once(caller('a'), 'restore', 'k', creation('x'));
    expect(sent).toHaveLength(1);
    now += 1;
    await keys.once(caller('a'), 'restore', 'k', creation('x'));
    expect(sent).toHaveLength(2);
  });

  it('forgets the oldest keys of a caller who has many, and none of others', async () => {
    const { sent, creation } = world(done);
    const keys = new IdempotencyKeys(() => 0);
    await keys.once(caller('b'), 'restore', 'k', creation('x'));
    for (let n = 0; n <= 500; n += 1) await keys.once(caller('a'), 'restore', String(n), creation('x'));
    expect(sent).toHaveLength(502);
    await keys.once(caller('b'), 'restore', 'k', creation('x'));
    await keys.once(caller('a'), 'restore', '500', creation('x'));
    expect(sent).toHaveLength(502);
    await keys.once(caller('a'), 'restore', '0', creation('x'));
    expect(sent).toHaveLength(503);
  });

  it('may be used again with another input after a refusal', async () => {
    const refused: Sent = { kind: 'refused', refusal: 'full' };
    const first = world(async () => refused);
    const keys = new IdempotencyKeys(() => 0);
    expect(await keys.once(caller('a'), 'restore', 'k', first.creation('x'))).toEqual(refused);
    expect(await keys.once(caller('a'), 'restore', 'k', world(done).creation('y'))).toEqual({
      kind: 'made',
      uuid: 'v',
    });
  });
});
