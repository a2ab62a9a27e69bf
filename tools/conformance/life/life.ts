import { Mismatch, skip } from '../check.ts';
import type { Answer, Body, Client, WriteMethod } from '../client.ts';
import { object } from '../expect.ts';
import { type Kind, SNAPSHOTS, type Subject, VOLUMES } from '../subject.ts';
import { isUuid, type Row } from '../values.ts';
import type { Remains } from './remains.ts';
import { stateOf, type Watch } from './watch.ts';

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
  snapshot?: string | undefined;
  /** The volume that was restored from it. */
  restored?: string;
  /** Which operations on the snapshot were accepted: later checks apply only to those. */
  readonly accepted: Set<Operation>;
}

export type Operation = 'update' | 'replace' | 'pull' | 'delete';

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

/** The body of a refusal by a quota, which is a bare array; undefined for any other response. */
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
