/** What the tests of the React examples see on the page and do with it. They show the same list. */
import assert from 'node:assert/strict';
import { eventually, type Server } from './server.ts';

const text = (selector: string): string | undefined => document.querySelector(selector)?.textContent ?? undefined;

/** Names of the rows. */
export const rows = (): string[] => [...document.querySelectorAll('li b')].map(({ textContent }) => textContent);
/** The total that the page shows. */
export const total = (): number => Number(text('output'));
/** The error that the page shows. */
export const problem = (): string => text('[role=alert]') ?? '';
/** Whether a mutation is running. */
export const isSaving = (): boolean => document.querySelector('progress') !== null;
export const hasMore = (): boolean => document.querySelector('button') !== null;

/** Loads a further page and waits for its rows. */
export async function more(): Promise<void> {
  const { length } = rows();
  document.querySelector('button')?.click();
  await eventually(() => assert.ok(rows().length > length));
}

/** Enters a new name for a row and submits it. */
export function rename(name: string, newName: string): void {
  const input = document.querySelector<HTMLInputElement>(`input[aria-label="New name of ${name}"]`);
  assert.ok(input, `there is no row ${name}`);
  input.value = newName;
  input.form?.requestSubmit();
}

/** Waits until the page shows what Waldur has, as far as it is loaded. */
export const agrees = (server: Server): Promise<void> =>
  eventually(async () => {
    const upstream = await server.rows('example');
    assert.ok(rows().length >= Math.min(10, upstream.length));
    assert.deepEqual(rows(), upstream.map(({ name }) => name).slice(0, rows().length));
    assert.equal(total(), upstream.length);
  });
