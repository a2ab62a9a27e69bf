/**
 * The latest object of each kind that a request is made of. Nothing reads them: they are there so that of each kind one is alive.
 *
 * V8 compiles code for the hidden classes of the objects that it has seen, and holds the classes weakly. A full collection that comes
 * while no request is under way, as it does in a gateway that rests, finds no object of a class, and with the class goes all code that
 * was compiled for it: the first thousands of requests after a rest took twice the time. Each object here is let go of when the
 * next one of its kind comes, so none of them holds more than one request did. What a plan read and printed is let go of before, with
 * the answer, unless there were errors.
 */
interface Latest {
  request: object | undefined;
  response: object | undefined;
  /** Of a query or mutation by the plan of its document. */
  run: object | undefined;
  connection: object | undefined;
  listPage: object | undefined;
  printedList: object | undefined;
  /** Who waits for a read. */
  waiter: object | undefined;
  /** With the upstream. */
  exchange: object | undefined;
}

export const latest: Latest = {
  request: undefined,
  response: undefined,
  run: undefined,
  connection: undefined,
  listPage: undefined,
  printedList: undefined,
  waiter: undefined,
  exchange: undefined,
};
