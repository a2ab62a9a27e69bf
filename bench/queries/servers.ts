import path from 'node:path';
import { rawRequest } from '../lib/load.ts';
import { NODE_FLAGS } from '../lib/node-flags.ts';
import type { Program } from '../lib/processes.ts';
import { generatedData, generatedDocument } from './generated.ts';
import type { Work, WorkName } from './works.ts';

/** A server under test: how it is started, asked, and what it must answer. */
export interface Server {
  readonly name: ServerName;
  readonly title: string;
  /** Only these works; absent: all. */
  readonly works?: readonly WorkName[];
  readonly program: (upstream: string) => Program;
  /** The request as it goes over the wire. */
  readonly request: (work: Work, variant: number, token: string) => Buffer;
  /** What of the parsed body is compared with `expected`. */
  readonly read: (body: unknown, work: Work) => unknown;
  readonly expected: (work: Work, variant: number) => unknown;
}

export type ServerName =
  | 'passthrough'
  | 'passthrough-whole'
  | 'ours'
  | 'ours-cached'
  | 'mercurius'
  | 'mercurius-fields'
  | 'yoga'
  | 'apollo'
  | 'apollo-naive'
  | 'hive';

const ROOT = path.join(import.meta.dirname, '../..');
const peer = (name: string): string => path.join(import.meta.dirname, '../peers', `${name}.ts`);

const headersOf = (token: string): Record<string, string> => ({
  authorization: `Token ${token}`,
  accept: 'application/json',
});

/** How a GraphQL server is asked; by default the works' documents as they are. */
const graphql = (
  path: string,
  documentOf: (work: Work) => string = ({ document }) => document,
): Pick<Server, 'request' | 'read' | 'expected'> => ({
  request: (work, variant, token) =>
    rawRequest(
      'POST',
      path,
      { ...headersOf(token), 'content-type': 'application/json' },
      JSON.stringify({ query: documentOf(work), variables: work.variables(variant) }),
    ),
  read: (body) => (body as { data?: unknown }).data,
  expected: ({ data }, variant) => data(variant),
});

const peerServer = (
  name: ServerName,
  title: string,
  options: { file?: string; path?: string; env?: Record<string, string> } = {},
): Server => ({
  name,
  title,
  program: (upstream) => ({
    name,
    args: [peer(options.file ?? name)],
    env: { UPSTREAM: upstream, ...options.env },
    place: 'tested',
  }),
  ...graphql(options.path ?? '/graphql'),
});

const gateway = (name: ServerName, title: string, cacheTtlMs: number): Server => ({
  name,
  title,
  program: (upstream) => ({
    name,
    args: [...NODE_FLAGS, path.join(ROOT, 'bin/run.mjs'), path.join(ROOT, 'src/main.ts')],
    env: { WALDUR_API_URL: upstream, CACHE_TTL_MS: String(cacheTtlMs), PORT: '0', LOG_LEVEL: 'error' },
    place: 'tested',
  }),
  ...graphql('/graphql'),
});

const only = (row: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(row).filter(([name]) => fields.length === 0 || fields.includes(name)));

/** The pass-through relays what `path` brings: the fields that the work needs, or whole rows. */
const relay = (name: ServerName, title: string, isSparse: boolean): Server => ({
  name,
  title,
  program: (upstream) => ({ name, args: [peer('passthrough')], env: { UPSTREAM: upstream }, place: 'tested' }),
  request({ rest }, variant, token) {
    const target = rest.path(variant);
    const fields = isSparse ? rest.fields.map((field) => `field=${field}`).join('&') : '';
    return rawRequest(
      'GET',
      fields === '' ? target : `${target}${target.includes('?') ? '&' : '?'}${fields}`,
      headersOf(token),
    );
  },
  read: (body) => (Array.isArray(body) ? body : [body]),
  expected: ({ rest, rows }, variant) => rows(variant).map((row) => only(row, isSparse ? rest.fields : [])),
});

/** In the order of tables and charts. */
export const SERVERS: readonly Server[] = [
  relay('passthrough', 'Pass-through', true),
  relay('passthrough-whole', 'Pass-through, whole rows', false),
  gateway('ours', 'This gateway', 0),
  { ...gateway('ours-cached', 'This gateway, warm micro-cache', 60_000), works: ['hundred'] },
  peerServer('mercurius', 'Mercurius + JIT', { file: 'mercurius-jit' }),
  peerServer('mercurius-fields', 'Mercurius + JIT, field lists', { file: 'mercurius-jit', env: { FIELDS: '1' } }),
  peerServer('yoga', 'Yoga + JIT', { file: 'yoga-jit' }),
  peerServer('apollo', 'Apollo + DataLoader', { file: 'apollo-dataloader' }),
  peerServer('apollo-naive', 'Apollo, naive', { path: '/' }),
  { ...peerServer('hive', 'Hive Gateway'), ...graphql('/graphql', generatedDocument), expected: generatedData },
];
