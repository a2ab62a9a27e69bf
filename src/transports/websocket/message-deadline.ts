import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { MemoryBudget, Share } from '../../server/memory-budget.ts';

export interface MessageDeadlineOptions {
  readonly socket: WebSocket;
  readonly connection: Socket;
  /** Incomplete messages on all sockets. */
  readonly arriving: MemoryBudget;
  /** How long a message may take from its first byte to its last, in ms. */
  readonly messageMs: number;
  /** Whether connection_init has come. Before that, only small messages are accepted. */
  readonly isInitialised: () => boolean;
  /** Closes the socket. */
  readonly end: (code: number, reason: string) => void;
}

/** A message up to this size is not counted in the budget, and is accepted before connection_init. */
const SMALL_BYTES = 65_536;
/** Size of a control frame without its payload: two bytes and the mask. */
const CONTROL_FRAME_BYTES = 6;
const POLICY_VIOLATION = 1008;
const MESSAGE_TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

/**
 * Bounds the time and the memory that incomplete messages take: `ws` keeps what has come of a message until its end, which a client may
 * never send. `ws` does not report incomplete messages, so the bytes read are compared with the messages and control frames emitted.
 */
export function enforceMessageDeadline(options: MessageDeadlineOptions): void {
  const { socket, connection, arriving, messageMs, isInitialised, end } = options;
  /** Bytes read since the last complete message. */
  let pending = 0;
  let deadline: NodeJS.Timeout | undefined;
  let share: Share | undefined;
  const clear = (): void => {
    clearTimeout(deadline);
    deadline = undefined;
    share?.release();
    share = undefined;
  };
  const onControlFrame = (payload: Buffer): void => {
    pending = Math.max(0, pending - payload.length - CONTROL_FRAME_BYTES);
  };
  // Before the listener of `ws`, which emits messages while it reads.
  connection.prependListener('data', (chunk: Buffer) => {
    pending += chunk.length;
  });
  socket.on('message', () => {
    pending = 0;
    clear();
  });
  socket.on('ping', onControlFrame).on('pong', onControlFrame);
  connection.on('data', () => {
    if (pending === 0) return clear();
    deadline ??= setTimeout(() => end(POLICY_VIOLATION, 'Message not completed in time'), messageMs);
    if (pending <= SMALL_BYTES) return;
    if (!isInitialised()) return end(MESSAGE_TOO_BIG, 'Message too large before connection_init');
    share?.set(pending, false);
    share ??= arriving.hold(pending, () => {
      end(TRY_AGAIN_LATER, 'Too many incomplete messages');
      // The close handshake would keep what has come of the message in memory.
      socket.terminate();
    });
  });
  socket.once('close', clear);
}
