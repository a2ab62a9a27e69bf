import type { UserError } from '../types.ts';
import { announce } from './screen.ts';
import { ask } from './session.ts';
import { storedList } from './stored.ts';

/** Something that was tried with a snapshot on this page. */
export interface Attempt {
  readonly id: string;
  readonly snapshot: string;
  /** `Restore`, `Refresh`, ... */
  readonly action: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly outcome: 'running' | 'accepted' | 'refused' | 'failed';
  readonly message: string;
}

const MOST_ATTEMPTS = 100;

export const attempts = storedList<Attempt>('waldur-snapshots:attempts', MOST_ATTEMPTS);

/** Also where `crypto.randomUUID` is missing, on pages without TLS. */
export const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

interface Payload {
  readonly userErrors: readonly UserError[];
}

export type Outcome<P> =
  | { readonly kind: 'accepted'; readonly payload: P }
  | { readonly kind: 'refused'; readonly errors: readonly UserError[] };

/** Runs a mutation with one root field, and records how it went. */
export async function attempt<P extends Payload>(
  action: string,
  snapshot: string,
  mutation: string,
  input: object,
): Promise<Outcome<P>> {
  const id = randomKey();
  const record = (outcome: Attempt['outcome'], message: string): void => {
    const others = attempts.value.filter((one) => one.id !== id);
    attempts.value = [...others, { id, snapshot, action, at: Date.now(), outcome, message }].slice(-MOST_ATTEMPTS);
    if (outcome !== 'running') announce(`${action}: ${message}`);
  };
  record('running', 'Sent to Waldur.');
  try {
    const [payload] = Object.values(await ask<Readonly<Record<string, P | null>>>(mutation, { input }));
    if (payload === undefined || payload === null) throw new Error('The gateway sent no result.');
    const { userErrors } = payload;
    if (userErrors.length === 0) {
      record('accepted', 'Accepted by Waldur.');
      return { kind: 'accepted', payload };
    }
    record('refused', userErrors.map(({ message }) => message).join(' '));
    return { kind: 'refused', errors: userErrors };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    record('failed', message);
    return { kind: 'refused', errors: [{ code: '', field: null, message }] };
  }
}
