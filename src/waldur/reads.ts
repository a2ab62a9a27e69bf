import type { Calls } from './calls.ts';
import { type Answer, factsOf } from './classify.ts';
import { isUpstreamError, malformed, UpstreamError } from './errors.ts';
import { type FilterValues, filterNamed, hasStates, writeFilter } from './filters.ts';
import {
  joinQuery,
  type PageNumber,
  type ResourceKind,
  readTotal,
  type SortKey,
  totalOf,
  writeFields,
  writeOrder,
  writePage,
} from './paging.ts';
import type { BadRow, Readers } from './read.ts';
import type { CallContext, UpstreamCaller } from './types.ts';
import { requireUuid } from './uuid.ts';

export interface ListQuery<Filter, Sort, Field extends string> {
  /** Conditions, all of which must hold. */
  readonly filter?: Filter | undefined;
  /** The most important key first; by name when absent. */
  readonly order?: readonly Sort[] | undefined;
  /** From 1. */
  readonly page: number;
  /** 1 to 300. */
  readonly pageSize: number;
  /** Columns to request; all of them when absent, which is expensive (contract 3.6). An array that is used again is written once. */
  readonly fields?: readonly Field[] | undefined;
}

export interface Page<Row> {
  /** Empty past the end of the list. */
  readonly rows: readonly (Row | BadRow)[];
  /**
   * Rows of all pages, as Waldur counts them; `provenTotal` checks it. Undefined past the end of the list, where there are no rows either, and
   * for a full page without a valid X-Result-Count.
   */
  readonly total: number | undefined;
  /** X-Result-Count as Waldur sent it, where it is a number. Pages of one list that differ in it were read while the list moved. */
  readonly counted: number | undefined;
}

export interface DetailQuery<Filter, Field extends string> {
  readonly fields?: readonly Field[] | undefined;
  /** Further conditions. An object that does not fulfil them counts as missing (contract 2.0, point 4). */
  readonly filter?: Filter | undefined;
}

const NO_FILTER: FilterValues = {};
const COUNT_FIELDS = ['uuid'] as const;
const BEYOND_END: Page<never> = { rows: [], total: undefined, counted: undefined };

/** Reads one kind of resource: lists, counts and single objects. */
export class ResourceReads<Row, Filter extends FilterValues, Sort extends SortKey<string>, Field extends string> {
  readonly #calls: Calls;
  readonly #dialect: StateDialect;
  readonly #kind: ResourceKind;
  readonly #readers: Readers<Row>;
  readonly #listRoute: string;
  readonly #detailRoute: string;

  constructor(calls: Calls, dialect: StateDialect, kind: ResourceKind, readers: Readers<Row>) {
    this.#calls = calls;
    this.#dialect = dialect;
    this.#kind = kind;
    this.#readers = readers;
    this.#listRoute = `/api/${kind.path}`;
    this.#detailRoute = `/api/${kind.path}{uuid}/`;
  }

