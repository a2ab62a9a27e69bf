import type { State } from '../types.ts';

const LABELS: Readonly<Record<State, string>> = {
  CREATION_SCHEDULED: 'Creation scheduled',
  CREATING: 'Creating',
  UPDATE_SCHEDULED: 'Update scheduled',
  UPDATING: 'Updating',
  DELETION_SCHEDULED: 'Deletion scheduled',
  DELETING: 'Deleting',
  OK: 'OK',
  ERRED: 'Erred',
};

export const labelOf = (state: State): string => LABELS[state];

/** Of which colour a state is. */
export type Tone = 'good' | 'bad' | 'create' | 'update' | 'delete';

const TONES: Readonly<Record<State, Tone>> = {
  CREATION_SCHEDULED: 'create',
  CREATING: 'create',
  UPDATE_SCHEDULED: 'update',
  UPDATING: 'update',
  DELETION_SCHEDULED: 'delete',
  DELETING: 'delete',
  OK: 'good',
  ERRED: 'bad',
};

export const toneOf = (state: State): Tone => TONES[state];

export const isMoving = (state: State): boolean => state !== 'OK' && state !== 'ERRED';

/** How far an operation is, as far as Waldur says it: it is scheduled, it runs, or it is over. */
export function stepOf(state: State): { readonly step: 1 | 2 | 3; readonly label: string } {
  const step = state.endsWith('_SCHEDULED') ? 1 : isMoving(state) ? 2 : 3;
  return { step, label: `${labelOf(state)}, step ${step} of 3` };
}

/** What a snapshot is called. A name of blanks would leave nothing to read or click. */
export const titleOf = ({ name }: { readonly name: string }): string => (name.trim() === '' ? '(no name)' : name);

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['y', 31_536_000],
  ['mo', 2_592_000],
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** A length of time in its largest unit: `3 d`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [name, length] = UNITS.find(([, size]) => seconds >= size) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${name}`;
}

/** `3 d ago`, or `in 3 d` for a time to come. */
export function relative(time: string, now: number): string {
  const ms = now - Date.parse(time);
  if (Math.abs(ms) < 1_000) return 'now';
  return ms < 0 ? `in ${duration(-ms)}` : `${duration(ms)} ago`;
}

const absoluteFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time in the zone of the person. */
export const absolute = (time: string): string => absoluteFormat.format(Date.parse(time));

const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export const clockTime = (ms: number): string => clockFormat.format(ms);

const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** @param mib as in Waldur. */
export function fileSize(mib: number): string {
  if (mib < 1_024) return `${mib} MiB`;
  const gib = mib / 1_024;
  return gib < 1_024 ? `${oneDigit.format(gib)} GiB` : `${oneDigit.format(gib / 1_024)} TiB`;
}

const whole = new Intl.NumberFormat('en');

export const count = (number: number): string => whole.format(number);

/** For an input of type `datetime-local`, in the zone of the person. */
export function toLocalInput(time: string | null): string {
  if (time === null) return '';
  const date = new Date(time);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** @returns null for an empty input. */
export const fromLocalInput = (text: string): string | null => (text === '' ? null : new Date(text).toISOString());
