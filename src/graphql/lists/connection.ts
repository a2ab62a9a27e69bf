import type { GraphQLResolveInfo } from 'graphql';
import type { Rows } from '../../loaders/asking.ts';
import type { Kind, ListPage, ListRequest, ListText } from '../../loaders/lists.ts';
import type { Loaders } from '../../loaders/loaders.ts';
import type { Parent } from '../../loaders/siblings.ts';
import type { GraphContext } from '../context.ts';
import { listPrinter } from '../execution/printing.ts';
import { Gaps } from '../printing/gaps.ts';
import type { PrintedList } from '../printing/list.ts';
import { type PrintedRows, Printer } from '../printing/printer.ts';
import type { Facts } from '../printing/source.ts';
import { encodeCursor } from './cursor.ts';
import { loadReferred } from './joining.ts';

/** A row that could not be read stands in its list as the error that says why; graphql-js nulls it and reports it at its place. */
export type Item<Row> = Row | Error;

const NO_PRINTERS: readonly Printer[] = [];

export interface ConnectionOptions<K extends Kind> {
  readonly loaders: Loaders;
  readonly request: ListRequest<K>;
  /** Of the list, for its cursors. */
  readonly print: () => string;
  /** Whether anything is selected that needs rows. */
  readonly wantsRows: boolean;
  /** It is all that the operation begins with: there is no batch to wait for. */
  readonly isAlone: boolean;
  /** The volume whose snapshots these are, where the list is a volume's. */
  readonly parent: Parent | undefined;
  /** They print all that is selected of its rows; none: those are read. */
  readonly printers: readonly Printer[] | undefined;
}

/**
 * A list as a client sees it, fetched when a field of it is resolved and only as far as needed: asking for nothing but
 * `totalCount` costs a count, not rows.
 */
export class ListConnection<K extends Kind> {
  readonly #loaders: Loaders;
  readonly #request: ListRequest<K>;
  readonly #print: () => string;
  readonly #wantsRows: boolean;
  readonly #isAlone: boolean;
  readonly #parent: Parent | undefined;
  readonly #printers: readonly Printer[];
  #fetched: Promise<ListPage<Rows[K]>> | undefined;
  /** What its printers make of the page that came, with gaps for what is joined, and for a caller who is not staff. */
  #drafts: { readonly text: ListText; readonly lists: ReadonlyMap<Printer, PrintedRows> | undefined } | undefined;
  /** Lists that had to wait for what they are printed with. */
  #later: Map<Printer, Promise<PrintedList | undefined>> | undefined;

  constructor({ loaders, request, print, wantsRows, isAlone, parent, printers = NO_PRINTERS }: ConnectionOptions<K>) {
    this.#loaders = loaders;
    this.#request =
      printers.length === 0 ? request : { ...request, accepts: (text) => this.#draft(text) !== undefined };
    this.#print = print;
    this.#wantsRows = wantsRows;
    this.#isAlone = isAlone;
    this.#parent = parent;
    this.#printers = printers;
  }

  async totalCount(): Promise<number> {
    return this.#wantsRows ? (await this.#page()).total : this.#loaders.count(this.#request, this.#parent);
  }

  nodes(_args: unknown, context: GraphContext, info: GraphQLResolveInfo): Promise<Item<Rows[K]>[] | PrintedList> {
    return this.#page().then((page) => {
      const printed = this.#printed(page, listPrinter(info), context);
      return printed instanceof Promise ? printed.then((list) => list ?? page.rows) : (printed ?? page.rows);
    });
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
    const cursorOf = this.#cursors(page.start);
    return page.rows.map((node, i) => ({ cursor: cursorOf(i), node }));
  }

  async pageInfo() {
    const page = await this.#page();
    const { start, total } = page;
    const [first] = (page.text && this.#draft(page.text)?.values()) ?? [];
    const count = first?.count ?? page.rows.length;
    const cursorOf = this.#cursors(start);
    return {
      hasPreviousPage: start > 0 && total > 0,
      hasNextPage: start + count < total,
      startCursor: count === 0 ? null : cursorOf(0),
      endCursor: count === 0 ? null : cursorOf(count - 1),
    };
  }

  /** @returns undefined for a page that has to be read. */
  #draft(text: ListText): ReadonlyMap<Printer, PrintedRows> | undefined {
    if (this.#drafts?.text !== text) this.#drafts = { text, lists: this.#printAll(text) };
    return this.#drafts.lists;
  }

  #printAll({ text: json }: ListText): ReadonlyMap<Printer, PrintedRows> | undefined {
    const lists = new Map<Printer, PrintedRows>();
    for (const printer of this.#printers) {
      const printed = this.#printWith(printer, json, false, Gaps.none());
      if (printed === undefined) return undefined;
      lists.set(printer, printed);
    }
    return lists;
  }

  #printWith(printer: Printer, json: string, isStaff: boolean, gaps: Gaps): PrintedRows | undefined {
    const { start, count } = this.#request.window;
    return printer.print(json, count, { cursorOf: this.#cursors(start), isStaff, gaps });
  }

  /** @returns undefined for rows that have to be read; a promise where something has to be known before they can be printed. */
  #printed(
    { text }: ListPage<Rows[K]>,
    printer: Printer | undefined,
    context: GraphContext,
  ): PrintedList | undefined | Promise<PrintedList | undefined> {
    if (text === undefined || printer === undefined) return undefined;
    const draft = this.#draft(text)?.get(printer);
    if (draft === undefined) return undefined;
    // An empty list is printed for everybody alike.
    const isFinal = draft.count === 0 || (!printer.asksForStaff && draft.gaps.areNone);
    if (isFinal) return draft.list;
    this.#later ??= new Map();
    const known = this.#later.get(printer);
    if (known !== undefined) return known;
    const later = this.#printLater(text, printer, draft, context);
    this.#later.set(printer, later);
    return later;
  }

  async #printLater(
    text: ListText,
    printer: Printer,
    draft: PrintedRows,
    context: GraphContext,
  ): Promise<PrintedList | undefined> {
    const [isStaff, isLoaded] = await Promise.all([
      // When it cannot be told, every row that needs it will say why.
      printer.asksForStaff ? context.isStaff().catch(() => undefined) : false,
      loadReferred(draft.gaps.referred, this.#request, this.#loaders),
    ]);
    if (isStaff === undefined || !isLoaded) return undefined;
    if (!isStaff) return Printer.fill(draft);
    draft.list.release();
    const rows = this.#printWith(printer, text.text, true, draft.gaps.again());
    return rows && Printer.fill(rows);
  }

  #cursors(start: number): Facts['cursorOf'] {
    return (index) => encodeCursor(start + index, this.#print());
  }

  /** Every field of the connection shares one fetch. */
  #page(): Promise<ListPage<Rows[K]>> {
    this.#fetched ??= this.#isAlone
      ? this.#loaders.listAlone(this.#request)
      : this.#loaders.list(this.#request, this.#parent);
    return this.#fetched;
  }
}

export type SnapshotList = ListConnection<'snapshot'>;
export type VolumeList = ListConnection<'volume'>;
