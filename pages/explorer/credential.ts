import { Observable } from './observable.ts';

/** What is known about the credential. */
export type SignIn =
  | { readonly kind: 'none' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'accepted'; readonly username: string }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'unknown'; readonly message: string };

/** Only as long as the browser tab, and read by every page of this gateway. */
const KEY = 'waldur-snapshots:token';
const CHECK = '{ viewer { username } }';

interface Answer {
  readonly data?: { readonly viewer?: { readonly username?: string } | null } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** The one credential of all tabs. It is checked when it is set, so that a wrong token is noticed before the first query. */
export class Credential extends Observable {
  readonly #endpoint: string;
  #token: string;
  #signIn: SignIn = { kind: 'none' };
  /** Number of the last check; the answer of an older one is ignored. */
  #check = 0;

  /** @param initial the token of the first visit; empty: none. */
  constructor(endpoint: string, initial: string) {
    super();
    this.#endpoint = endpoint;
    this.#token = sessionStorage.getItem(KEY) ?? initial;
    void this.#verify();
  }

  get token(): string {
    return this.#token;
  }

  get signIn(): SignIn {
    return this.#signIn;
  }

  /** Headers of a request with this credential. */
  get headers(): Record<string, string> {
    return this.#token === '' ? {} : { Authorization: authorizationOf(this.#token) };
  }

  set(token: string): void {
    this.#token = token.trim();
    sessionStorage.setItem(KEY, this.#token);
    void this.#verify();
  }

  /** Reads a result: a token can expire at any time. */
  observe(result: unknown): void {
    const { errors } = result as Answer;
    if (errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED') === true) {
      this.#change({ kind: this.#token === '' ? 'none' : 'rejected' });
    }
  }

  async #verify(): Promise<void> {
    const check = ++this.#check;
    if (this.#token === '') {
      this.#change({ kind: 'none' });
      return;
    }
    this.#change({ kind: 'checking' });
    const found = await this.#ask();
    if (check === this.#check) this.#change(found);
  }

  async #ask(): Promise<SignIn> {
    try {
      const response = await fetch(this.#endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...this.headers },
        body: JSON.stringify({ query: CHECK }),
      });
      const { data, errors = [] }: Answer = await response.json();
      const username = data?.viewer?.username;
      if (username !== undefined) return { kind: 'accepted', username };
      if (errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) return { kind: 'rejected' };
      return { kind: 'unknown', message: errors[0]?.message ?? 'The gateway sent no user.' };
    } catch (error) {
      return { kind: 'unknown', message: error instanceof Error ? error.message : String(error) };
    }
  }

  #change(signIn: SignIn): void {
    this.#signIn = signIn;
    this.changed();
  }
}

/** People paste a token with or without its scheme. */
const authorizationOf = (token: string): string => (/^(?:token|bearer)\s/i.test(token) ? token : `Token ${token}`);
