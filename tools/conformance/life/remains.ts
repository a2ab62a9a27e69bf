import { Mismatch, Skip } from '../check.ts';
import { type Client, NoAnswer } from '../client.ts';
import { status } from '../expect.ts';
import { type Kind, SNAPSHOTS } from '../subject.ts';
import type { Watch } from './watch.ts';

/** An object that a run made. */
export interface Made {
  readonly kind: Kind;
  readonly uuid: string;
  readonly name: string;
  /** Of the marketplace, through which a volume can be terminated. */
  readonly resource?: string | undefined;
}

interface Tools {
  readonly waldur: Client;
  readonly staff: Client | undefined;
  readonly watch: Watch;
}

/** The objects that a run has created and must remove. */
export class Remains {
  readonly #made = new Map<string, Made>();

  add(made: Made): void {
    this.#made.set(made.uuid, made);
  }

  /**
   * Removes everything that is still there, the last first: a snapshot cannot go while a volume is being made from it.
   * @returns a line for each object that could not be removed, or only from Waldur's books.
   */
  async clear(tools: Tools): Promise<string[]> {
    const left: string[] = [];
    for (const made of [...this.#made.values()].toReversed()) {
      const line = await remove(made, tools).catch((error: unknown) => `${nameOf(made)}: ${reasonOf(error)}`);
      if (line !== undefined) left.push(line);
    }
    this.#made.clear();
    return left;
  }
}

const nameOf = ({ kind, name, uuid }: Made): string => `${kind.id} "${name}" (${uuid})`;

function reasonOf(error: unknown): string {
  if (error instanceof Mismatch || error instanceof Skip || error instanceof NoAnswer) return error.message;
  throw error;
}

async function remove(made: Made, tools: Tools): Promise<string | undefined> {
  if ((await tools.watch.read(made.kind, made.uuid)) === undefined) return undefined;
  return made.kind === SNAPSHOTS ? removeSnapshot(made, tools) : removeVolume(made, tools);
}

/** Deletes it; one that cannot be deleted is unlinked, which needs staff. */
async function removeSnapshot(made: Made, tools: Tools): Promise<string | undefined> {
  const { waldur, watch } = tools;
  try {
    await watch.settle(SNAPSHOTS, made.uuid);
    const answer = await waldur.write('DELETE', `${SNAPSHOTS.path}${made.uuid}/`);
    status(answer, 202, 204, 404);
    const { row } = await watch.vanish(SNAPSHOTS, made.uuid);
    if (row === undefined) return undefined;
    throw new Mismatch(`the deletion failed: ${String(row.error_message)}`);
  } catch (error) {
    const reason = reasonOf(error);
    return (await unlink(made, tools)) ?? `${nameOf(made)} is left: ${reason}`;
  }
}

/** Volumes are made and terminated through the marketplace; this API can only forget them. */
async function removeVolume(made: Made, tools: Tools): Promise<string> {
  await tools.watch.settle(made.kind, made.uuid).catch(reasonOf);
  const how = made.resource === undefined ? '' : ` (marketplace resource ${made.resource})`;
  return (
    (await unlink(made, tools)) ??
    `${nameOf(made)} is left: volumes cannot be deleted over this API. Terminate it in the portal${how}, or run with --staff-token to have such volumes unlinked`
  );
}

/** What to say after unlinking; undefined when nobody may, or it failed. */
async function unlink(made: Made, { staff }: Tools): Promise<string | undefined> {
  if (staff === undefined) return undefined;
  const answer = await staff.write('POST', `${made.kind.path}${made.uuid}/unlink/`);
  if (answer.status !== 204) return undefined;
  return `${nameOf(made)} was unlinked: Waldur has forgotten it, but OpenStack keeps it and the tenant's quota still counts it`;
}
