import type { ExecutionResult } from 'graphql';
import { Observable } from './observable.ts';

/** An event as received. */
export interface StreamEvent {
  readonly id: number;
  readonly at: Date;
  readonly result: ExecutionResult;
}

/** Receives what a subscription sends. */
export interface Sink {
  next(result: ExecutionResult): void;
  error(error: unknown): void;
  complete(): void;
}

/** Starts a subscription. @returns a function that ends it. */
export type Connect = (sink: Sink) => () => void;

/** Older events are dropped: the list of a subscription that runs for a day must not fill the memory of the browser. */
const MOST_EVENTS = 1_000;
/** The list is rendered at most this often: thousands of events may arrive in a second. In ms. */
const RENDER_MS = 100;

/** The subscription of one tab, with its events. */
class Stream {
  readonly key: string;
  readonly events: StreamEvent[] = [];
  isRunning = true;
  received = 0;
  /** Ends the iteration that GraphiQL waits on. */
  release: () => void = () => {};
  end: () => void = () => {};

  constructor(key: string) {
    this.key = key;
  }
}

export type StreamView = Pick<Stream, 'events' | 'isRunning' | 'received'>;

/**
 * The subscriptions of all tabs. GraphiQL stops a subscription when another tab is opened. Here it goes on, and its tab shows all events
 * when it is opened again.
 */
export class Streams extends Observable {
  readonly #streams = new Map<string, Stream>();
  #activeTab = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The stream of the open tab; undefined when the tab has none. */
  get shown(): StreamView | undefined {
    return this.#streams.get(this.#activeTab);
  }

  /** Whether the subscription of a tab is running, so that opening the tab attaches to it. */
  isRunning = (tab: string): boolean => this.#streams.get(tab)?.isRunning === true;

  /** Called at each change of the tabs. Ends the subscriptions of closed tabs. */
  tabsChanged(active: string, tabs: readonly string[]): void {
    this.#activeTab = active;
    for (const [tab, stream] of this.#streams) {
      if (tabs.includes(tab)) continue;
      stream.end();
      this.#streams.delete(tab);
    }
    this.changed();
  }

  /** Forgets the events of the open tab. The subscription goes on. */
  clear(): void {
    const stream = this.#streams.get(this.#activeTab);
    if (stream === undefined) return;
    stream.events.length = 0;
    this.changed();
  }

  /** Hides the list of the open tab, which runs another operation now. */
  leave(): void {
    this.#streams.get(this.#activeTab)?.end();
    if (this.#streams.delete(this.#activeTab)) this.changed();
  }

  /**
   * Starts the subscription of the open tab, or attaches to the one that is running.
   * @param key what the subscription depends on: document, variables and headers. A different one starts anew.
   * @returns what GraphiQL iterates over. It ends with the subscription.
   */
  open(key: string, connect: Connect): AsyncIterableIterator<object> {
    const tab = this.#activeTab;
    const present = this.#streams.get(tab);
    if (present?.isRunning === true && present.key === key) return this.#follow(tab, present);
    present?.end();
    const stream = new Stream(key);
    this.#streams.set(tab, stream);
    const finish = (): void => {
      stream.isRunning = false;
      stream.release();
      this.#changedSoon();
    };
    const stop = connect({
      next: (result) => this.#add(stream, result),
      error: (error) => {
        this.#add(stream, { errors: [{ message: messageOf(error) }] } as unknown as ExecutionResult);
        finish();
      },
      complete: finish,
    });
    stream.end = () => {
      if (!stream.isRunning) return;
      stop();
      finish();
    };
    this.changed();
    return this.#follow(tab, stream);
  }

  #add(stream: Stream, result: ExecutionResult): void {
    stream.events.unshift({ id: ++stream.received, at: new Date(), result });
    if (stream.events.length > MOST_EVENTS) stream.events.pop();
    this.#changedSoon();
  }

  #changedSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.changed();
    }, RENDER_MS);
  }

  /** One value, which ends GraphiQL's spinner, and the end. The events are shown by the list instead. */
  #follow(tab: string, stream: Stream): AsyncIterableIterator<object> {
    const { promise: ended, resolve } = Promise.withResolvers<IteratorResult<object>>();
    stream.release = () => resolve({ done: true, value: undefined });
    if (!stream.isRunning) stream.release();
    let isFirst = true;
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next() {
        if (!isFirst) return ended;
        isFirst = false;
        return Promise.resolve({ done: false, value: { subscription: 'Its events are listed here.' } });
      },
      // GraphiQL calls this for the stop button, and just before it opens another tab. Which one it was is known a moment later.
      return: () => {
        resolve({ done: true, value: undefined });
        queueMicrotask(() => {
          if (this.#activeTab === tab) stream.end();
        });
        return ended;
      },
    };
  }
}

/** The reason of a failed subscription: an error, GraphQL errors, or the close event of a WebSocket. */
function messageOf(error: unknown): string {
  if (Array.isArray(error)) return error.map(messageOf).join('\n');
  if (typeof error === 'object' && error !== null) {
    if ('message' in error && typeof error.message === 'string' && error.message !== '') return error.message;
    if ('reason' in error && typeof error.reason === 'string' && error.reason !== '') return error.reason;
  }
  return 'The connection was lost.';
}
