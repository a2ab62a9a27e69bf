/** So many small pieces are joined to a larger one. */
const MOST_SMALL = 256;
const NONE: Buffer[] = [];

/**
 * Bytes that come in pieces. Whoever sends may cut them as small as they like, and each piece is an object of some hundred bytes: a
 * megabyte that comes byte by byte would take hundreds of them. So what comes is joined on the way, each byte once.
 */
export class ChunkBuffer {
  #all: Buffer[] = NONE;
  /** How many of them have been joined. */
  #joined = 0;
  #size = 0;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  add(piece: Buffer): void {
    this.#size += piece.length;
    // Most come in one, and an empty list that grows makes room for sixteen more.
    if (this.#all === NONE) {
      this.#all = [piece];
      return;
    }
    this.#all.push(piece);
    if (this.#all.length - this.#joined < MOST_SMALL) return;
    this.#all.push(Buffer.concat(this.#all.splice(this.#joined)));
    this.#joined += 1;
  }

  /** What came, in one; not a copy when it came so. */
  whole(): Buffer {
    const [first] = this.#all;
    return first !== undefined && this.#all.length === 1 ? first : Buffer.concat(this.#all, this.#size);
  }
}
