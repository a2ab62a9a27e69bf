import { isSettled, parseState, type State } from '../../../src/domain/states.ts';
import { Mismatch, skip } from '../check.ts';
import type { Client } from '../client.ts';
import { object, status } from '../expect.ts';
import type { Kind } from '../subject.ts';
import { type Row, show } from '../values.ts';
import type { Pace } from './pace.ts';

/** Reads a state in either spelling. @throws Mismatch for one that no version knows. */
export function stateOf(row: Row): State {
  const state = typeof row.state === 'string' ? parseState(row.state) : undefined;
  if (state === undefined) throw new Mismatch(`state is ${show(row.state)}`);
  return state;
}

export interface Settled {
  /** As it is at the end; undefined when it is gone. */
  readonly row: Row | undefined;
  /** Every state that was seen on the way, in order. */
  readonly seen: readonly State[];
}

/** Polls objects until they are settled. */
export class Watch {
  readonly #waldur: Client;
  readonly #pace: Pace;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  /** What did not settle in time. Nobody waits for it a second time. */
  readonly #stuck = new Set<string>();

  /** @param timeoutMs how long one operation may take. */
  constructor(waldur: Client, pace: Pace, timeoutMs: number, signal: AbortSignal) {
    this.#waldur = waldur;
    this.#pace = pace;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** The same, even when the run is broken off: what was made must go. */
  toTheEnd(): Watch {
    return new Watch(this.#waldur, this.#pace, this.#timeoutMs, new AbortController().signal);
  }

  /** The object now; undefined when it is not there. */
  async read(kind: Kind, uuid: string): Promise<Row | undefined> {
    const answer = await this.#waldur.get(`${kind.path}${uuid}/`);
    status(answer, 200, 404);
    return answer.status === 404 ? undefined : object(answer);
  }

  /** @throws Mismatch when it takes too long, Skip when it did so before or the run was broken off. */
  async settle(kind: Kind, uuid: string): Promise<Settled> {
    return this.#until(kind, uuid, (state) => isSettled(state));
  }

  /** Waits until it is gone. @throws as `settle` */
  async vanish(kind: Kind, uuid: string): Promise<Settled> {
    return this.#until(kind, uuid, (state) => state === 'ERRED');
  }

  async #until(kind: Kind, uuid: string, isEnd: (state: State) => boolean): Promise<Settled> {
    const deadline = this.#pace.now() + this.#timeoutMs;
    const seen: State[] = [];
    for (let asked = 0; ; asked++) {
      const row = await this.read(kind, uuid);
      if (row === undefined) return { row, seen };
      const state = stateOf(row);
      if (seen.at(-1) !== state) seen.push(state);
      if (isEnd(state)) return { row, seen };
      if (this.#signal.aborted) skip('the run was stopped');
      if (this.#stuck.has(uuid)) skip(`the ${kind.id} is still ${state}`);
      if (this.#pace.now() > deadline) {
        this.#stuck.add(uuid);
        throw new Mismatch(`the ${kind.id} is still ${state} after ${this.#timeoutMs / 1000} s`);
      }
      await this.#pace.pause(asked);
    }
  }
}
