import { createHmac, timingSafeEqual } from 'node:crypto';

/** A position in the delta log of an informer. After a restart the log has another `epoch`, so old sequence numbers are not confused. */
export interface Position {
  readonly epoch: string;
  readonly sequence: number;
}

/** Signs and reads cursors of one binding. */
export interface Cursors {
  sign(position: Position): string;
  /** @returns null for a string that was not signed for this binding. */
  read(cursor: string): Position | null;
}

/** Longer strings are refused unread. */
const MAX_LENGTH = 200;
const FORM = /^([a-z0-9]{1,40})\.([0-9]{1,15})\.([A-Za-z0-9_-]{22})$/;
const MAC_BYTES = 16;

/**
 * Makes and reads cursors: epoch, sequence and a signature over both and over what they are bound to (caller, kind, scope,
 * state filter and uuids). The binding is not part of the cursor, so a cursor reveals nothing about its owner. A forged cursor and one
 * of another caller or filter fail the signature check alike.
 */
export class CursorSigner {
  readonly #key: string | Uint8Array;

  /** @param key signs all cursors. With another key after a restart, or on another replica, every older cursor is refused. */
  constructor(key: string | Uint8Array) {
    this.#key = key;
  }

  /** @param binding whose cursors these are: caller, kind, scope, state filter, uuids. */
  bind(binding: string): Cursors {
    return {
      sign: (position) => this.#sign(binding, position),
      read: (cursor) => this.#read(binding, cursor),
    };
  }

  #sign(binding: string, position: Position): string {
    const place = `${position.epoch}.${position.sequence}`;
    return `${place}.${this.#mac(binding, place)}`;
  }

  #read(binding: string, cursor: string): Position | null {
    if (cursor.length > MAX_LENGTH) return null;
    const [, epoch, sequence, mac] = FORM.exec(cursor) ?? [];
    if (epoch === undefined || sequence === undefined || mac === undefined) return null;
    // Compared as strings: several base64url strings decode to the same bytes, and only one of them was signed.
    const expected = Buffer.from(this.#mac(binding, `${epoch}.${sequence}`));
    if (!timingSafeEqual(Buffer.from(mac), expected)) return null;
    return { epoch, sequence: Number(sequence) };
  }

  #mac(binding: string, place: string): string {
    // The length separates the parts: no other binding and place give the same bytes.
    const digest = createHmac('sha256', this.#key).update(`${binding.length}:${binding}${place}`).digest();
    return digest.subarray(0, MAC_BYTES).toString('base64url');
  }
}
