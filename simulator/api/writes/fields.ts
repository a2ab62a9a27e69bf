import type { Json, JsonObject } from '../../model.ts';
import { type Call, invalid, ServerFault } from '../exchange.ts';
import { strip } from '../text.ts';
import { readDateTime } from './datetime.ts';

/** Fields of request bodies, as Django REST framework checks them (contract 2.3, 2.4, 6.2). */

/** A valid value, or the error messages. */
type Reading = { readonly value: Json } | { readonly errors: string[] };

export interface Field {
  readonly required?: boolean;
  readonly allowNull?: boolean;
  /** In a form an empty value of a field that allows it is a value, otherwise it counts as absent. */
  readonly allowBlank?: boolean;
  read(value: Json, form: boolean): Reading;
}
export type Fields = Readonly<Record<string, Field>>;

const REQUIRED = 'This field is required.';
const NULL = 'This field may not be null.';
const BLANK = 'This field may not be blank.';
const NOT_A_STRING = 'Not a valid string.';
const WRONG_TIME =
  'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].';

export const charField = (
  options: { required?: boolean; allowBlank?: boolean; maxLength?: number; trim?: boolean } = {},
): Field => ({
  ...options,
  read(value) {
    const trim = options.trim ?? true;
    if (value === '' || (trim && typeof value === 'string' && strip(value) === '')) {
      return options.allowBlank ? { value: '' } : { errors: [BLANK] };
    }
    if (typeof value !== 'string' && typeof value !== 'number') return { errors: [NOT_A_STRING] };
    const text = trim ? strip(String(value)) : String(value);
    const errors: string[] = [];
    const { maxLength } = options;
    if (maxLength !== undefined && [...text].length > maxLength) {
      errors.push(`Ensure this field has no more than ${maxLength} characters.`);
    }
    if (text.includes('\0')) errors.push('Null characters are not allowed.');
    const half = [...text].find((character) => !character.isWellFormed());
    if (half !== undefined) {
      const code = half.charCodeAt(0).toString(16).toUpperCase();
      errors.push(`Surrogate characters are not allowed: U+${code}.`);
    }
    return errors.length === 0 ? { value: text } : { errors };
  },
});

export const jsonField: Field = {
  read(value, form) {
    if (!form) return isEncodable(value) ? { value } : { errors: ['Value must be valid JSON.'] };
    try {
      return { value: JSON.parse(String(value)) as Json };
    } catch {
      return { errors: ['Value must be valid JSON.'] };
    }
  },
};

export const dateTimeField: Field = {
  allowNull: true,
  read(value) {
    const reading = readDateTime(value);
    switch (reading.kind) {
      case 'time':
        return { value: reading.text };
      case 'invalid':
        return { errors: [WRONG_TIME] };
      case 'out-of-range':
        return { errors: ['Datetime value out of range.'] };
    }
  },
};

/**
 * An integer, as Python's `int()` reads it: text and numbers without a fraction count too.
 * @param options.least the smallest value; `check` returns why a value that is large enough is refused.
 */
export const integerField = (options: {
  required?: boolean;
  least: number;
  check: (value: number) => string | undefined;
}): Field => ({
  ...(options.required !== undefined && { required: options.required }),
  read(value) {
    const text = typeof value === 'string' || typeof value === 'number' ? strip(String(value)) : '';
    if (!/^[+-]?\d+(?:_\d+)*(?:\.0*)?$/.test(text)) return { errors: ['A valid integer is required.'] };
    const number = Number(text.replaceAll('_', ''));
    if (number < options.least) {
      return { errors: [`Ensure this value is greater than or equal to ${options.least}.`] };
    }
    const refusal = options.check(number);
    return refusal === undefined ? { value: number } : { errors: [refusal] };
  },
});

const TRUE = new Set<Json>(['t', 'y', 'yes', 'true', 'on', '1', 1, true]);
const FALSE = new Set<Json>(['f', 'n', 'no', 'false', 'off', '0', 0, false]);

export const booleanField: Field = {
  read(value) {
    const given = typeof value === 'string' ? value.toLowerCase() : value;
    if (TRUE.has(given)) return { value: true };
    return FALSE.has(given) ? { value: false } : { errors: ['Must be a valid boolean.'] };
  },
};

/**
 * Reads the body of a write.
 *
 * `field` in the query takes the other fields out of the serialiser, of writes too: what a body says of them is dropped without a
 * word, even a required name (contract 2.4).
 * @param partial absent fields are left as they are (PATCH).
 * @throws HttpError 400 with the error messages by field.
 */
export function readFields(call: Call, fields: Fields, partial = false): JsonObject {
  const { data, form } = call.body();
  if (data === null) throw invalid({ non_field_errors: ['No data provided'] });
  if (typeof data !== 'object' || Array.isArray(data)) {
    throw invalid({ non_field_errors: [`Invalid data. Expected a dictionary, but got ${pythonType(data)}.`] });
  }
  const values: JsonObject = {};
  const errors: Record<string, string[]> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (!isAskedFor(call, name)) continue;
    const given = Object.hasOwn(data, name) ? givenValue(data[name], field, form) : undefined;
    if (given === undefined) {
      if (field.required && !partial) errors[name] = [REQUIRED];
    } else if (given === null) {
      if (field.allowNull) values[name] = null;
      else errors[name] = [NULL];
    } else {
      const reading = field.read(given, form);
      if ('errors' in reading) errors[name] = reading.errors;
      else values[name] = reading.value;
    }
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return values;
}

/** Forms have no null. An empty string means null or absent. */
function givenValue(value: Json | undefined, field: Field, form: boolean): Json | undefined {
  if (!form || value !== '' || field.allowBlank) return value;
  if (field.allowNull) return null;
  return field.required ? value : undefined;
}

/** The names that a snapshot or volume has, known or not, do not matter: a `field` without any known name has no effect. */
function isAskedFor(call: Call, name: string): boolean {
  const asked = call.query.filter(([key]) => key === 'field').map(([, value]) => value);
  return asked.length === 0 || asked.includes(name) || !call.knownFields(asked);
}

/** Infinity comes of numbers that are too large, in Python too, and cannot be written as JSON. */
function isEncodable(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isEncodable);
}

/** The name of the Python type of a JSON value, as it stands in messages. */
export function pythonType(value: Json): string {
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
      return 'dict';
  }
}

/** A lone surrogate passes the checks of JSON and fails when the answer is written as UTF-8 (contract 2.4). */
export function checkWritable(value: Json): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new ServerFault('a lone surrogate cannot be written as UTF-8');
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkWritable(key);
      checkWritable(item);
    }
  }
}
