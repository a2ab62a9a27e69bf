import { isSettled, parseState, type State } from '../../../src/domain/states.ts';
import { Mismatch, skip } from '../check.ts';
import type { Answer, Body, Client, WriteMethod } from '../client.ts';
import { object, status } from '../expect.ts';
import { type Kind, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { isUuid, type Row, show } from '../values.ts';
import type { Pace } from './pace.ts';
import type { Remains } from './remains.ts';

/** What the checks that write share: the walk of one snapshot from its creation to its end. */
export interface Life extends Subject {
  /** Of which snapshots are made. */
  readonly volume: string;
  /** Somebody who may unlink; undefined when no such token was given. */
  readonly staff: Client | undefined;
  readonly watch: Watch;
  readonly remains: Remains;
  /** Name of everything that is made, with a number that tells this run from others. */
  readonly name: string;
  /** The snapshot of the walk, once there is one. */
  snapshot?: string;
  /** The volume that was restored from it. */
  restored?: string;
  /** Which operations on the snapshot were accepted: what follows can only be judged for those. */
  readonly accepted: Set<Operation>;
}

export type Operation = 'update' | 'replace' | 'pull' | 'delete';

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

/** Address of the walk's snapshot. @throws Skip when none was made. */
export const pathOf = ({ snapshot }: Life): string =>
  snapshot === undefined ? skip('no snapshot was made') : `${SNAPSHOTS.path}${snapshot}/`;

/** The walk's snapshot, at rest and OK. @throws Skip otherwise: the check that waited for it has failed already. */
export async function ready(life: Life): Promise<Row> {
  const { snapshot } = life;
  if (snapshot === undefined) return skip('no snapshot was made');
  const { row } = await life.watch.settle(SNAPSHOTS, snapshot);
  if (row === undefined) return skip('the snapshot is gone');
  return stateOf(row) === 'OK' ? row : skip(`the snapshot is ${stateOf(row)}`);
}

/** Sends a write to the walk's snapshot and notes whether it was accepted, with the right status or another one. */
export async function operate(
  life: Life,
  operation: Operation,
  [method, action, body]: readonly [method: WriteMethod, action: string, body?: Body],
): Promise<Answer> {
  life.accepted.delete(operation);
  const answer = await life.waldur.write(method, pathOf(life) + action, body);
  if (answer.status >= 200 && answer.status < 300) life.accepted.add(operation);
  return answer;
}

/** Uuid of the walk's snapshot, with which the operation has begun. @throws Skip when it was not accepted. */
export function after({ accepted, snapshot }: Life, operation: Operation): string {
  if (snapshot === undefined) return skip('no snapshot was made');
  return accepted.has(operation) ? snapshot : skip(`the ${operation} was not accepted`);
}

/** Notes what an answer says it made, whatever its status: a server that is wrong may have made it all the same. */
export function note(life: Life, kind: Kind, answer: Answer): string | undefined {
  if (answer.status < 200 || answer.status > 299) return undefined;
  try {
    const row = object(answer, answer.status);
    if (!isUuid(row.uuid)) return undefined;
    const resource = isUuid(row.marketplace_resource_uuid) ? row.marketplace_resource_uuid : undefined;
    life.remains.add({ kind, uuid: row.uuid, name: String(row.name), resource });
    return row.uuid;
  } catch (error) {
    if (error instanceof Mismatch) return undefined;
    throw error;
  }
}

/** The text of a quota's refusal, a bare array; undefined for any other answer. */
export function quotaOf({ status: got, text }: Answer): string | undefined {
  if (got !== 400 || !text.startsWith('[')) return undefined;
  return text;
}

/** Posts what makes a snapshot of the given volume. @returns the answer, and the uuid of what was made. @throws Skip for a quota */
export async function create(
  life: Life,
  body: Readonly<Record<string, unknown>>,
): Promise<{ answer: Answer; uuid: string | undefined }> {
  const answer = await life.waldur.write('POST', `${VOLUMES.path}${life.volume}/snapshot/`, { json: body });
  const quota = quotaOf(answer);
  if (quota !== undefined) skip(`a quota is exhausted: ${quota}`);
  return { answer, uuid: note(life, SNAPSHOTS, answer) };
}
