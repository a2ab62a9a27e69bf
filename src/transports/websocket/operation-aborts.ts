/** The queries that run on one socket, by id. Each has a signal that aborts when the client leaves it, or the socket. */
export class OperationAborts {
  readonly #running = new Map<string, AbortController>();
  #closed = false;

  begin(id: string): AbortSignal {
    const controller = new AbortController();
    if (this.#closed) controller.abort();
    else this.#running.set(id, controller);
    return controller.signal;
  }

  over(id: string): void {
    this.#running.delete(id);
  }

  leave(id: string): void {
    this.#running.get(id)?.abort();
    this.#running.delete(id);
  }

  close(): void {
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort();
    this.#running.clear();
  }
}
