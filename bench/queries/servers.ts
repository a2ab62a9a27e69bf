import path from 'node:path';
import type { HttpRequest } from '../lib/load.ts';
import { NODE_FLAGS } from '../lib/node-flags.ts';
import type { Program } from '../lib/processes.ts';
import { generatedData, generatedDocument, generatedVariables } from './generated.ts';
import type { Work, WorkName } from './works.ts';

/** A server under test: how it is started, asked, and what it must answer. */
export interface Server {
  readonly name: ServerName;
  readonly title: string;
  /** Only these works; absent: all. */
  readonly works?: readonly WorkName[];
  readonly program: (upstream: string) => Program;
  readonly request: (work: Work, variant: number, token: string) => HttpRequest;
  /** What of the parsed body is compared with `expected`. */
  readonly read: (body: unknown, work: Work) => unknown;
  readonly expected: (work: Work, variant: number) => unknown;
}

export type ServerName =
  | 'passthrough'
  | 'by-hand'
  | 'ours'
  | 'ours-cached'
  | 'mercurius'
  | 'mercurius-guide'
  | 'yoga'
  | 'apollo'
  | 'hive';

/** What ratios are made of: the floor that no gateway gets below, and the strongest peer. */
export const BASELINE = 'passthrough';
export const STRONGEST = 'mercurius';

const ROOT = path.join(import.meta.dirname, '../..');
const peer = (name: string): string => path.join(import.meta.dirname, '../peers', `${name}.ts`);

const headersOf = (token: string): Record<string, string> => ({
  authorization: `Token ${token}`,
  accept: 'application/json',
});

/** A POST of a document. */
export const graphqlRequest = (token: string, query: string, variables: object): HttpRequest => ({
  method: 'POST',
  target: '/graphql',
  headers: { ...headersOf(token), 'content-type': 'application/json' },
  body: JSON.stringify({ query, variables }),
});

const GRAPHQL: Pick<Server, 'request' | 'read' | 'expected'> = {
  request: (work, variant, token) => graphqlRequest(token, work.document, work.variables(variant)),
  read: (body) => (body as { data?: unknown } | undefined)?.data,
  expected: ({ data }, variant) => data(variant),
};

const peerServer = (name: ServerName, title: string, file: string): Server => ({
  name,
  title,
  program: (upstream) => ({ name, args: [peer(file)], env: { UPSTREAM: upstream }, place: 'tested' }),
  ...GRAPHQL,
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
  ...GRAPHQL,
});

/** Relays the REST answer with the fields that the work needs. */
const PASS_THROUGH: Server = {
  ...peerServer(BASELINE, 'Pass-through', 'passthrough'),
  request({ rest }, variant, token) {
    const path = rest.path(variant);
    const fields = rest.fields.map((field) => `field=${field}`).join('&');
    return { method: 'GET', target: `${path}${path.includes('?') ? '&' : '?'}${fields}`, headers: headersOf(token) };
  },
  read: (body) => (Array.isArray(body) ? body : [body]),
  expected: ({ rest, rows }, variant) =>
    rows(variant).map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => rest.fields.includes(name)))),
};

/** Answers what `ours` does, by address, without GraphQL. */
const BY_HAND: Server = {
  ...peerServer('by-hand', 'Written by hand, without GraphQL', 'by-hand'),
  works: ['one', 'ten', 'hundred'],
  request(work, variant, token) {
    const request = PASS_THROUGH.request(work, variant, token);
    return { ...request, headers: { ...request.headers, 'x-shape': work.name } };
  },
};

const HIVE: Server = {
  ...peerServer('hive', 'Hive Gateway', 'hive'),
  request: (work, variant, token) => graphqlRequest(token, generatedDocument(work), generatedVariables(work, variant)),
  expected: generatedData,
};

/** In the order of tables and charts. */
export const SERVERS: readonly Server[] = [
  PASS_THROUGH,
  BY_HAND,
  gateway('ours', 'This gateway', 0),
  { ...gateway('ours-cached', 'This gateway, warm micro-cache', 60_000), works: ['hundred'] },
  peerServer(STRONGEST, 'Mercurius + JIT, strongest form', 'mercurius-flat'),
  peerServer('mercurius-guide', 'Mercurius + JIT, by its guide', 'mercurius-guide'),
  peerServer('yoga', 'Yoga + JIT', 'yoga-jit'),
  peerServer('apollo', 'Apollo + DataLoader', 'apollo-dataloader'),
  HIVE,
];

export const titleOf = (name: ServerName): string => SERVERS.find((server) => server.name === name)?.title ?? name;
