import { Agent, request } from 'undici';

/** Any response, including redirects. */
export interface Answer {
  /** Method and path, for messages. */
  readonly asked: string;
  readonly status: number;
  /** By lower-case name; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A JSON value, or a string that is sent unchanged as another media type. */
export type Body = { readonly json: unknown } | { readonly raw: string; readonly type: string };

type Headers = Readonly<Record<string, string>>;

/** There was no response. The message is one line without credentials. */
export class NoAnswer extends Error {}

/** A check tried to write in a read-only run. */
class WriteForbidden extends Error {}

/** A page of 300 full rows takes a real Waldur seconds, and longer behind other requests of the same user. */
const TIMEOUT_MS = 60_000;

/** Anything shorter is no token, and may well be a word of an answer. */
const SHORTEST_SECRET = 16;

const DEFAULT_HEADERS: Headers = {
  accept: 'application/json',
  // Texts are translated otherwise, and one is looked at: see the checks on wrong states.
  'accept-language': 'en',
  'user-agent': 'waldur-snapshots-gateway-conformance',
};

export interface ClientOptions {
  /** The API's own address, with `/api/` at its end. */
  readonly base: string;
  /** The header value. Absent for anonymous requests. */
  readonly authorization?: string | undefined;
  /** Whether methods other than GET and HEAD are allowed. */
  readonly writes: boolean;
}

/**
 * A client without assumptions: it follows no redirects, does not retry, and reads any body as a string. It is not the gateway's own
 * client, because both could have the same bug.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #agent: Agent;

  constructor(options: ClientOptions, agent = new Agent({ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS })) {
    this.#options = options;
    this.#agent = agent;
  }

  /** Parts of answers are shown when something is wrong with them, and a server may echo what it was sent. */
  readonly #hide = (text: string): string => {
    const secret = this.#options.authorization?.split(' ').at(-1) ?? '';
    return secret.length < SHORTEST_SECRET ? text : text.replaceAll(secret, '(the token)');
  };

  get base(): string {
    return this.#options.base;
  }

  get authorization(): string | undefined {
    return this.#options.authorization;
  }

  /** A client of the same server with other credentials, or without. */
  as(authorization: string | undefined): Client {
    return new Client({ ...this.#options, authorization }, this.#agent);
  }

  /** @param path below `/api/`, with its query. @throws NoAnswer */
  get(path: string, headers: Headers = {}): Promise<Answer> {
    return this.#send('GET', path, headers);
  }

  head(path: string, headers: Headers = {}): Promise<Answer> {
    return this.#send('HEAD', path, headers);
  }

  /** @throws NoAnswer; WriteForbidden before anything is sent, in a run that must not change anything. */
  write(method: WriteMethod, path: string, body?: Body): Promise<Answer> {
    if (!this.#options.writes) throw new WriteForbidden(`${method} ${path}: this run is read-only`);
    if (body === undefined) return this.#send(method, path, {});
    return 'json' in body
      ? this.#send(method, path, { 'content-type': 'application/json' }, JSON.stringify(body.json))
      : this.#send(method, path, { 'content-type': body.type }, body.raw);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #send(method: 'GET' | 'HEAD' | WriteMethod, path: string, headers: Headers, body?: string): Promise<Answer> {
    const { base, authorization } = this.#options;
    const asked = `${method} ${path}`;
    try {
      const answer = await request(base + path, {
        method,
        headers: { ...DEFAULT_HEADERS, ...(authorization !== undefined && { authorization }), ...headers },
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body !== undefined && { body }),
      });
      const text = await answer.body.text();
      return { asked, status: answer.statusCode, headers: flat(answer.headers, this.#hide), text: this.#hide(text) };
    } catch (error) {
      throw new NoAnswer(`no response to ${asked} at ${base} (${reasonOf(error)})`);
    }
  }
}

function flat(
  headers: Record<string, string | string[] | undefined>,
  hide: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value = '']) => [name, hide(String(value))]));
}

/** An error's code says why there is no answer; messages of clients may quote headers. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return `none within ${TIMEOUT_MS / 1000} s`;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name;
}
