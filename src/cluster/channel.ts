import type { Seal } from '../auth/seal.ts';

/** Messages of replicas to each other about one caller. Each is sealed, and bound to its channel and sender. */
export class Channel {
  readonly name: string;
  readonly #seal: Seal;
  readonly #replica: string;

  /** @param replica identifies this process. All have the same length. */
  constructor(name: string, seal: Seal, replica: string) {
    this.name = name;
    this.#seal = seal;
    this.#replica = replica;
  }

  wrap(content: object): Buffer {
    const sealed = this.#seal.seal(`${this.name} ${this.#replica}`, JSON.stringify(content));
    return Buffer.concat([Buffer.from(this.#replica), sealed]);
  }

  /** @returns undefined for an own message, and for one that no replica wrote with the credentials of the caller. */
  unwrap(message: Buffer): unknown {
    const { length } = this.#replica;
    const sender = message.subarray(0, length).toString();
    if (sender === this.#replica) return undefined;
    const text = this.#seal.open(`${this.name} ${sender}`, message.subarray(length));
    return text === null ? undefined : JSON.parse(text.toString());
  }
}
