import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createGateway } from '../../src/gateway.ts';
import { configWith, loadConfig } from '../../src/config.ts';
import { at, type JsonValue, type Running, tokenOf, useGateway } from '../support/gateway.ts';
import { openSocket } from '../support/socket.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'trusted-'));
const file = path.join(folder, 'persisted-documents.json');
afterAll(() => rmSync(folder, { recursive: true }));

const NAME = 'query Name { viewer { username } }';
const TYPE = 'query Type { __typename }';
const WATCH = 'subscription Watch { snapshotChanges(initial: false) { kind } }';
const OTHER = '{ viewer { username } }';
const hash = (algorithm: 'sha1' | 'sha256', text: string) => createHash(algorithm).update(text).digest('hex');
/** The client preset hashes by SHA-1 unless it is told otherwise. */
const ID = { name: hash('sha1', NAME), watch: hash('sha1', WATCH) };
const APQ = { persistedQuery: { version: 1, sha256Hash: hash('sha256', NAME) } };
const DOCUMENTS = { [ID.name]: NAME, [ID.watch]: WATCH };
writeFileSync(file, JSON.stringify(DOCUMENTS));

type Body = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  /** The result, or the codes of its errors. */
  readonly result: JsonValue | undefined;
}

const summary = (value: JsonValue | undefined): JsonValue | undefined => {
  const errors = at(value, 'errors');
  return Array.isArray(errors) ? errors.map((error) => at(error, 'extensions', 'code') ?? null) : at(value, 'data');
};
const headersOf = (more: Record<string, string> = {}) => ({ authorization: `Token ${tokenOf('staff')}`, ...more });

const post = async ({ url }: Running, body: Body): Promise<Answer> => {
  const headers = headersOf({ 'content-type': 'application/json' });
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, result: summary((await response.json()) as JsonValue) };
};

const searchOf = (body: Body) =>
  new URLSearchParams(
    Object.entries(body).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );

const get = async ({ url }: Running, body: Body): Promise<Answer> => {
  const headers = headersOf({ 'apollo-require-preflight': '1' });
  const response = await fetch(`${url}/graphql?${searchOf(body)}`, { headers });
  return { status: response.status, result: summary((await response.json()) as JsonValue) };
};

