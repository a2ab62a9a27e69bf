import { Mismatch } from './check.ts';

/** Readers of JSON values of unknown shape: the shape is what is checked. */
export type Row = Readonly<Record<string, unknown>>;

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How a value is shown in a message: short, one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** @throws Mismatch unless the column is a string. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Mismatch(`${column} must be a string, got ${show(value)}`);
  return value;
}

/** @throws Mismatch unless the column is an array of objects. */
export function list(row: Row, column: string): readonly Row[] {
  const value = row[column];
  if (!Array.isArray(value) || !value.every(isRow))
    throw new Mismatch(`${column} must be an array of objects, got ${show(value)}`);
  return value;
}

const HEX = /^[0-9a-f]{32}$/;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && HEX.test(value);

/** The uuid that an address of the API ends in; undefined for anything else. */
export function uuidInUrl(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return /^https?:\/\/[^/]+\/(?:.*\/)?([0-9a-f]{32})\/$/.exec(value)?.[1];
}

/** `8-4-4-4-12`, as most programs write a uuid. */
export const hyphenated = (uuid: string): string => uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** A uuid that no object has, new each time. */
export const nobodysUuid = (): string => crypto.randomUUID().replaceAll('-', '');

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{6})?Z$/;

export const isTime = (value: unknown): value is string => typeof value === 'string' && TIME.test(value);

/** A time as a string that can be sorted: the fraction, which is absent when it is zero, is added. */
export const sortableTime = (time: string): string => (time.includes('.') ? time : time.replace('Z', '.000000Z'));

/** A query string with `?`; several values of a key repeat it. */
export function query(parameters: Readonly<Record<string, string | number | readonly string[]>>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) parts.append(name, String(one));
  }
  return `?${parts}`;
}
