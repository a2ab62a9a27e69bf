import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-ws';
import type { Credential } from './credential.ts';
import type { Streams } from './streams.ts';

type Headers = Readonly<Record<string, string>>;

/** Sends the operations of GraphiQL with the credential of the page. Headers of the header editor win. */
export class Operations {
  readonly #endpoint: string;
  readonly #credential: Credential;
  readonly #streams: Streams;

  constructor(endpoint: string, credential: Credential, streams: Streams) {
    this.#endpoint = endpoint;
    this.#credential = credential;
    this.#streams = streams;
  }

  readonly fetcher: Fetcher = (params, options) => {
    const headers = { ...this.#credential.headers, ...options?.headers };
    // The introspection of GraphiQL has no document.
    if (options?.documentAST !== undefined) {
      if (isSubscription(params, options)) return this.#subscribe(params, headers);
      this.#streams.leave();
    }
    return this.send(params, headers);
  };

  get credentialHeaders(): Headers {
    return this.#credential.headers;
  }

  /** Sends a query or a mutation. @param headers with the credential, unless the caller has another one. */
  async send(params: FetcherParams, headers: Headers = this.#credential.headers): Promise<object> {
    const response = await fetch(this.#endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        ...headers,
      },
      body: JSON.stringify(params),
    });
    const result = await readResult(response);
    this.#credential.observe(result);
    return result;
  }

  #subscribe(params: FetcherParams, headers: Headers) {
    const key = JSON.stringify([params, headers]);
    return this.#streams.open(key, (sink) => {
      const url = new URL(this.#endpoint, location.href);
      url.protocol = url.protocol.replace('http', 'ws');
      const client = createClient({ url: url.href, connectionParams: headers });
      const { query, variables, operationName } = params;
      const stop = client.subscribe(
        { query, variables, operationName: operationName ?? null },
        {
          next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
          error: (error) => {
            // What graphql-ws passes are the errors of the operation, or what ended the connection.
            this.#credential.observe(Array.isArray(error) ? { errors: error } : {});
            sink.error(error);
          },
          complete: () => sink.complete(),
        },
      );
      return () => {
        stop();
        void client.dispose();
      };
    });
  }
}

const isSubscription = ({ operationName }: FetcherParams, { documentAST }: FetcherOpts): boolean =>
  documentAST !== undefined && getOperationAST(documentAST, operationName)?.operation === 'subscription';

/** A proxy may answer with a page, which GraphiQL would show as a syntax error. */
async function readResult(response: Response): Promise<object> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `The answer is not JSON: ${response.status} ${response.statusText}`.trim() }], text };
  }
}
