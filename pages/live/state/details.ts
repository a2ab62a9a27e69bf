import { effect, signal } from '@preact/signals';
import { DETAILS } from '../documents.ts';
import type { SnapshotDetails } from '../types.ts';
import { restoreChanges } from './restores.ts';
import { openRow, view } from './screen.ts';
import { ask, signIn } from './session.ts';

/** The details of the open snapshot. */
export interface Details {
  readonly uuid: string;
  /** Undefined until it has arrived, null if it does not exist for this user. */
  readonly snapshot: SnapshotDetails | null | undefined;
  readonly error: string;
}

const NONE: Details = { uuid: '', snapshot: undefined, error: '' };
export const details = signal<Details>(NONE);

/** Reads the details when a snapshot is opened, and again whenever its row changes or a restore begins or ends. */
export function startDetails(): void {
  let reading = 0;
  effect(() => {
    const uuid = view.value.open;
    void openRow.value;
    void restoreChanges.value;
    const mine = ++reading;
    if (uuid === '' || signIn.value.kind !== 'signed in') {
      details.value = NONE;
      return;
    }
    const before = details.peek();
    if (before.uuid !== uuid) details.value = { ...NONE, uuid };
    ask<{ snapshot: SnapshotDetails | null }>(DETAILS, { uuid }).then(
      ({ snapshot }) => {
        if (mine === reading) details.value = { uuid, snapshot, error: '' };
      },
      (error: Error) => {
        if (mine === reading) details.value = { ...details.peek(), error: error.message };
      },
    );
  });
}
