import { type FieldNode, type GraphQLField, Kind, type ValueNode } from 'graphql';
import { MAX_PAGE_SIZE } from '../../graph/lists/arguments.ts';
import type { Variables } from './expression.ts';

/** What an argument tells about the size of a list. */
export interface Slicing {
  /** The path of the argument: `first`, `input.uuids`. */
  readonly argument: string;
  /** False when no variable matters. */
  readonly varies: boolean;
  /** @returns undefined when the argument is not given. */
  read(variables: Variables): Told | undefined;
}

export interface Told {
  readonly size: number;
  /** Whether it is the length of a list; otherwise it is a number. */
  readonly isLength: boolean;
}

/** Finds what a slicing argument of a selected field tells. */
export function readSlicing(node: FieldNode, field: GraphQLField<unknown, unknown>, argument: string): Slicing {
  const [name, ...path] = argument.split('.');
  const fallback = toldByValue(field.args.find((defined) => defined.name === name)?.defaultValue, path);
  const given = node.arguments?.find((one) => one.name.value === name)?.value;
  const found = given === undefined ? fallback : toldByNode(given, path, fallback);
  return typeof found === 'function'
    ? { argument, varies: true, read: found }
    : { argument, varies: false, read: () => found };
}

type Finding = Told | undefined | ((variables: Variables) => Told | undefined);

function toldByNode(node: ValueNode, [key, ...rest]: readonly string[], fallback: Told | undefined): Finding {
  switch (node.kind) {
    case Kind.VARIABLE: {
      const name = node.name.value;
      const path = key === undefined ? [] : [key, ...rest];
      return (variables) => (Object.hasOwn(variables, name) ? toldByValue(variables[name], path) : fallback);
    }
    case Kind.NULL:
      return undefined;
    case Kind.OBJECT: {
      const found = node.fields.find((field) => field.name.value === key);
      return found && toldByNode(found.value, rest, undefined);
    }
    case Kind.LIST:
      return { size: node.values.length, isLength: true };
    case Kind.INT:
      return toldByNumber(Number(node.value));
    default:
      return ONE_ITEM;
  }
}

function toldByValue(value: unknown, [key, ...rest]: readonly string[]): Told | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return { size: value.length, isLength: true };
  if (typeof value === 'number') return toldByNumber(value);
  if (key === undefined) return ONE_ITEM;
  return typeof value === 'object' && Object.hasOwn(value, key)
    ? toldByValue(Reflect.get(value, key), rest)
    : undefined;
}

/** A number that the resolver will refuse, naming the argument, brings no rows: that is what the client should hear of, not its cost. */
const toldByNumber = (size: number): Told => ({
  size: size >= 0 && size <= MAX_PAGE_SIZE ? size : 0,
  isLength: false,
});

/** A single value stands for a list of one. */
const ONE_ITEM: Told = { size: 1, isLength: true };
