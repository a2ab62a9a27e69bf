import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Caller } from './caller.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NAME_BYTES = 18;

/**
 * Keys of one caller for a store that others can read and write. They are derived from the credentials, which are never stored, so only a
 * process that has been given the same credentials can name, read or write what belongs to the caller.
 */
export class Seal {
  readonly #nameKey: Buffer;
  readonly #key: Buffer;

  /**
   * @param credentials everything that identifies the caller.
   * @param secret of the gateway; with it, names cannot be compared with guessed credentials. Empty when there is none.
   */
  constructor(credentials: string, secret: string | Uint8Array) {
    const keys = Buffer.from(hkdfSync('sha256', credentials, secret, 'waldur-graph shared state', 2 * KEY_BYTES));
    this.#nameKey = keys.subarray(0, KEY_BYTES);
    this.#key = keys.subarray(KEY_BYTES);
  }

  /** A name that reveals neither the caller nor the parts. */
  name(...parts: readonly string[]): string {
    const digest = createHmac('sha256', this.#nameKey).update(JSON.stringify(parts)).digest();
    return digest.subarray(0, NAME_BYTES).toString('base64url');
  }

  /** Encrypts a value for one place only. @param place where it is stored; it cannot be opened for another place. */
  seal(place: string, value: string | Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  }

  /** @returns null for anything that this caller's `seal` did not make for the place. */
  open(place: string, sealed: Uint8Array): Buffer | null {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      return null;
    }
  }
}

/** A caller that has made no request for so many other callers has to come again before its state can be shared. */
const MAX_SEALS = 20_000;

/** The seals of the callers whose operations run here, by caller key. */
export class Seals {
  readonly #secret: string | Uint8Array;
  /** In order of use. */
  readonly #seals = new Map<string, Seal>();

  constructor(secret: string | Uint8Array) {
    this.#secret = secret;
  }

  /** To be called for the caller of each operation. */
  remember({ key, headers, authenticated }: Pick<Caller, 'key' | 'headers' | 'authenticated'>): void {
    if (!authenticated) return;
    const known = this.#seals.get(key);
    this.#seals.delete(key);
    this.#seals.set(key, known ?? new Seal(credentialsOf(headers), this.#secret));
    if (this.#seals.size <= MAX_SEALS) return;
    for (const [oldest] of this.#seals) {
      this.#seals.delete(oldest);
      return;
    }
  }

  /** @returns undefined for a caller whose operations do not run here. */
  of(callerKey: string): Seal | undefined {
    return this.#seals.get(callerKey);
  }
}

/** The same three parts as in the key of a caller. */
const credentialsOf = (headers: Caller['headers']): string =>
  JSON.stringify([headers.authorization, headers['x-impersonated-user-uuid'], headers['x-forwarded-for']]);
