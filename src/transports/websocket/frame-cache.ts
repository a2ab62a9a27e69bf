/**
 * Messages that bring results. An event is one result for all readers of equal documents and so one JSON text; readers who chose
 * equal ids too, as most clients count theirs from one, are sent the very same bytes.
 */
export class FrameCache {
  #json: string | undefined;
  readonly #byId = new Map<string, Buffer>();

  /** @param json of the result; the same string, not only an equal one, is compared for free. */
  next(id: string, json: string): Buffer {
    if (json !== this.#json) {
      // Kept for this turn of the event loop alone, in which all its readers are served: else each id would hold its last message.
      if (this.#json === undefined) setImmediate(() => this.#forget());
      this.#byId.clear();
      this.#json = json;
    }
    let frame = this.#byId.get(id);
    if (frame === undefined) {
      frame = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":${json}}`);
      this.#byId.set(id, frame);
    }
    return frame;
  }

  #forget(): void {
    this.#byId.clear();
    this.#json = undefined;
  }
}
