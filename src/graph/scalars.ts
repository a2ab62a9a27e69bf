import { GraphQLError, GraphQLScalarType, Kind, print, type ValueNode } from 'graphql';
import { unchanged } from '../executor/index.ts';
import { isHex } from '../waldur/uuid.ts';

/**
 * Custom scalars. Those of graphql-scalars do not fit: they refuse uuids without hyphens, which Waldur sends, and cut DateTime to
 * milliseconds, where Waldur has microseconds.
 */

const UUID_PATTERN = /^(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;
const ANY_HYPHENS = /^(?:[0-9a-f]-?){31}[0-9a-f]$/i;

/** A uuid in any accepted spelling, as 32 lower-case hexadecimal digits; undefined for anything else. */
export function parseUuid(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 63) return undefined;
  // The usual case: as Waldur sends it.
  if (isHex(value)) return value;
  return UUID_PATTERN.test(value) || ANY_HYPHENS.test(value) ? value.toLowerCase().replaceAll('-', '') : undefined;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|[+-](\d\d):(\d\d))$/;

/** True for RFC 3339 with an offset and a valid date. Leap seconds are refused, as Waldur does. */
export function isDateTime(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 64) return false;
  const found = DATE_TIME.exec(value);
  if (found === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offsetHour = 0, offsetMinute = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (year < 1 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  if (offsetHour > 23 || offsetMinute > 59) return false;
  // Day 0 of the next month is the last day of this one.
  return day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? String(value);

function stringScalar(name: string, read: (value: unknown) => string | undefined, expected: string): GraphQLScalarType {
  const parse = (value: unknown): string => {
    const result = read(value);
    if (result === undefined) throw new GraphQLError(`${name} must be ${expected}, not ${shown(value)}.`);
    return result;
  };
  return new GraphQLScalarType<string, unknown>({
    name,
    // Values of rows are checked where they are read.
    serialize: unchanged,
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : print(node)),
  });
}

export const UUIDScalar = stringScalar('UUID', parseUuid, '32 hexadecimal digits, with or without hyphens');

export const DateTimeScalar = stringScalar(
  'DateTime',
  (value) => (isDateTime(value) ? value : undefined),
  'RFC 3339 with an offset, such as 2026-01-31T12:00:00Z',
);

export const JSONScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: unchanged,
  parseValue: (value) => value,
  parseLiteral: literalValue,
});

function literalValue(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.BOOLEAN:
    case Kind.STRING:
    case Kind.ENUM:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((item) => literalValue(item, variables));
    case Kind.OBJECT:
      // fromEntries defines own properties, so a `__proto__` key stays data.
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literalValue(field.value, variables)]));
    case Kind.VARIABLE:
      return variables?.[node.name.value] ?? null;
  }
}
