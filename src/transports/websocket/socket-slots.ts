import type { Metrics } from '../../observability/metrics.ts';

export interface SlotOptions {
  /** Open sockets in all. */
  readonly total: number;
  /** Open sockets of one address; 0: any number. */
  readonly perAddress: number;
  readonly metrics: Metrics;
}

/** Counts open sockets, in all and for each address. */
export class SocketSlots {
  readonly #options: SlotOptions;
  readonly #ofAddress = new Map<string, number>();
  #open = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** Takes a place; `leave` must follow. @returns status and headers of the refusal when none is free. */
  enter(address: string): string | undefined {
    const { total, perAddress, metrics } = this.#options;
    if (this.#open >= total) {
      metrics.refused('sockets');
      return '503 Service Unavailable\r\nRetry-After: 5';
    }
    const open = this.#ofAddress.get(address) ?? 0;
    if (perAddress > 0 && open >= perAddress) {
      metrics.refused('socketsOfAddress');
      return '429 Too Many Requests\r\nRetry-After: 5';
    }
    this.#open += 1;
    this.#ofAddress.set(address, open + 1);
    return undefined;
  }

  leave(address: string): void {
    this.#open -= 1;
    const left = (this.#ofAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#ofAddress.delete(address);
    else this.#ofAddress.set(address, left);
  }
}
