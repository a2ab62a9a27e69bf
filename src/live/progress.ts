import { isSettled } from '../resources/states.ts';
import type { LiveEvent } from './events.ts';
import { LiveEnd } from './types.ts';

/**
 * Follows the only object of a stream until nothing runs on it any more: ends after the event with a settled state, or after
 * REMOVED. Bookmarks are left out, because such a stream is short and is begun anew rather than resumed.
 * @throws LiveEnd `not-found` when the object is not there, and whatever ends the stream itself.
 */
export async function* untilSettled(
  stream: AsyncIterableIterator<LiveEvent>,
): AsyncGenerator<LiveEvent, undefined, undefined> {
  let shown = false;
  try {
    for await (const event of stream) {
      switch (event.kind) {
        case 'BOOKMARK':
          if (!shown) throw new LiveEnd('not-found');
          break;
        case 'STALE':
        case 'RESET':
          yield event;
          break;
        case 'INITIAL':
        case 'ADDED':
        case 'STATE_CHANGED':
        case 'UPDATED':
          shown = true;
          yield event;
          if (isSettled(event.state)) return;
          break;
        case 'REMOVED':
          yield event;
          return;
      }
    }
  } finally {
    await stream.return?.();
  }
}