  /** @throws UpstreamError; GatewayError BAD_USER_INPUT for a filter that cannot be sent. */
  list(caller: UpstreamCaller, query: ListQuery<Filter, Sort, Field>, context: CallContext): Promise<Page<Row>> {
    const { filter = NO_FILTER, order, page, pageSize, fields } = query;
    const failed = (error: unknown): Page<Row> => {
      // Waldur's "Invalid page." Its text is translated, so the page number decides.
      if (page > 1 && isUpstreamError(error) && error.kind === 'not-found') return BEYOND_END;
      throw this.#named(page === 1 ? unexpectedMiss(error) : error);
    };
    const readPage = (answer: Answer): Page<Row> => this.#readPage(answer, { page, pageSize });
    try {
      const rest = joinQuery(writeOrder(this.#kind, order), writePage(page, pageSize), this.#writeFields(fields));
      if (typeof filter.uuid === 'string') return this.#listOfOne(caller, filter.uuid, query, context);
      return this.#send(caller, this.#listRoute, this.#kind.path, filter, rest, context, readPage).catch(failed);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Counts the rows that fulfil a filter. It requests one column of one row, because a HEAD would cost as much as the whole list. */
  async count(caller: UpstreamCaller, filter: Filter | undefined, context: CallContext): Promise<number> {
    const query = { page: 1, pageSize: 1, filter };
    const { rows, total } = await this.list(
      caller,
      { ...query, fields: COUNT_FIELDS as readonly string[] as readonly Field[] },
      context,
    );
    const proven = provenTotal(total, rows.length);
    if (proven instanceof Error) throw proven;
    return proven;
  }

  /** @throws UpstreamError for a first page without rows whose count says that the list has some. */
  #readPage(answer: Answer, number: PageNumber): Page<Row> {
    const rows = this.#readers.many(answer);
    const counted = totalIn(answer);
    if (rows.length === 0 && number.page === 1 && counted !== undefined && counted > 0) {
      throw malformed('X-Result-Count is larger than the list', factsOf(answer));
    }
    return { rows, total: totalOf(counted, rows.length, number), counted };
  }

  /** One object; null when it does not exist, is not visible or does not fulfil the filter. */
  get(
    caller: UpstreamCaller,
    uuid: string,
    { fields, filter = NO_FILTER as Filter }: DetailQuery<Filter, Field>,
    context: CallContext,
  ): Promise<Row | null> {
    const failed = (error: unknown): null => {
      if (isUpstreamError(error) && error.kind === 'not-found') return null;
      throw this.#named(error);
    };
    try {
      const path = `${this.#kind.path}${requireUuid(uuid)}/`;
      const rest = this.#writeFields(fields);
      return this.#send(caller, this.#detailRoute, path, filter, rest, context, this.#readers.one).catch(failed);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Only older versions have a filter by uuid. Newer ones ignore it and would list everything (contract 3.1). */
  async #listOfOne(
    caller: UpstreamCaller,
    uuid: string,
    { filter, fields, page }: ListQuery<Filter, Sort, Field>,
    context: CallContext,
  ): Promise<Page<Row>> {
    const row = await this.get(caller, requireUuid(uuid, 'filter.uuid'), { filter, fields }, context);
    if (row === null) return { rows: [], total: 0, counted: undefined };
    return { rows: page === 1 ? [row] : [], total: 1, counted: undefined };
  }

  #writeFields(fields: readonly string[] | undefined): string {
    return writeFields(fields, this.#kind.columns);
  }

  /** @param rest the query without the filter. */
  #send<Value>(
    caller: UpstreamCaller,
    route: string,
    path: string,
    filter: FilterValues,
    rest: string,
    context: CallContext,
    read: (answer: Answer) => Value,
  ): Promise<Value> {
    const send = (legacy: boolean): Promise<Value> => {
      const query = joinQuery(writeFilter(this.#kind.filters, filter, legacy), rest);
      const call = { method: 'GET', route, path: query === '' ? path : `${path}?${query}` } as const;
      return this.#calls.send(caller, call, context, read);
    };
    return this.#dialect.send(hasStates(filter), send);
  }

  /** Adds the name of the filter that Waldur refused, as clients know it. */
  #named(error: unknown): unknown {
    if (!isUpstreamError(error) || error.kind !== 'rejected' || error.body?.shape !== 'fields') return error;
    const name = filterNamed(this.#kind.filters, error.body.fields.keys());
    if (name === undefined) return error;
    const { message, status, body } = error;
    const requestId = error.details.upstream?.requestId;
    return new UpstreamError('rejected', { message, status, body, requestId, argument: `filter.${name}` });
  }
}

/**
 * Checks the length of a list before clients get it.
 * @param total as Waldur sent it, if it did.
 * @param shown minimum number of rows, from the rows that were read.
 * @returns an error when the total is missing or cannot be true.
 */
export function provenTotal(total: number | undefined, shown: number): number | UpstreamError {
  if (total === undefined) return malformed('X-Result-Count is missing or invalid');
  return total < shown ? malformed('X-Result-Count is smaller than the list') : total;
}

function totalIn({ headers }: Answer): number | undefined {
  const header = headers['x-result-count'];
  return typeof header === 'string' ? readTotal(header) : undefined;
}

/** A list always has a first page. If it does not exist, the server at this address is not a Waldur. */
const unexpectedMiss = (error: unknown): unknown =>
  isUpstreamError(error) && error.kind === 'not-found'
    ? malformed('the list does not exist', { status: error.status })
    : error;

/**
 * The spelling of states that this upstream accepts in filters (contract 1.1). The newer one is tried first. When Waldur refuses it, the
 * other is tried once and remembered, so an upgrade of Waldur while the gateway runs costs one refused call.
 */
export class StateDialect {
  #legacy = false;

  /** @param namesStates whether the request contains states. */
  send<Answer>(namesStates: boolean, send: (legacy: boolean) => Promise<Answer>): Promise<Answer> {
    return namesStates ? this.#sendTwice(send) : send(this.#legacy);
  }

  async #sendTwice<Answer>(send: (legacy: boolean) => Promise<Answer>): Promise<Answer> {
    const legacy = this.#legacy;
    try {
      return await send(legacy);
    } catch (error) {
      if (!refusesState(error)) throw error;
    }
    const answer = await send(!legacy);
    this.#legacy = !legacy;
    return answer;
  }
}

const refusesState = (error: unknown): boolean =>
  isUpstreamError(error) && error.status === 400 && error.body?.shape === 'fields' && error.body.fields.has('state');
