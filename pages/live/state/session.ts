import { batch, computed, effect, signal } from '@preact/signals';
import { type Client, createClient } from 'graphql-ws';
import { type TableState, watch } from '../../../clients/live/src/index.ts';
import { ROW_FIELDS, VIEWER } from '../documents.ts';
import type { SnapshotRow, Viewer } from '../types.ts';
import { ApiError, authorizationOf, errorOf, request, socketUrl } from './api.ts';
import { demoToken } from './simulator.ts';

/** Only as long as the browser tab, and shared with the explorer. Empty: signed out. */
const TOKEN_KEY = 'waldur-snapshots:token';
const KEEP_ALIVE_MS = 5_000;
const PONG_MS = 5_000;
const LONGEST_WAIT_MS = 8_000;
/** Changes that arrive within this time are shown together. */
const BATCH_MS = 50;

export type SignIn =
  | { readonly kind: 'starting' }
  | { readonly kind: 'none' }
  | { readonly kind: 'signed in' }
  | { readonly kind: 'rejected'; readonly message: string };

/** How current the table is. */
export type Freshness = 'loading' | 'live' | 'stale' | 'lost';

const NOTHING: TableState<SnapshotRow> = { rows: [], ready: false, stale: false, total: undefined, error: undefined };

export const token = signal('');
export const signIn = signal<SignIn>({ kind: 'starting' });
export const viewer = signal<Viewer | undefined>(undefined);
export const table = signal<TableState<SnapshotRow>>(NOTHING);
/** The client of the streams; undefined while nobody is signed in. */
export const streams = signal<Client | undefined>(undefined);
/** Why the stream of the table ended, other than by a rejected token. */
export const tableError = signal('');
const isConnected = signal(false);
/** When it was last known that the table is up to date, in monotonic time; undefined: never. */
export const lastSeen = signal<number | undefined>(undefined);

export const freshness = computed<Freshness>(() => {
  const { ready, stale } = table.value;
  if (!isConnected.value) return ready || lastSeen.value !== undefined ? 'lost' : 'loading';
  if (!ready) return 'loading';
  return stale ? 'stale' : 'live';
});

/** The open snapshots by uuid. */
export const rowsByUuid = computed(() => new Map(table.value.rows.map((row) => [row.uuid, row])));

/** Signs in, or out with an empty token. */
export function setToken(given: string): void {
  const next = given.trim();
  sessionStorage.setItem(TOKEN_KEY, next);
  batch(() => {
    token.value = next;
    signIn.value = next === '' ? { kind: 'none' } : { kind: 'starting' };
  });
  // The same token again is a new attempt.
  attempts.value++;
}
const attempts = signal(0);

/** Every answer passes here: a token can be revoked at any time. */
export async function ask<Data>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Data> {
  const asked = token.value;
  try {
    return await request<Data>(asked, query, variables);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'UNAUTHENTICATED' && asked === token.value) reject(error);
    throw error;
  }
}

const reject = ({ message }: Error): void => {
  signIn.value = { kind: 'rejected', message };
};

/** Begins with the token of this browser tab; with the embedded Waldur, the first visit begins as a demo user. */
export async function startSession(isEmbedded: boolean): Promise<void> {
  const stored = sessionStorage.getItem(TOKEN_KEY);
  setToken(stored ?? (isEmbedded ? await demoToken() : ''));
  let close: (() => void) | undefined;
  effect(() => {
    const { value } = token;
    void attempts.value;
    close?.();
    close = value === '' ? undefined : open(value);
  });
}

/** Opens the streams of a user. @returns closes them. */
function open(user: string): () => void {
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  const seen = (): void => {
    if (table.peek().ready && !table.peek().stale) lastSeen.value = performance.now();
  };
  const client = createClient({
    url: socketUrl(),
    connectionParams: { Authorization: authorizationOf(user) },
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => pause((0.5 + Math.random() / 2) * Math.min(LONGEST_WAIT_MS, 500 * 2 ** retries)),
    on: {
      connected: () => {
        isConnected.value = true;
      },
      closed: () => {
        clearTimeout(pongTimer);
        isConnected.value = false;
      },
      message: seen,
      ping(isReceived) {
        // A network that has gone closes no connection.
        if (!isReceived) pongTimer = setTimeout(() => client.terminate(), PONG_MS);
      },
      pong(isReceived) {
        if (isReceived) clearTimeout(pongTimer);
      },
    },
  });
  const rows = watch<SnapshotRow>(client, { root: 'snapshots', fields: ROW_FIELDS, batchMs: BATCH_MS });
  const stop = rows.subscribe(() => {
    const state = rows.snapshot();
    batch(() => {
      table.value = state;
      seen();
      if (state.error !== undefined) ended(state.error);
      else if (state.ready && signIn.peek().kind === 'starting') signIn.value = { kind: 'signed in' };
    });
  });
  batch(() => {
    table.value = NOTHING;
    tableError.value = '';
    viewer.value = undefined;
    lastSeen.value = undefined;
    streams.value = client;
  });
  void ask<{ viewer: Viewer | null }>(VIEWER).then(
    (data) => {
      if (token.peek() !== user) return;
      batch(() => {
        viewer.value = data.viewer ?? undefined;
        if (signIn.peek().kind === 'starting') signIn.value = { kind: 'signed in' };
      });
    },
    // A rejected token was handled; the table says what else is wrong.
    () => undefined,
  );
  return () => {
    stop();
    rows.close();
    clearTimeout(pongTimer);
    void client.dispose();
  };
}

function ended(problem: unknown): void {
  const error = Array.isArray(problem) ? errorOf(problem) : problem;
  if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') reject(error);
  else tableError.value = error instanceof Error ? error.message : 'The stream of changes has ended.';
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
