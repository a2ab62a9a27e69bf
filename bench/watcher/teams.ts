import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dataset } from '../../simulator/model.ts';
import { madeUpWorld } from '../../simulator/seed/made-up.ts';
import { withMembers } from '../../simulator/seed/members.ts';

export interface Teams {
  readonly teams: number;
  readonly callersOfTeam: number;
  /** Of each team: what its callers see. */
  readonly snapshots: number;
}

/** Seeds of members are apart from those of worlds: the same seed would give both the same uuids. */
const MEMBER_SEED = 1_000;

/**
 * Made-up worlds side by side. The members of each see all of it and nothing else; staff and support, of the first one, see everything.
 */
export function teamsDataset({ teams, callersOfTeam, snapshots }: Teams, now = Date.now()): Dataset {
  let all: Dataset | undefined;
  for (let team = 0; team < teams; team += 1) {
    const world = madeUpWorld({ seed: team + 1, snapshots, now });
    const own: Dataset = {
      ...world,
      // The tokens of made-up users depend on their names alone, so there can be only one of each.
      users: team === 0 ? world.users : [],
      // A customer with subnets hides its snapshots from members with another address.
      customers: world.customers.map((customer) => ({ ...customer, access_subnets: [] })),
    };
    const first = team * callersOfTeam + 1;
    const more = withMembers(own, callersOfTeam, { seed: MEMBER_SEED + team, now, from: first });
    all = all === undefined ? more : joined(all, more);
  }
  if (all === undefined) throw new Error('there must be at least one team');
  return all;
}

function joined(one: Dataset, other: Dataset): Dataset {
  let both = one;
  for (const name of Object.keys(one) as (keyof Dataset)[]) both = { ...both, [name]: [...one[name], ...other[name]] };
  return both;
}

/** Writes the dataset to a temporary file for the time of a call. */
export async function withDatasetFile<T>(dataset: Dataset, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'watcher-'));
  const file = path.join(folder, 'teams.json');
  writeFileSync(file, JSON.stringify(dataset));
  try {
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
