import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Those with the header Expect have events of their own; nobody listening, Node would answer them at once. */
const REQUEST_EVENTS = ['request', 'checkContinue', 'checkExpectation'] as const;
/** Reading stops when this many requests wait, and goes on when none does. Node parses what it has read by then: up to 64 KiB more. */
const PAUSE_AT = 16;
const REST_MS = 60_000;

/**
 * Fairness between connections: each has one request under way. Node emits a request as soon as it is parsed, so a client that
 * pipelines a thousand would have all of them handled before any other connection is read. Here a request waits for the answer to the one
 * before it on its connection. Past a few waiting requests the connection is not read. Each request begins in its own turn of the event loop, so that other
 * connections are read in between. HTTP asks for the same: only requests with safe methods may be handled in parallel (RFC 9112, 9.3.2).
 */
export class ConnectionQueues {
  readonly #restMs: number;
  readonly #queues = new WeakMap<Socket, ConnectionQueue>();
  /** Requests that wait for the end of a hold; undefined without one. */
  #held: (() => void)[] | undefined;

  /** @param restMs how long the rest of a request that was interrupted by a pause may take after it, in ms. */
  constructor(restMs = REST_MS) {
    this.#restMs = restMs;
  }

  /**
   * Takes the requests of a server, those with the header Expect too.
   * @param handle is called in the event that reports a request when its connection has no other under way, later otherwise. By then
   * some or all of the request's body may have come; it can be read as a stream in both cases.
   */
  attach(server: Server, handle: RequestHandler): void {
    const handleUnlessHeld: RequestHandler = (request, response) => {
      if (this.#held === undefined) handle(request, response);
      // Its client may have disconnected by then.
      else this.#held.push(() => response.destroyed || handle(request, response));
    };
    for (const event of REQUEST_EVENTS) {
      server.on(event, (request: IncomingMessage, response: ServerResponse) => {
        const { socket } = request;
        let queue = this.#queues.get(socket);
        if (queue === undefined) {
          queue = new ConnectionQueue(socket, handleUnlessHeld);
          this.#queues.set(socket, queue);
        }
        queue.add(request, response);
      });
    }
  }

  /** From now on no request begins until the returned function is called. Those under way continue. */
  hold(): () => void {
    const held: (() => void)[] = [];
    this.#held = held;
    return () => {
      this.#held = undefined;
      for (const begin of held) begin();
    };
  }

  /**
   * Whether a request is late because this server did not read its connection. Node's timeout runs also while reading is paused, and
   * fires once for each request. From here on the queue enforces that the rest of the request comes.
   * @param end closes the connection; called when the rest does not come in time.
   */
  excuses(socket: Duplex, end: () => void): boolean {
    return socket instanceof Socket && this.#queues.get(socket)?.excuse(end, this.#restMs) === true;
  }

  /** Whether an answer has begun on the connection and is not over, so that nothing else may be written there. */
  isAnswering(socket: Duplex): boolean {
    return socket instanceof Socket && this.#queues.get(socket)?.isAnswering === true;
  }
}

class ConnectionQueue {
  readonly #socket: Socket;
  readonly #handle: RequestHandler;
  #waiting: Waiting[] = [];
  /** Where in `#waiting` the next one is: taking the first of thousands away would move all others each time. */
  #next = 0;
  /** The response under way. */
  #current: ServerResponse | undefined;
  #paused = false;
  /** The latest request; undefined when all of it was answered. */
  #incoming: IncomingMessage | undefined;
  #arrivals = 0;
  /** Starts the timer for the rest of a request that the pause delayed; called when reading goes on. */
  #watchRest: (() => void) | undefined;

  constructor(socket: Socket, handle: RequestHandler) {
    this.#socket = socket;
    this.#handle = handle;
    // Reading a body resumes the socket, whoever paused it.
    socket.on('resume', () => {
      if (this.#paused) socket.pause();
    });
    socket.once('close', () => {
      this.#waiting = [];
      this.#next = 0;
    });
  }

  add(request: IncomingMessage, response: ServerResponse): void {
    this.#arrivals += 1;
    this.#incoming = request;
    if (this.#current === undefined) {
      this.#begin({ request, response });
      return;
    }
    this.#waiting.push({ request, response });
    if (this.#paused || this.#waiting.length - this.#next < PAUSE_AT) return;
    this.#paused = true;
    this.#socket.pause();
  }

  excuse(end: () => void, restMs: number): boolean {
    if (!this.#paused) return false;
    // Interrupted in its headers, it is the next request to be reported; interrupted in its body, it is the latest.
    const late = this.#isWhole ? this.#arrivals + 1 : this.#arrivals;
    this.#watchRest = () => {
      const timer = setTimeout(() => {
        if (this.#arrivals < late || (this.#arrivals === late && !this.#isWhole)) end();
      }, restMs);
      timer.unref();
      this.#socket.once('close', () => clearTimeout(timer));
    };
    return true;
  }

  get isAnswering(): boolean {
    return this.#current?.headersSent === true;
  }

  get #isWhole(): boolean {
    return this.#incoming === undefined || this.#incoming.complete;
  }

  #begin({ request, response }: Waiting): void {
    this.#current = response;
    // Also when the client goes away before it is answered.
    response.on('close', this.#over);
    this.#handle(request, response);
  }

  readonly #over = (): void => {
    // In a later turn: other connections have waited longer.
    if (this.#next < this.#waiting.length) setImmediate(this.#beginNext);
    else this.#rest();
  };

  #rest(): void {
    this.#current = undefined;
    // Otherwise an idle connection would hold its last request in memory.
    if (this.#isWhole) this.#incoming = undefined;
  }

  readonly #beginNext = (): void => {
    const next = this.#waiting[this.#next];
    this.#next += 1;
    if (this.#next >= this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
      this.#resume();
    }
    // None when the connection has closed; no answer goes out after one that said `Connection: close`.
    if (next === undefined || !this.#socket.writable) this.#rest();
    else this.#begin(next);
  };

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
    this.#watchRest?.();
    this.#watchRest = undefined;
  }
}