/** The first result of a stream, or the refusal of its request. */
const stream = async ({ url }: Running, body: Body): Promise<Answer> => {
  const headers = headersOf({ 'content-type': 'application/json', accept: 'text/event-stream' });
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}/graphql/stream`, init);
  if (response.status !== 200) return { status: response.status, result: summary((await response.json()) as JsonValue) };
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const data = /^data: (\{.*\})$/m.exec(text)?.[1];
    if (data === undefined) continue;
    return { status: 200, result: summary(JSON.parse(data)) };
  }
  throw new Error(`no result in ${text}`);
};

/** The first message for an operation; the status tells an Error from a result. */
const socket = async ({ url }: Running, body: Body): Promise<Answer> => {
  const client = await openSocket(url);
  await client.init({ Authorization: `Token ${tokenOf('staff')}` });
  client.send({ id: '1', type: 'subscribe', payload: body });
  const { type, payload } = await client.next();
  client.close();
  return type === 'error'
    ? { status: 400, result: summary({ errors: payload ?? null }) }
    : { status: 200, result: summary(payload) };
};

const TRANSPORTS = [['POST', post], ['GET', get], ['events', stream], ['WebSocket', socket]] as const;
const viewer: Answer = { status: 200, result: { viewer: { username: 'staff' } } };
const refused = (code: string): Answer => ({ status: 400, result: [code] });

describe.each(TRANSPORTS)('by %s', (_name, ask) => {
  const also = useGateway({ trustedDocuments: 'also', trustedDocumentsFile: file });
  const only = useGateway({ trustedDocuments: 'only', trustedDocumentsFile: file });

  it.each<[name: string, body: Body]>([
    ['documentId', { documentId: ID.name }],
    ['documentId with an operation name', { documentId: ID.name, operationName: 'Name', variables: {} }],
    ['documentId as SHA-256 with its prefix', { documentId: `sha256:${hash('sha256', NAME)}` }],
    ["Apollo's extension", { extensions: APQ }],
    ['both', { documentId: ID.name, extensions: APQ }],
    ['the document beside its hash', { query: NAME, extensions: APQ }],
  ])('%s runs the trusted document, twice', async (_what, body) => {
    for (const running of [also(), only(), also(), only()]) expect(await ask(running, body)).toEqual(viewer);
  });

  it('another document runs with also, and is refused with only', async () => {
    expect(await ask(also(), { query: OTHER })).toEqual(viewer);
    expect(await ask(only(), { query: OTHER })).toEqual(refused('PERSISTED_QUERY_NOT_FOUND'));
    // Not even one that is the same text: a hash is what shows that it is trusted.
    expect(await ask(only(), { query: NAME })).toEqual(refused('PERSISTED_QUERY_NOT_FOUND'));
  });

  it('a refusal is counted once', async () => {
    const count = async (): Promise<number> => {
      const text = await (await fetch(`${only().url}/metrics`)).text();
      return Number(/limit="untrustedDocument"} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await count();
    await ask(only(), { query: OTHER });
    await ask(only(), { documentId: ID.name });
    expect(await count()).toBe(before + 1);
  });

  it('an unknown hash is refused, and cannot be registered', async () => {
    const unknown = { persistedQuery: { version: 1, sha256Hash: hash('sha256', OTHER) } };
    for (const running of [also(), only()]) {
      expect(await ask(running, { documentId: 'unknown' })).toEqual(refused('PERSISTED_QUERY_NOT_FOUND'));
      expect(await ask(running, { extensions: unknown })).toEqual(refused('PERSISTED_QUERY_NOT_FOUND'));
    }
    expect(await ask(also(), { query: OTHER, extensions: unknown })).toEqual(viewer);
    expect(await ask(also(), { extensions: unknown })).toEqual(refused('PERSISTED_QUERY_NOT_FOUND'));
    expect(await ask(only(), { query: OTHER, extensions: unknown })).toEqual(refused('PERSISTED_QUERY_NOT_FOUND'));
  });

  it.each<[name: string, body: Body]>([
    ['two documents', { documentId: ID.name, query: OTHER }],
    ['two hashes', { documentId: ID.watch, extensions: APQ }],
    ['another version', { extensions: { persistedQuery: { version: 2, sha256Hash: ID.name } } }],
    ['a hash that is no string', { extensions: { persistedQuery: { version: 1, sha256Hash: 7 } } }],
    ['a hash named as a member of Object', { documentId: 'constructor', query: OTHER, extensions: { persistedQuery: [] } }],
  ])('%s: BAD_REQUEST', async (_what, body) => {
    expect(await ask(only(), body)).toEqual(refused('BAD_REQUEST'));
  });
});

describe('subscriptions', () => {
  const only = useGateway({ trustedDocuments: 'only', trustedDocumentsFile: file });
  it.each([['events', stream], ['WebSocket', socket]] as const)('run by their hash: %s', async (_name, ask) => {
    expect(await ask(only(), { documentId: ID.watch })).toEqual({ status: 200, result: { snapshotChanges: { kind: 'RESET' } } });
  });
});

describe('the file', () => {
  const reloading = path.join(folder, 'reloading.json');
  writeFileSync(reloading, JSON.stringify({ one: NAME }));
  const running = useGateway({ trustedDocuments: 'only', trustedDocumentsFile: reloading });

  it('is read again when it changes; one that cannot be used changes nothing', async () => {
    expect(await post(running(), { documentId: 'one' })).toEqual(viewer);
    writeFileSync(reloading, '{ "one": 7 }');
    await vi.waitFor(() => expect(running().log.join('')).toContain('the former ones stay'), { timeout: 10_000 });
    expect(await post(running(), { documentId: 'one' })).toEqual(viewer);
    writeFileSync(reloading, JSON.stringify({ one: TYPE }));
    await vi.waitFor(
      async () => expect(await post(running(), { documentId: 'one' })).toEqual({ status: 200, result: { __typename: 'Query' } }),
      { timeout: 10_000 },
    );
  });

  it('is required, and a wrong one ends the start with one line', async () => {
    expect(() => loadConfig({ TRUSTED_DOCUMENTS: 'only' })).toThrow(/^TRUSTED_DOCUMENTS_FILE must be set/);
    const start = (trustedDocumentsFile: string) =>
      createGateway(configWith({ port: 0, simulatorPort: 0, logLevel: 'silent', trustedDocuments: 'only', trustedDocumentsFile }));
    await expect(start(path.join(folder, 'absent'))).rejects.toThrow(/^TRUSTED_DOCUMENTS_FILE .* cannot be read \(ENOENT\)\.$/);
  });
});

