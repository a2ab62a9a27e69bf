import { strip } from '../../../domain/strip.ts';
import type { UserError } from '../../generated.ts';
import { parseId } from '../../ids.ts';

interface Target {
  readonly uuid?: string | null | undefined;
  readonly id?: string | null | undefined;
}

/**
 * Collects the errors of a mutation's input. An input with errors is not sent: Waldur answers some of these values with a 500
 * (contract 2.3), and its errors do not use the field names of the graph.
 */
export class InputCheck {
  readonly errors: UserError[] = [];

  get failed(): boolean {
    return this.errors.length > 0;
  }

  refuse(field: string | null, message: string): void {
    this.errors.push({ code: 'VALIDATION', field, message });
  }

  /**
   * The snapshot that an input names, by `uuid` or by `id`.
   * @returns its uuid; an empty string when the input is refused.
   */
  snapshot(target: Target): string {
    return this.#target(target, 'Snapshot');
  }

  /** The volume that an input names, as `snapshot` does. */
  volume(target: Target): string {
    return this.#target(target, 'Volume');
  }

  #target({ uuid, id }: Target, type: 'Snapshot' | 'Volume'): string {
    if (uuid != null && id == null) return uuid;
    if (uuid == null && id != null) {
      const node = parseId(id);
      if (node?.type === type) return node.uuid;
      this.refuse('id', `The id must be the global id of a ${type.toLowerCase()}.`);
      return '';
    }
    this.refuse('uuid', 'Exactly one of uuid and id must be given.');
    return '';
  }

  /** At least 1 MiB. What the volume's present size allows is for Waldur to decide. */
  size(value: number): void {
    if (value < 1) this.refuse('size', `The size must be at least 1 MiB, not ${value}.`);
  }

  /** 1 to 150 characters without the white space around them, as Waldur counts them. */
  name(value: string): void {
    const length = [...strip(value)].length;
    if (length === 0) this.refuse('name', 'The name must not be blank.');
    else if (length > MAX_NAME)
      this.refuse('name', `The name must have at most ${MAX_NAME} characters, not ${length}.`);
    else this.#storable('name', value);
  }

  /** At most 2000 characters. */
  description(value: string): void {
    const length = [...value].length;
    if (length > MAX_DESCRIPTION) {
      this.refuse('description', `The description must have at most ${MAX_DESCRIPTION} characters, not ${length}.`);
    } else this.#storable('description', value);
  }

  /** 1 to 100 characters. */
  idempotencyKey(value: string): void {
    const { length } = [...value];
    if (length < 1 || length > MAX_IDEMPOTENCY_KEY) {
      const message = `The idempotencyKey must have 1 to ${MAX_IDEMPOTENCY_KEY} characters, not ${length}.`;
      this.refuse('idempotencyKey', message);
    }
  }

  string(field: string, value: string): void {
    this.#storable(field, value);
  }

  metadata(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.refuse('metadata', 'The metadata must be an object.');
    } else if (!isStorableJson(value, 0)) {
      this.refuse(
        'metadata',
        `The metadata must not be nested more than ${MAX_DEPTH} levels deep, and must not contain null characters or lone surrogates.`,
      );
    }
  }

  #storable(field: string, value: string): void {
    if (!isStorable(value)) this.refuse(field, `The ${field} must not contain null characters or lone surrogates.`);
  }
}

const MAX_NAME = 150;
const MAX_DESCRIPTION = 2000;
const MAX_IDEMPOTENCY_KEY = 100;
/** Enough for any hand-written value, and below the limit on the nesting of variables. */
const MAX_DEPTH = 30;

/** Waldur's database accepts neither null characters nor lone surrogates; both lead to a 400 or 500. */
const isStorable = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

function isStorableJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableJson(item, depth + 1));
}
