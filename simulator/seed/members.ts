import type { Dataset, JsonObject } from '../model.ts';
import { madeUpToken } from './accounts.ts';
import { Random } from './random.ts';
import { DAY, stampAt } from './rows.ts';

interface MemberOptions {
  seed: number;
  /** World time, milliseconds since the epoch. */
  now: number;
  /** Number of the first one; 1 by default. */
  from?: number;
}

/** Adds users `caller-1`, `caller-2` ... with tokens to a dataset, each a member of every project. */
export function withMembers(dataset: Dataset, count: number, { seed, now, from = 1 }: MemberOptions): Dataset {
  if (count === 0) return dataset;
  const random = new Random(seed + 2);
  const members = Array.from({ length: count }, (_, at): JsonObject => {
    const username = `caller-${from + at}`;
    return {
      uuid: random.uuid(),
      username,
      password: `demo-${username}`,
      first_name: 'Caller',
      last_name: String(from + at),
      native_name: '',
      email: `${username}@example.org`,
      is_staff: false,
      is_support: false,
      is_active: true,
      token: madeUpToken(username),
      token_created: stampAt(now, random),
      token_lifetime: null,
      date_joined: stampAt(now - 400 * DAY, random),
      roles: dataset.projects.map((project) => ({
        uuid: random.uuid(),
        role: 'PROJECT.MEMBER',
        scope_type: 'project',
        scope_uuid: project.uuid ?? '',
        created: stampAt(now - 300 * DAY, random),
        expiration_time: null,
        is_active: true,
      })),
    };
  });
  return { ...dataset, users: [...dataset.users, ...members] };
}
