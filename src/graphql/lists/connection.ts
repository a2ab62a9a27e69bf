import type { GraphQLResolveInfo } from 'graphql';
import type { Kind, ListPage, ListRequest } from '../../loaders/lists.ts';
import type { Loaders } from '../../loaders/loaders.ts';
import type { Parent } from '../../loaders/siblings.ts';
import type { Rows } from '../../loaders/upstream.ts';
import type { GraphContext } from '../context.ts';
import { listPrinter } from '../execution/printing.ts';
import type { PrintedList } from '../printing/list.ts';
import type { Printer } from '../printing/printer.ts';
import type { Facts } from '../printing/source.ts';
import { encodeCursor } from './cursor.ts';

/** A row that could not be read stands in its list as the error that says why; graphql-js nulls it and reports it at its place. */
export type Item<Row> = Row | Error;

/**
 * A list as a client sees it, fetched when a field of it is resolved and only as far as needed: asking for nothing but
 * `totalCount` costs a count, not rows.
 */
export class ListConnection<K extends Kind> {
  readonly #loaders: Loaders;
  readonly #request: ListRequest<K>;
  readonly #print: () => string;
  readonly #wantsRows: boolean;
  readonly #parent: Parent | undefined;
  readonly #printer: Printer | undefined;
  /** Of its rows, by what printed them. */
  #texts: Map<Printer, PrintedList> | undefined;

  /**
   * @param parent the volume whose snapshots these are, where the list is a volume's.
   * @param printer prints rows of it; undefined: they are read.
   */
  constructor(
    loaders: Loaders,
    request: ListRequest<K>,
    print: () => string,
    wantsRows: boolean,
    parent: Parent | undefined,
    printer: Printer | undefined,
  ) {
    this.#loaders = loaders;
    this.#request = request;
    this.#print = print;
    this.#wantsRows = wantsRows;
    this.#parent = parent;
    this.#printer = printer;
  }

  async totalCount(): Promise<number> {
    return this.#wantsRows ? (await this.#page()).total : this.#loaders.count(this.#request, this.#parent);
  }

  async nodes(_args: unknown, context: GraphContext, info: GraphQLResolveInfo): Promise<Item<Rows[K]>[] | PrintedList> {
    const page = await this.#page();
    const printer = listPrinter(info);
    const isStaff = asksForStaff(page, printer) ? await isStaffOf(context) : false;
    return this.#printed(page, printer, isStaff) ?? page.rows;
  }

  async edges(
    _args: unknown,
    context: GraphContext,
    info: GraphQLResolveInfo,
  ): Promise<{ cursor: string; node: Item<Rows[K]> }[] | PrintedList> {
    const page = await this.#page();
    const printer = listPrinter(info);
    const isStaff = asksForStaff(page, printer) ? await isStaffOf(context) : false;
    const cursorOf = this.#cursors(page);
    return this.#printed(page, printer, isStaff) ?? page.rows.map((node, i) => ({ cursor: cursorOf(i), node }));
  }

  async pageInfo(_args: unknown, context: GraphContext) {
    const page = await this.#page();
    const { start, total } = page;
    // Whoever prints them counts them.
    if (page.text?.count === undefined) {
      const isStaff = asksForStaff(page, this.#printer) ? await isStaffOf(context) : false;
      this.#printed(page, this.#printer, isStaff);
    }
    const count = page.text?.count ?? page.rows.length;
    const cursorOf = this.#cursors(page);
    return {
      hasPreviousPage: start > 0 && total > 0,
      hasNextPage: start + count < total,
      startCursor: count === 0 ? null : cursorOf(0),
      endCursor: count === 0 ? null : cursorOf(count - 1),
    };
  }

  /**
   * @param isStaff undefined when nobody knows.
   * @returns undefined for rows that have to be read.
   */
  #printed(
    page: ListPage<Rows[K]>,
    printer: Printer | undefined,
    isStaff: boolean | undefined,
  ): PrintedList | undefined {
    if (page.text === undefined || printer === undefined || isStaff === undefined) return undefined;
    const known = this.#texts?.get(printer);
    if (known !== undefined) return known;
    const { json, most } = page.text;
    const printed = printer.print(json, most, { cursorOf: this.#cursors(page), isStaff });
    if (printed === undefined) return undefined;
    page.text.count = printed.count;
    this.#texts ??= new Map();
    this.#texts.set(printer, printed.list);
    return printed.list;
  }

  #cursors({ start }: ListPage<Rows[K]>): Facts['cursorOf'] {
    return (index) => encodeCursor(start + index, this.#print());
  }

  /** The loaders keep the promise, so that every field of the connection shares one fetch. */
  #page(): Promise<ListPage<Rows[K]>> {
    return this.#loaders.list(this.#request, this.#parent);
  }
}

/** An empty list is printed for everybody alike. */
const asksForStaff = ({ total }: ListPage<unknown>, printer: Printer | undefined): boolean =>
  total > 0 && printer?.asksForStaff === true;

/** @returns undefined when it cannot be told; every row that needs it will say why. */
const isStaffOf = (context: GraphContext): Promise<boolean | undefined> => context.isStaff().catch(() => undefined);

export type SnapshotList = ListConnection<'snapshot'>;
export type VolumeList = ListConnection<'volume'>;
