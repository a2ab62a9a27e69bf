import { createHash } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { ErrorCode } from '../errors.ts';

/** `also`: trusted documents and all others. `only`: trusted documents and nothing else. */
export type TrustedMode = 'also' | 'only';

export interface TrustedDocumentsOptions {
  readonly mode: TrustedMode;
  /** A JSON file as the client preset of GraphQL Code Generator writes it: an object from hashes to documents. */
  readonly file: string;
  readonly log: {
    info(details: object, message: string): void;
    error(details: object, message: string): void;
  };
}

type Members = Readonly<Record<string, unknown>>;

/** The members of a request with its document in `query`, or why it is refused. */
export type Resolved =
  | { readonly ok: true; readonly members: Members }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly limit: typeof LIMIT };

/** Under which refusals are counted. */
const LIMIT = 'untrustedDocument';

/** How often the file is checked for changes, in ms. A volume of Kubernetes replaces it by a link, which no notification reports. */
const CHECK_MS = 1_000;

/**
 * Documents that may be requested by their hash, in `documentId` or in the extension `persistedQuery` of Apollo. They are read from a file,
 * and again when it changes. Clients cannot add any.
 */
export class TrustedDocuments {
  readonly #options: TrustedDocumentsOptions;
  #documents: ReadonlyMap<string, string>;
  #version = 0;

  /** @throws Error with a message for people when the file cannot be used. */
  constructor(options: TrustedDocumentsOptions) {
    this.#options = options;
    this.#documents = readDocuments(options.file);
    const { log, file } = options;
    watchFile(file, { interval: CHECK_MS, persistent: false }, () => this.#reload());
    log.info({ documents: this.size }, 'Trusted documents are loaded');
  }

  /** Number of hashes by which documents can be requested. */
  get size(): number {
    return this.#documents.size;
  }

  /** The key of a request in caches: the same hash may mean another document after a change of the file. */
  keyOf(text: string): string {
    return `${this.#version} ${text}`;
  }

  /** Replaces the hash in a request by its document. Never throws for what a client sent. */
  resolve(members: Members): Resolved {
    const { documentId = null, extensions = null, query, ...rest } = members;
    const { persistedQuery = null, ...otherExtensions } = Object(extensions) as Members;
    if (documentId !== null && typeof documentId !== 'string') return malformed('documentId must be a string.');
    const apolloHash = persistedQuery === null ? null : hashIn(persistedQuery);
    if (apolloHash === undefined) {
      return malformed('The extension persistedQuery must be an object with version: 1 and the string sha256Hash.');
    }
    const hashes = [documentId, apolloHash].filter((hash) => hash !== null);
    const [found, ...others] = hashes.map((hash) => this.#find(hash));
    if (others.some((other) => other !== found)) return malformed(DIFFERENT);
    const hasQuery = typeof query === 'string' && query !== '';
    if (found === undefined) {
      if (this.#options.mode === 'only') return NOT_TRUSTED;
      if (hashes.length === 0) return { ok: true, members };
      if (!hasQuery) return NOT_FOUND;
    } else if (hasQuery && query !== found) {
      return malformed(DIFFERENT);
    }
    const kept = extensions === null ? {} : { extensions: otherExtensions };
    return { ok: true, members: { ...rest, ...kept, query: found ?? query } };
  }

  /** As `resolve`, for a GET. @returns the URL with the document in `query`. */
  resolveUrl(url: string): { readonly ok: true; readonly url: string } | Exclude<Resolved, { ok: true }> {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const given = searchParams.get('extensions');
    const extensions = given === null ? null : parsed(given);
    if (extensions === undefined) return malformed('The URL parameter extensions must be a JSON object.');
    const found = this.resolve({
      query: searchParams.get('query'),
      documentId: searchParams.get('documentId'),
      extensions,
    });
    if (!found.ok) return found;
    const { query, extensions: rest } = found.members;
    searchParams.delete('documentId');
    if (typeof query === 'string') searchParams.set('query', query);
    if (rest !== null && rest !== undefined) searchParams.set('extensions', JSON.stringify(rest));
    return { ok: true, url: `${pathname}?${searchParams}` };
  }

  /** Stops watching the file. */
  close(): void {
    unwatchFile(this.#options.file);
  }

  /** A hash may have its algorithm before it, as in the draft on persisted documents. */
  #find(hash: string): string | undefined {
    return this.#documents.get(hash) ?? this.#documents.get(hash.replace(/^sha256:/, ''));
  }

  #reload(): void {
    const { file, log } = this.#options;
    try {
      this.#documents = readDocuments(file);
      this.#version += 1;
      log.info({ documents: this.size }, 'Trusted documents are loaded again');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ reason }, 'Trusted documents cannot be loaded again; the former ones stay');
    }
  }
}

const DIFFERENT = 'query, documentId and persistedQuery must mean the same document. Send one of them.';

const malformed = (message: string): Exclude<Resolved, { ok: true }> => ({
  ok: false,
  code: 'BAD_REQUEST',
  message,
  limit: LIMIT,
});

const NOT_FOUND: Exclude<Resolved, { ok: true }> = {
  ok: false,
  limit: LIMIT,
  code: 'PERSISTED_QUERY_NOT_FOUND',
  message: 'No trusted document has this hash, and clients cannot register any. Send the document in query.',
};

const NOT_TRUSTED: Exclude<Resolved, { ok: true }> = {
  ok: false,
  limit: LIMIT,
  code: 'PERSISTED_QUERY_NOT_FOUND',
  message: 'Only trusted documents run on this gateway. Send the hash of one in documentId.',
};

/** @returns undefined when it is malformed. */
function hashIn(persistedQuery: unknown): string | undefined {
  const { version, sha256Hash }: { version?: unknown; sha256Hash?: unknown } = Object(persistedQuery);
  return version === 1 && typeof sha256Hash === 'string' ? sha256Hash : undefined;
}

/** @returns undefined when it is not a JSON object. */
function parsed(text: string): Members | null | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value === null || isMembers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Documents by the hashes of the file and by their SHA-256, which Apollo's clients compute. @throws Error with a message for people. */
function readDocuments(file: string): ReadonlyMap<string, string> {
  const documents = new Map<string, string>();
  for (const [hash, document] of Object.entries(readObject(file))) {
    if (typeof document !== 'string')
      throw unusable(file, `the value of ${JSON.stringify(hash.slice(0, 100))} is not a string`);
    documents.set(hash, document);
    documents.set(createHash('sha256').update(document).digest('hex'), document);
  }
  return documents;
}

function readObject(file: string): Members {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = Object(error) as { code?: unknown };
    throw unusable(file, `it cannot be read (${String(code)})`);
  }
  const value = parsed(text);
  if (value === undefined || value === null) throw unusable(file, 'it is not a JSON object from hashes to documents');
  return value;
}

const unusable = (file: string, why: string): Error =>
  new Error(`TRUSTED_DOCUMENTS_FILE ${JSON.stringify(file)} cannot be used: ${why}.`);
