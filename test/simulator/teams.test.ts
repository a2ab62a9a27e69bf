import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { teamsDataset, withDatasetFile } from '../../bench/watcher/teams.ts';
import { client } from './support/client.ts';

interface Named {
  uuid: string;
}

const SIZES = { teams: 3, callersOfTeam: 2, snapshots: 40 };
const LIST = '/api/openstack-snapshots/?field=uuid&page_size=300';

it('gives each caller of the benchmark exactly the snapshots of their team', async () => {
  const { api } = await client({ dataset: teamsDataset(SIZES) });
  const seenBy = async (username: string): Promise<string[]> =>
    (await api<Named[]>('GET', LIST, { as: username })).body.map(({ uuid }) => uuid).sort();
  const teams = [await seenBy('caller-1'), await seenBy('caller-3'), await seenBy('caller-5')];
  expect([await seenBy('caller-2'), await seenBy('caller-4'), await seenBy('caller-6')]).toEqual(teams);
  for (const team of teams) expect(team).toHaveLength(SIZES.snapshots);
  expect(teams.flat().sort()).toEqual(await seenBy('support'));
  expect(new Set(teams.flat()).size).toBe(SIZES.teams * SIZES.snapshots);
});

it('keeps the file of a dataset for the time of a call', async () => {
  const dataset = teamsDataset(SIZES);
  const file = await withDatasetFile(dataset, async (file) => {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(dataset);
    return file;
  });
  expect(existsSync(file)).toBe(false);
});
