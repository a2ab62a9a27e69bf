import type { Delta } from './delta.ts';
import type { BookmarkEvent, LiveEvent, SignalEvent } from './events.ts';
import type { SubscriberGroup } from './subscriber-group.ts';
import type { HeldRow } from './types.ts';

/*
 * What a subscription begins with. Events are made as they are read, from rows and steps as they were when it began: whatever
 * changes later waits in its queue, so nothing is told twice or out of order.
 */

/** The present state, then a BOOKMARK from which the subscription can be resumed. */
export function* present(
  group: SubscriberGroup,
  rows: readonly HeldRow[],
  bookmark: BookmarkEvent,
): Generator<LiveEvent> {
  for (const row of rows) {
    const event = group.initialOf(row);
    if (event !== null) yield event;
  }
  yield bookmark;
}

/** Forget everything; then the present state. */
export function* anew(
  reset: SignalEvent,
  group: SubscriberGroup,
  rows: readonly HeldRow[],
  bookmark: BookmarkEvent,
): Generator<LiveEvent> {
  yield reset;
  yield* present(group, rows, bookmark);
}

/** What came after a cursor, step by step, then a BOOKMARK. */
export function* replay(
  group: SubscriberGroup,
  steps: readonly Delta[],
  bookmark: BookmarkEvent,
): Generator<LiveEvent> {
  for (const step of steps) {
    const event = group.eventOf(step);
    if (event !== null) yield event;
  }
  yield bookmark;
}
