import { readFileSync } from 'node:fs';
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { ROOT } from './run.ts';

/** The current schema, sorted. */
export const PRINTED = 'schema/printed/schema.graphql';
/** The schema of the last release. `npm run release` writes it. It is committed, so that every clone can compare. */
export const RELEASED = 'schema/printed/released.graphql';

/** Intended breaking changes since the last release: `{ path: reason }`. A release clears them. */
export const ACCEPTED = 'schema/printed/accepted.json';

export interface Judgement {
  /** Breaking changes that are not accepted. */
  readonly broken: readonly string[];
  /** Accepted paths without a breaking change. */
  readonly needless: readonly string[];
}

const placeOf = ({ path, message }: Change): string => path ?? message;

/** Compares two schemas. A path in `accepted`, such as `Snapshot.size`, allows breaking changes at exactly this path. */
export async function judgeChanges(
  released: string,
  now: string,
  accepted: Readonly<Record<string, string>> = {},
): Promise<Judgement> {
  const changes = await diff(buildSchema(released), buildSchema(now));
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  const places = new Set(breaking.map(placeOf));
  return {
    broken: breaking
      .filter((change) => !Object.hasOwn(accepted, placeOf(change)))
      .map((change) => `${placeOf(change)}: ${change.message}`),
    needless: Object.keys(accepted).filter((place) => !places.has(place)),
  };
}

/** Compares the printed schema with the released one, in the repository at `root`. */
export async function checkBreakingChanges(root: string = ROOT): Promise<boolean> {
  const read = (file: string) => readFileSync(root + file, 'utf8');
  const { broken, needless } = await judgeChanges(read(RELEASED), read(PRINTED), JSON.parse(read(ACCEPTED)));
  for (const change of broken) console.error(`breaking change since the last release: ${change}`);
  for (const place of needless) console.error(`${ACCEPTED}: there is no breaking change at ${place}`);
  return broken.length === 0 && needless.length === 0;
}
