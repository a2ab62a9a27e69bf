import { Agent, request } from 'undici';

/** What came back, whatever it was; redirects are answers too. */
export interface Answer {
  /** Method and path, for messages. */
  readonly asked: string;
  readonly status: number;
  /** By lower-case name; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A JSON value, or text to be sent byte for byte as another media type. */
export type Body = { readonly json: unknown } | { readonly raw: string; readonly type: string };

type Headers = Readonly<Record<string, string>>;

/** No answer came at all. The message is one line and names no credentials. */
export class NoAnswer extends Error {}

/** A check was about to write in a run that must not. */
class WriteForbidden extends Error {}

/** A page of 300 whole rows takes seconds in a real Waldur, behind other requests of the same user more. */
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
  /** The whole header; absent: nobody. */
  readonly authorization?: string | undefined;
  /** Whether anything but GET and HEAD may be sent. */
  readonly writes: boolean;
}

/**
 * A client that believes nothing: it follows no redirect, retries nothing and reads any body as text. It is not the gateway's own
 * one on purpose, because it judges servers and must not share a mistake with what relies on them.
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

  /** The same server as somebody else, or as nobody. */
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
    if (!this.#options.writes) throw new WriteForbidden(`${method} ${path}: this run must not change anything`);
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
      throw new NoAnswer(`no answer to ${asked} at ${base} (${reasonOf(error)})`);
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
