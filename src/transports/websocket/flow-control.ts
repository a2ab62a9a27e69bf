import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { GatewayError } from '../../errors.ts';
import { isObject, readRequest } from '../../operations/graphql-over-http.ts';
import type { TrustedDocuments } from '../../operations/trusted-documents.ts';
import { refuseExpensiveJson } from '../../server/body.ts';
import { outermostStrings } from '../../server/json-size-guard.ts';

/** Why nothing is read: the client has not read what it was sent, its messages wait, or other sockets have their turn. */
type PauseReason = 'unsent' | 'waiting' | 'turn';

/** Reading pauses for the rest of a turn of the event loop after a read of this size, so that one flooding client does not hold up others. */
const TURN_BYTES = 32_768;
/** What a client may send after the gateway closed the socket: a whole message may be on its way. */
const MAX_BYTES_AFTER_CLOSE = 1_048_576;

/** Pauses and resumes reading from a socket. */
export class FlowControl {
  readonly #socket: WebSocket;
  readonly #reasons = new Set<PauseReason>();
  #bytesAfterClose = 0;

  constructor(socket: WebSocket, connection: Socket) {
    this.#socket = socket;
    connection.on('data', (chunk: Buffer) => this.#received(chunk.length));
  }

  /** Whether reading is paused for this reason, possibly among others. */
  isPausedFor(reason: PauseReason): boolean {
    return this.#reasons.has(reason);
  }

  pause(reason: PauseReason): void {
    if (this.#reasons.size === 0) this.#socket.pause();
    this.#reasons.add(reason);
  }

  resume(reason: PauseReason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#socket.resume();
  }

  #received(bytes: number): void {
    if (this.#socket.readyState === this.#socket.CLOSING) {
      // Messages are ignored by now. A client that goes on sending would only use CPU until the close times out.
      this.#bytesAfterClose += bytes;
      if (this.#bytesAfterClose > MAX_BYTES_AFTER_CLOSE) this.#socket.terminate();
    }
    if (bytes < TURN_BYTES || this.isPausedFor('turn')) return;
    this.pause('turn');
    setImmediate(() => this.resume('turn'));
  }
}

/** A message of the client. graphql-ws decides whether it is valid. */
export interface Message {
  /** What graphql-ws receives. */
  readonly text: string;
  readonly type: unknown;
  /** undefined: none, or not a string. */
  readonly id: string | undefined;
  /** Why the operation of a Subscribe message may not run. The client gets it in an Error message, and the socket stays open. */
  readonly refusal?: GatewayError;
  /** Under which the refusal is counted. */
  readonly limit?: string;
}

/** The members of a message beside its payload. */
const ENVELOPE: ReadonlySet<string> = new Set(['id', 'type']);

/**
 * Reads a message. A Subscribe message with a query that HTTP would refuse is refused for the same reason and with the same code. Other
 * invalid messages, also those without a query, are left to graphql-ws, which closes the socket as the protocol asks for.
 * @param trusted replaces the hash of a document by the document. Absent: there are no trusted documents.
 */
export function readMessage(text: string, trusted?: TrustedDocuments): Message {
  const expensive = refuseExpensiveJson(text);
  if (expensive !== undefined) {
    const envelope = outermostStrings(text, ENVELOPE);
    const id = envelope.get('id');
    const isSubscribe = envelope.get('type') === 'subscribe';
    return isSubscribe && id ? refused(id, new GatewayError(expensive.code, expensive.message)) : INVALID;
  }
  try {
    const { type, id, payload }: { type?: unknown; id?: unknown; payload?: unknown } = Object(JSON.parse(text));
    if (typeof id !== 'string') return { text, type, id: undefined };
    if (type !== 'subscribe' || id === '' || !isObject(payload)) return { text, type, id };
    const resolved = trusted?.resolve(payload);
    if (resolved?.ok === false) {
      return { ...refused(id, new GatewayError(resolved.code, resolved.message)), limit: resolved.limit };
    }
    const members = resolved?.members ?? payload;
    if (typeof members.query === 'string') {
      const read = readRequest(members);
      if (!read.ok) return refused(id, new GatewayError(read.code, read.message));
    }
    return { text: members === payload ? text : JSON.stringify({ id, type, payload: members }), type, id };
  } catch {
    return { text, type: undefined, id: undefined };
  }
}

/** Not JSON, so graphql-ws closes the socket without parsing the message. */
const INVALID: Message = { text: '', type: undefined, id: undefined };

/** In the place of the message, graphql-ws gets one without a document: it still checks the id and whether the socket is initialised. */
const refused = (id: string, refusal: GatewayError): Message => ({
  text: JSON.stringify({ id, type: 'subscribe', payload: { query: '' } }),
  type: 'subscribe',
  id,
  refusal,
});

/** Maximum messages of a socket in a turn. A count, not a time: on a busy machine a Complete would miss the turn of its Subscribe. */
const TURN_MESSAGES = 100;
/** Reading pauses when this many messages wait, and resumes when none does. */
const PAUSE_AT_MESSAGES = 16;
/** A longer message takes a turn of its own, like an operation. */
const SMALL_MESSAGE_LENGTH = 1_000;

interface Waiting {
  readonly takesTurn: boolean;
  readonly handle: () => void;
}

/**
 * The messages of one socket, in order: in a turn of the event loop one operation, and 100 messages at most. One read may bring hundreds of
 * operations or thousands of pings, which `ws` emits at once. Without the queue all of them would be handled before any other connection
 * is read. Small messages that follow an operation share its turn: a Complete that was sent right after its Subscribe must be handled
 * before the result is sent.
 */
export class MessageQueue {
  readonly #flow: Pick<FlowControl, 'pause' | 'resume'>;
  #waiting: Waiting[] = [];
  /** Index of the first one that was not handled. */
  #next = 0;
  /** Messages handled in this turn. */
  #handled = 0;
  #isTurnTaken = false;
  #isClosed = false;

  constructor(flow: Pick<FlowControl, 'pause' | 'resume'>) {
    this.#flow = flow;
  }

  /** @param handle must not throw. It is not called once the queue is closed. */
  add({ type, text }: Message, handle: () => void): void {
    if (this.#isClosed) return;
    const takesTurn = type === 'subscribe' || text.length > SMALL_MESSAGE_LENGTH;
    const message = { takesTurn, handle };
    if (this.#waiting.length === 0 && this.#mayHandle(message)) {
      this.#handle(message);
      return;
    }
    this.#waiting.push(message);
    if (this.#waiting.length - this.#next >= PAUSE_AT_MESSAGES) this.#flow.pause('waiting');
  }

  /** Drops all messages that wait and all that come. */
  close(): void {
    this.#isClosed = true;
    this.#clear();
  }

  #mayHandle({ takesTurn }: Waiting): boolean {
    return !(takesTurn && this.#isTurnTaken) && this.#handled < TURN_MESSAGES;
  }

  #handle({ takesTurn, handle }: Waiting): void {
    if (this.#handled === 0) setImmediate(this.#nextTurn);
    this.#handled += 1;
    this.#isTurnTaken ||= takesTurn;
    handle();
  }

  #clear(): void {
    this.#waiting = [];
    this.#next = 0;
    this.#flow.resume('waiting');
  }

  readonly #nextTurn = (): void => {
    this.#handled = 0;
    this.#isTurnTaken = false;
    for (;;) {
      const message = this.#waiting[this.#next];
      if (message === undefined || !this.#mayHandle(message)) return;
      this.#next += 1;
      if (this.#next === this.#waiting.length) this.#clear();
      this.#handle(message);
    }
  };
}
