import type { Actor } from '../event-log.ts';
import type { Generation, Json, Tasks, User, WorldClock } from '../model.ts';
import type { World } from '../world.ts';

/** The dependencies of the handlers. */
export interface Api {
  readonly world: World;
  readonly clock: WorldClock;
  readonly tasks: Tasks;
  readonly generation: Generation;
}

/** A request with its caller. Handlers return a response or throw an HttpError. */
export interface Call {
  readonly api: Api;
  readonly method: string;
  readonly user: User;
  /** Who stands in the event log; undefined while signing in. */
  readonly actor: Actor | undefined;
  /** The decoded query parameters in order. Names may repeat. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Scheme and host for links, as the client addressed us: `http://waldur.test`. */
  readonly origin: string;
  /** What addresses in the answer end with: `/`, or `.json` when the request's own did. */
  readonly suffix: string;
  /** Whether any of the names is a field of what is being answered: a `field` without a known name has no effect (contract 3.3). */
  knownFields(names: readonly string[]): boolean;
  /** First language of Accept-Language that the server has: `en`, `et`, ... */
  readonly language: string;
  /**
   * The parsed body: JSON as it is, a form as an object of texts (the last value of a name).
   * @throws HttpError 415 for another media type, 400 for a body that cannot be parsed.
   */
  body(): ParsedBody;
}

export interface ParsedBody {
  readonly data: Json;
  /** In a form every value is a text, and a missing boolean is false. */
  readonly form: boolean;
}

/** A successful response. An undefined `body` is empty. */
export interface Reply {
  readonly status: number;
  readonly body?: Json | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error response. Handlers and the functions that they call throw it. */
export class HttpError extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly body: Json | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: Json | undefined, headers: Readonly<Record<string, string>> = {}) {
    super(`${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** `{"detail": text}`, the shape of most refusals (contract 6.1). */
export const refused = (status: number, detail: string, headers?: Readonly<Record<string, string>>): HttpError =>
  new HttpError(status, { detail }, headers);

/** Texts by field: bodies and filters. */
export const invalid = (fields: Record<string, string[]>): HttpError => new HttpError(400, fields);

/** A top-level array: quotas and the missing backend id. */
export const invalidList = (...texts: string[]): HttpError => new HttpError(400, texts);

/** The HTML page that Django returns for an internal error (contract 5). */
export class ServerFault extends Error {
  override readonly name = 'ServerFault';
}
