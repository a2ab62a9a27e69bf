import { parseState, STATES } from '../domain/states.ts';
import { type Answer, factsOf } from './classify.ts';
import { malformed, UpstreamError } from './errors.ts';
import type { MeRow, RestorationRow, SnapshotRow, TenantRow, VolumeRow } from './types.ts';

/**
 * Readers of responses. They check the outer shape and convert states to the newer spelling. Columns are checked where they are read, so
 * that a wrong type in one of them is an error of that field alone.
 */

/**
 * Replaces a row that is not an object. It is an Error, so that the execution of GraphQL makes it null, with an error at its position in the
 * list.
 */
export type BadRow = UpstreamError;

/** Readers of the two forms of a response: one object, and a list of them. */
export interface Readers<Row> {
  readonly one: (answer: Answer) => Row;
  readonly many: (answer: Answer) => (Row | BadRow)[];
}

export const isBadRow = (row: object): row is BadRow => row instanceof UpstreamError;

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws UpstreamError `malformed`. The message of the parser is dropped, because it quotes the body. */
function parse(answer: Answer): unknown {
  if (answer.list !== undefined) return answer.list;
  try {
    return JSON.parse(answer.body);
  } catch {
    throw malformed('the body is not JSON', factsOf(answer));
  }
}

const NEWER: ReadonlySet<unknown> = new Set(STATES);

function normaliseState(row: JsonObject, column: string): void {
  const label = row[column];
  if (typeof label !== 'string' || NEWER.has(label)) return;
  const state = parseState(label);
  // An unknown label stays as it is. The reader of the column reports it.
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
  if (!isObject(row)) throw malformed('the body is not an object', factsOf(answer));
  normalise(row);
  return row;
}

function readRows(answer: Answer, normalise: (row: JsonObject) => void): (JsonObject | BadRow)[] {
  const rows = parse(answer);
  if (!Array.isArray(rows)) throw malformed('the body is not a list', factsOf(answer));
  // In place, because pages are long.
  for (let i = 0; i < rows.length; i++) {
    const row: unknown = rows[i];
    if (isObject(row)) normalise(row);
    else rows[i] = malformed('a row is not an object', factsOf(answer));
  }
  return rows;
}

// The sparse types promise nothing about the values of columns; see types.ts.
export const readSnapshot = (answer: Answer): SnapshotRow => readRow(answer, normaliseRow);
export const readVolume = (answer: Answer): VolumeRow => readRow(answer, normaliseRow);
export const readSnapshots = (answer: Answer): (SnapshotRow | BadRow)[] => readRows(answer, normaliseRow);
export const readTenant = (answer: Answer): TenantRow => readRow(answer, normaliseRow);
export const readTenants = (answer: Answer): (TenantRow | BadRow)[] => readRows(answer, normaliseRow);
export const readVolumes = (answer: Answer): (VolumeRow | BadRow)[] => readRows(answer, normaliseRow);
export const readRestorations = (answer: Answer): (RestorationRow | BadRow)[] => readRows(answer, normaliseRestoration);

/** Readers of rows whose columns have other names here. Other columns are dropped. */
export function renamedReaders<Row extends object>(columns: Readonly<Record<string, string>>): Readers<Row> {
  const names = Object.entries(columns);
  const renamed = (row: JsonObject): Row => {
    const result: JsonObject = {};
    for (const [name, column] of names) if (Object.hasOwn(row, column)) result[name] = row[column];
    normaliseRow(result);
    // As everywhere in this module, the type promises nothing about the values of columns.
    return result as Row;
  };
  return {
    one: (answer) => renamed(readRow(answer, unchanged)),
    many: (answer) => readRows(answer, unchanged).map((row) => (isBadRow(row) ? row : renamed(row))),
  };
}

const unchanged = (): void => {};

/** The columns of `users/me` that are requested. The API token is not one of them, so it is never sent. */
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

/** Keeps the requested columns only: an upstream that ignores `field` would put the API token into caches. */
export function readMe(answer: Answer): MeRow {
  const row = readRow(answer, () => {});
  return Object.fromEntries(ME_FIELDS.filter((field) => Object.hasOwn(row, field)).map((field) => [field, row[field]]));
}

/** An accepted action has no body, or an object that nobody reads. An HTML page with status 200 is not an acceptance. */
export function checkAcceptance(answer: Answer): void {
  if ((answer.body !== '' || answer.list !== undefined) && !isObject(parse(answer)))
    throw malformed('the body is not an object', factsOf(answer));
}
