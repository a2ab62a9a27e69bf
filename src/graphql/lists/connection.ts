import type { GraphQLResolveInfo } from 'graphql';
import type { Kind, ListPage, ListRequest, ListText } from '../../loaders/lists.ts';
import type { Loaders } from '../../loaders/loaders.ts';
import type { Parent } from '../../loaders/siblings.ts';
import type { Rows } from '../../loaders/upstream.ts';
import type { GraphContext } from '../context.ts';
import { listPrinter } from '../execution/printing.ts';
import type { PrintedList } from '../printing/list.ts';
import type { Printer } from '../printing/printer.ts';
import type { Facts } from '../printing/source.ts';
import { encodeCursor } from './cursor.ts';
import { type Joined, joinTo, NOTHING_JOINED } from './joining.ts';

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
  #printings: Map<Printer, Printing> | undefined;

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

  async totalCount(_args: unknown, context: GraphContext): Promise<number> {
    if (!this.#wantsRows) return this.#loaders.count(this.#request, this.#parent);
    const page = await this.#page();
    // An answer that cannot be read has no total either, whatever its headers say.
    const count = this.#count(page, context);
    if (count instanceof Promise) await count;
    return page.total;
  }

  async nodes(_args: unknown, context: GraphContext, info: GraphQLResolveInfo): Promise<Item<Rows[K]>[] | PrintedList> {
    const page = await this.#page();
    const printed = this.#printed(page, listPrinter(info), context);
    return (printed instanceof Promise ? await printed : printed) ?? page.rows;
  }

  async edges(
    _args: unknown,
    context: GraphContext,
    info: GraphQLResolveInfo,
  ): Promise<{ cursor: string; node: Item<Rows[K]> }[] | PrintedList> {
    const page = await this.#page();
    const printed = this.#printed(page, listPrinter(info), context);
    const list = printed instanceof Promise ? await printed : printed;
    if (list !== undefined) return list;
    const cursorOf = this.#cursors(page);
    return page.rows.map((node, i) => ({ cursor: cursorOf(i), node }));
  }

  async pageInfo(_args: unknown, context: GraphContext) {
    const page = await this.#page();
    const { start, total } = page;
    const counting = this.#count(page, context);
    const count = counting instanceof Promise ? await counting : counting;
    const cursorOf = this.#cursors(page);
    return {
      hasPreviousPage: start > 0 && total > 0,
      hasNextPage: start + count < total,
      startCursor: count === 0 ? null : cursorOf(0),
      endCursor: count === 0 ? null : cursorOf(count - 1),
    };
  }

  /**
   * Rows of a page; whoever prints them counts them.
   * @throws when they cannot be read; at once where that can be, for errors come up in the order of their fields.
   */
  #count(page: ListPage<Rows[K]>, context: GraphContext): number | Promise<number> {
    const { text } = page;
    if (text === undefined) return page.rows.length;
    const printed = text.count === undefined ? this.#printed(page, this.#printer, context) : undefined;
    const counted = (): number => text.count ?? page.rows.length;
    return printed instanceof Promise ? printed.then(counted) : counted();
  }

  /** @returns undefined for rows that have to be read; a promise where something has to be known before they can be printed. */
  #printed(page: ListPage<Rows[K]>, printer: Printer | undefined, context: GraphContext): Printing {
    const { text, total } = page;
    if (text === undefined || printer === undefined) return undefined;
    if (this.#printings?.has(printer)) return this.#printings.get(printer);
    // An empty list is printed for everybody alike.
    const asksForStaff = printer.asksForStaff && total > 0;
    const printing =
      asksForStaff || printer.joins.length > 0
        ? this.#printLater(page, text, printer, asksForStaff ? context.isStaff() : undefined)
        : this.#printPage(page, text, printer, false, NOTHING_JOINED);
    this.#printings ??= new Map();
    this.#printings.set(printer, printing);
    return printing;
  }

  async #printLater(
    page: ListPage<Rows[K]>,
    text: ListText,
    printer: Printer,
    asked: Promise<boolean> | undefined,
  ): Promise<PrintedList | undefined> {
    const [isStaff, joined] = await Promise.all([
      // When it cannot be told, every row that needs it will say why.
      asked?.catch(() => undefined) ?? false,
      printer.joins.length > 0 ? joinTo(text, this.#request, printer, this.#loaders) : NOTHING_JOINED,
    ]);
    if (isStaff === undefined || joined === undefined) return undefined;
    return this.#printPage(page, text, printer, isStaff, joined);
  }

  #printPage(
    page: ListPage<Rows[K]>,
    text: ListText,
    printer: Printer,
    isStaff: boolean,
    joined: Joined,
  ): PrintedList | undefined {
    const printed = printer.print(text.json, text.most, { cursorOf: this.#cursors(page), isStaff, joined });
    text.count ??= printed?.count;
    return printed?.list;
  }

  #cursors({ start }: ListPage<Rows[K]>): Facts['cursorOf'] {
    return (index) => encodeCursor(start + index, this.#print());
  }

  /** The loaders keep the promise, so that every field of the connection shares one fetch. */
  #page(): Promise<ListPage<Rows[K]>> {
    return this.#loaders.list(this.#request, this.#parent);
  }
}

/** undefined: the rows have to be read. */
type Printing = PrintedList | undefined | Promise<PrintedList | undefined>;

export type SnapshotList = ListConnection<'snapshot'>;
export type VolumeList = ListConnection<'volume'>;
