import { parseState, STATES } from '../domain/states.ts';
import { type Answer, factsOf } from './classify.ts';
import { malformed, UpstreamError } from './errors.ts';
import type { MeRow, RestorationRow, SnapshotRow, VolumeRow } from './types.ts';

/**
 * Readers of answers. They check the outer shape and bring states to the newer spelling; single columns are checked where they
 * are used, so that a wrong type in one of them spoils that field and nothing else.
 */

/**
 * Stands in a list for a row that is no object. It is an Error, so that GraphQL's execution turns it into null with an error at
 * its own place in the list.
 */
export type BadRow = UpstreamError;

export const isBadRow = (row: object): row is BadRow => row instanceof UpstreamError;

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws UpstreamError `malformed`; the parser's message is dropped, for it quotes the text. */
function parse(answer: Answer): unknown {
  if (answer.list !== undefined) return answer.list;
  try {
    return JSON.parse(answer.body);
  } catch {
    throw malformed('it is not JSON', factsOf(answer));
  }
}

const NEWER: ReadonlySet<unknown> = new Set(STATES);

function normaliseState(row: JsonObject, column: string): void {
  const label = row[column];
  if (typeof label !== 'string' || NEWER.has(label)) return;
  const state = parseState(label);
  // An unknown label stays, for whoever reads the column to report.
  if (state !== undefined) row[column] = state;
}

function normaliseRow(row: JsonObject): void {
  normaliseState(row, 'state');
  normaliseState(row, 'service_settings_state');
  const restorations = row.restorations;
  if (!Array.isArray(restorations)) return;
  for (const restoration of restorations) if (isObject(restoration)) normaliseState(restoration, 'volume_state');
}

const normaliseRestoration = (row: JsonObject): void => normaliseState(row, 'volume_state');

function readRow(answer: Answer, normalise: (row: JsonObject) => void): JsonObject {
  const row = parse(answer);
  if (!isObject(row)) throw malformed('it is no object', factsOf(answer));
  normalise(row);
  return row;
}

function readRows(answer: Answer, normalise: (row: JsonObject) => void): (JsonObject | BadRow)[] {
  const rows = parse(answer);
  if (!Array.isArray(rows)) throw malformed('it is no list', factsOf(answer));
  // In place: pages are long and this runs for each of them.
  for (let i = 0; i < rows.length; i++) {
    const row: unknown = rows[i];
    if (isObject(row)) normalise(row);
    else rows[i] = malformed('one of its rows is no object', factsOf(answer));
  }
  return rows;
}

// The sparse types promise nothing about the values of columns; see rows.ts.
export const readSnapshot = (answer: Answer): SnapshotRow => readRow(answer, normaliseRow);
export const readVolume = (answer: Answer): VolumeRow => readRow(answer, normaliseRow);
export const readSnapshots = (answer: Answer): (SnapshotRow | BadRow)[] => readRows(answer, normaliseRow);
export const readVolumes = (answer: Answer): (VolumeRow | BadRow)[] => readRows(answer, normaliseRow);
export const readRestorations = (answer: Answer): (RestorationRow | BadRow)[] => readRows(answer, normaliseRestoration);

/** Everything of `users/me` that we ask for. The API token is not among it, so it never travels. */
export const ME_FIELDS = [
  'url',
  'uuid',
  'username',
  'full_name',
  'email',
  'is_staff',
  'is_support',
  'permissions',
] as const satisfies readonly (keyof MeRow)[];

/** Keeps what was asked for: an upstream that ignores `field` would put the API token into caches. */
export function readMe(answer: Answer): MeRow {
  const row = readRow(answer, () => {});
  return Object.fromEntries(ME_FIELDS.filter((field) => Object.hasOwn(row, field)).map((field) => [field, row[field]]));
}

/** An acceptance holds at most a text that nobody needs; but an HTML page with status 200 accepts nothing. */
export function checkAcceptance(answer: Answer): void {
  if ((answer.body !== '' || answer.list !== undefined) && !isObject(parse(answer)))
    throw malformed('it is no object', factsOf(answer));
}
