import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { MemoryBudget, Share } from '../../server/memory-budget.ts';

export interface MessageDeadlineOptions {
  readonly socket: WebSocket;
  readonly connection: Socket;
  /** What has come of messages that are not whole, on all sockets. */
  readonly arriving: MemoryBudget;
  /** How long a message may take to come, in ms. */
  readonly messageMs: number;
  /** Whether the client has said who it is; before, its messages are small. */
  readonly isKnown: () => boolean;
  /** Ends the socket. */
  readonly end: (code: number, reason: string) => void;
}

/** What a message may hold at any time, and before the client has said who it is at most. */
const SMALL_BYTES = 65_536;
/** What a control frame has besides its data: two bytes and the mask. */
const CONTROL_BYTES = 6;
const POLICY = 1008;
const TOO_LARGE = 1009;
const TRY_AGAIN_LATER = 1013;

/**
 * Watches messages that have begun and are not whole yet: what has come of one is held until its end, and whoever sends it may leave that
 * out. The library does not tell of them, so what was read is compared with what came of it.
 */
export function enforceMessageDeadline(options: MessageDeadlineOptions): void {
  const { socket, connection, arriving, messageMs, isKnown, end } = options;
  let pending = 0;
  let deadline: NodeJS.Timeout | undefined;
  let share: Share | undefined;
  const whole = (): void => {
    clearTimeout(deadline);
    deadline = undefined;
    share?.release();
    share = undefined;
  };
  const control = (data: Buffer): void => {
    pending = Math.max(0, pending - data.length - CONTROL_BYTES);
  };
  // Before the library, which tells of messages while it reads.
  connection.prependListener('data', (piece: Buffer) => {
    pending += piece.length;
  });
  socket.on('message', () => {
    pending = 0;
    whole();
  });
  socket.on('ping', control).on('pong', control);
  connection.on('data', () => {
    if (pending === 0) return whole();
    deadline ??= setTimeout(() => end(POLICY, 'A message did not come to its end in time'), messageMs);
    if (pending <= SMALL_BYTES) return;
    if (!isKnown()) return end(TOO_LARGE, 'Send connection_init first');
    share?.set(pending, false);
    share ??= arriving.hold(pending, () => {
      end(TRY_AGAIN_LATER, 'Too many messages are coming at the same time');
      // What has come of it is held until then.
      socket.terminate();
    });
  });
  socket.once('close', whole);
}
