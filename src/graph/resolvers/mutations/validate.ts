import type { UserError } from '../../generated.ts';

/**
 * Checks of mutation inputs, made before anything goes upstream: Waldur answers some of these values with a 500 (contract 2.3), and
 * none of its answers names the field as the client knows it.
 */

/** Collects what is wrong with an input; nothing is sent while anything is. */
export class InputCheck {
  readonly errors: UserError[] = [];

  get failed(): boolean {
    return this.errors.length > 0;
  }

  refuse(field: string | null, message: string): void {
    this.errors.push({ code: 'VALIDATION', field, message });
  }

  /** 1 to 150 characters without the white space around, as Waldur counts them. */
  name(value: string): void {
    const length = [...value.trim()].length;
    if (length === 0) this.refuse('name', 'The name may not be blank.');
    else if (length > MAX_NAME) this.refuse('name', `The name may have at most ${MAX_NAME} characters, not ${length}.`);
    else this.#storable('name', value);
  }

  /** At most 2000 characters. */
  description(value: string): void {
    const length = [...value].length;
    if (length > MAX_DESCRIPTION) {
      this.refuse('description', `The description may have at most ${MAX_DESCRIPTION} characters, not ${length}.`);
    } else this.#storable('description', value);
  }

  text(field: string, value: string): void {
    this.#storable(field, value);
  }

  metadata(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.refuse('metadata', 'The metadata must be an object.');
    } else if (!isStorableJson(value, 0)) {
      this.refuse(
        'metadata',
        `The metadata may be nested ${MAX_DEPTH} levels deep and may not contain null characters or half a surrogate pair.`,
      );
    }
  }

  #storable(field: string, value: string): void {
    if (!isStorable(value))
      this.refuse(field, `The ${field} may not contain null characters or half a surrogate pair.`);
  }
}

const MAX_NAME = 150;
const MAX_DESCRIPTION = 2000;
/** Deep enough for anything a person writes, and within what variables may be nested at all. */
const MAX_DEPTH = 30;

/** Waldur's database takes neither; both are a 400 or 500 there. */
const isStorable = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

function isStorableJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableJson(item, depth + 1));
}
