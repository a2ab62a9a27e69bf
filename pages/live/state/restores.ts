import { effect, signal } from '@preact/signals';
import type { Client } from 'graphql-ws';
import { PROGRESS } from '../documents.ts';
import type { State } from '../types.ts';
import { errorOf } from './api.ts';
import { announce } from './screen.ts';
import { streams } from './session.ts';
import { storedList } from './stored.ts';

/** A restore that is followed to its end, also across reloads of the page. */
export interface Restore {
  readonly volume: string;
  readonly volumeName: string;
  readonly snapshot: string;
  readonly snapshotName: string;
  /** Undefined: not known yet. */
  readonly state: State | undefined;
  readonly status: 'running' | 'stale' | 'done' | 'failed' | 'gone';
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly ended: number | undefined;
}

interface ProgressEvent {
  readonly kind: string;
  readonly state: State | null;
  readonly isSettled: boolean;
  readonly volume: { readonly name: string; readonly errorMessage: string } | null;
}

const MOST_RESTORES = 20;

export const restores = storedList<Restore>('waldur-snapshots:restores', MOST_RESTORES);
/** Counts beginnings and ends of restores, for what shows their results. */
export const restoreChanges = signal(0);

const isRunning = ({ status }: Restore): boolean => status === 'running' || status === 'stale';

export function followRestore(restore: Pick<Restore, 'volume' | 'volumeName' | 'snapshot' | 'snapshotName'>): void {
  const fresh: Restore = {
    ...restore,
    state: undefined,
    status: 'running',
    message: '',
    began: Date.now(),
    ended: undefined,
  };
  restores.value = [...restores.value.filter(({ volume }) => volume !== restore.volume), fresh].slice(-MOST_RESTORES);
  restoreChanges.value++;
  const client = streams.peek();
  if (client !== undefined) follow(client, restore.volume);
}

export function forgetRestore(volume: string): void {
  restores.value = restores.value.filter((one) => one.volume !== volume);
}

/** Forgets what another user has started. */
export function forgetRestores(): void {
  restores.value = [];
}

/** Follows what was still running when the page was reloaded, with each new client. */
export function startRestores(): void {
  effect(() => {
    const client = streams.value;
    if (client === undefined) return;
    for (const restore of restores.peek()) if (isRunning(restore)) follow(client, restore.volume);
  });
}

function update(volume: string, change: Partial<Restore>): void {
  restores.value = restores.value.map((one) => (one.volume === volume ? { ...one, ...change } : one));
}

function end(volume: string, status: 'done' | 'failed' | 'gone', message: string, state?: State): void {
  const restore = restores.peek().find((one) => one.volume === volume);
  if (restore === undefined || !isRunning(restore)) return;
  update(volume, { status, message, ended: Date.now(), ...(state !== undefined && { state }) });
  restoreChanges.value++;
  announce(`Restore of ${restore.snapshotName}: ${message}`);
}

function follow(client: Client, volume: string): void {
  client.subscribe<{ restoreProgress: ProgressEvent }>(
    { query: PROGRESS, variables: { volumeUuid: volume } },
    {
      next({ data, errors }) {
        if (errors !== undefined) return end(volume, 'failed', errorOf(errors).message);
        const event = data?.restoreProgress;
        if (event === undefined) return;
        const { kind, state, isSettled } = event;
        if (kind === 'REMOVED') return end(volume, 'gone', 'The new volume was deleted.');
        if (kind === 'STALE' || state === null) return update(volume, { status: 'stale' });
        if (!isSettled) return update(volume, { status: 'running', state });
        const reason = event.volume?.errorMessage;
        if (state === 'OK') end(volume, 'done', 'The new volume is ready.', state);
        else end(volume, 'failed', reason === undefined || reason === '' ? 'Waldur gives no reason.' : reason, state);
      },
      error(problem) {
        end(volume, 'failed', Array.isArray(problem) ? errorOf(problem).message : 'The restore could not be followed.');
      },
      complete() {},
    },
  );
}
