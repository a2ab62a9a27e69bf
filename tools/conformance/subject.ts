import { legacyLabel, STATES, type State } from '../../src/domain/states.ts';
import { skip } from './check.ts';
import type { Client } from './client.ts';
import { object, rows, total } from './expect.ts';
import { query, type Row, uuidInUrl } from './values.ts';

/** How this server writes states: `UPDATE_SCHEDULED` (since March 2025) or `Update Scheduled` (before). */
export type Spelling = 'upper' | 'words';

/** What every check has before it: a server, a caller, and objects that the caller sees. */
export interface Subject {
  readonly waldur: Client;
  readonly spelling: Spelling;
  readonly caller: Caller;
  readonly samples: Samples;
}

export interface Caller {
  readonly username: string;
  readonly isStaff: boolean;
}

export interface Kind {
  readonly id: 'snapshot' | 'volume';
  /** Below `/api/`, with the slash. */
  readonly path: string;
}

export const SNAPSHOTS: Kind = { id: 'snapshot', path: 'openstack-snapshots/' };
export const VOLUMES: Kind = { id: 'volume', path: 'openstack-volumes/' };

/** Maximum number of rows of a page; a longer list cannot be checked with one response. */
export const PAGE = 300;

export const labelOf = (state: State, spelling: Spelling): string =>
  spelling === 'upper' ? state : legacyLabel(state);

export const labelsOf = (spelling: Spelling): readonly string[] => STATES.map((state) => labelOf(state, spelling));

/** The spelling that the `state` filter takes, which is how the gateway learns it; undefined when it takes none or both. */
export async function spellingOf(waldur: Client): Promise<Spelling | undefined> {
  const takes = async (label: string): Promise<boolean> => {
    const { status } = await waldur.get(SNAPSHOTS.path + query({ state: label, page_size: 1, field: 'uuid' }));
    return status === 200;
  };
  const upper = await takes(labelOf('ERRED', 'upper'));
  const words = await takes(labelOf('ERRED', 'words'));
  if (upper === words) return undefined;
  return upper ? 'upper' : 'words';
}

/** So many whole rows of each order are looked at: each costs the server more than ten queries. */
const SAMPLE = 20;

/** Rows that the caller sees, fetched when a check first needs them. */
export class Samples {
  readonly #waldur: Client;
  readonly #kept = new Map<string, Promise<readonly Row[]>>();

  constructor(waldur: Client) {
    this.#waldur = waldur;
  }

  /** Whole rows, the newest, the first by name, and those without a source or machine, which sort last. @throws Skip without any */
  async rows(kind: Kind): Promise<readonly Row[]> {
    const unrelated = kind.id === 'snapshot' ? '-source_volume_name' : '-instance_name';
    const found = await this.#once(kind.id, async () => {
      const byUuid = new Map<unknown, Row>();
      for (const o of ['-created', 'name', unrelated]) {
        const page = rows(await this.#waldur.get(kind.path + query({ page_size: SAMPLE, o })));
        for (const row of page) byUuid.set(row.uuid, row);
      }
      return [...byUuid.values()];
    });
    return found.length === 0 ? skip(`the caller sees no ${kind.id}`) : found;
  }

  /** A row that is at rest, so that it should stay as it is for a while. @throws Skip */
  async settled(kind: Kind): Promise<Row> {
    const all = await this.rows(kind);
    return all.find(({ state }) => state === 'OK') ?? skip(`the caller sees no ${kind.id} that is OK`);
  }

  /** `uuid` and `restorations` of a snapshot that was restored, the one most often among the newest volumes. @throws Skip */
  async restored(): Promise<Row> {
    const [row] = await this.#once('restored', async () => {
      const columns = { o: '-created', page_size: PAGE, field: ['uuid', 'source_snapshot'] };
      const volumes = rows(await this.#waldur.get(VOLUMES.path + query(columns)));
      const bySource = Map.groupBy(volumes, (volume) => uuidInUrl(volume.source_snapshot));
      bySource.delete(undefined);
      const [most] = [...bySource].toSorted(([, a], [, b]) => b.length - a.length);
      if (most === undefined) return [];
      return [object(await this.#waldur.get(`${SNAPSHOTS.path}${most[0]}/?field=uuid&field=restorations`))];
    });
    return row ?? skip('the caller sees no volume that was restored');
  }

  /** How many there are. @throws Skip when the server does not tell, which is a check of its own. */
  async total(kind: Kind): Promise<number> {
    const answer = await this.#waldur.get(kind.path + query({ page_size: 1, field: 'uuid' }));
    return total(answer) ?? skip('the list has no X-Result-Count');
  }

  #once(key: string, fetch: () => Promise<readonly Row[]>): Promise<readonly Row[]> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const fetched = fetch();
    this.#kept.set(key, fetched);
    // A failure is not kept: whoever asks next tries again.
    fetched.catch(() => this.#kept.delete(key));
    return fetched;
  }
}
