/** Number of small chunks that are joined into a large one. */
const MAX_SMALL_CHUNKS = 256;

/**
 * Collects bytes that arrive in chunks. The sender chooses the size of chunks, and every Buffer takes some hundred bytes besides its
 * content: a megabyte sent byte by byte would take hundreds of megabytes. So chunks are joined as they arrive, each byte once.
 */
export class ChunkBuffer {
  readonly #chunks: Buffer[] = [];
  /** How many of the chunks, from the first, have been joined. */
  #joined = 0;
  #size = 0;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  add(chunk: Buffer): void {
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    if (this.#chunks.length - this.#joined < MAX_SMALL_CHUNKS) return;
    this.#chunks.push(Buffer.concat(this.#chunks.splice(this.#joined)));
    this.#joined += 1;
  }

  /** All bytes; a single chunk is returned as it is, without a copy. */
  whole(): Buffer {
    const [first] = this.#chunks;
    return first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#size);
  }
}
