import { badInput, type GatewayError } from '../../errors.ts';
import type { Limits } from './limits.ts';

interface Found {
  readonly value: unknown;
  /** Variable, then keys and indexes down to the value. */
  readonly path: string;
  readonly depth: number;
}

/**
 * Checks the variables of a request as they came, before they are coerced: the lists in them, how many values they hold and how
 * deep. The walk is no longer than what is allowed. Keys are only read, so `__proto__` is a name like any other.
 * @throws GatewayError BAD_USER_INPUT naming the variable and the place in it.
 */
export function checkVariables(variables: Readonly<Record<string, unknown>> | null | undefined, limits: Limits): void {
  const open: Found[] = [{ value: variables, path: '', depth: 0 }];
  let values = 0;
  for (let found = open.pop(); found !== undefined; found = open.pop()) {
    const { value, path, depth } = found;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > limits.variableDepth) throw tooDeep(path, limits.variableDepth);
    if (Array.isArray(value) && value.length > limits.variableItems) throw tooLong(path, value, limits.variableItems);
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      if (++values > limits.variableValues) throw tooMany(limits.variableValues);
      const item: unknown = Reflect.get(value, key);
      if (typeof item !== 'object') continue;
      open.push({ value: item, path: path === '' ? key : `${path}.${key}`, depth: depth + 1 });
    }
  }
}

const tooLong = (path: string, list: readonly unknown[], allowed: number): GatewayError =>
  badInput(
    shortened(path),
    `Variable $${shortened(path)} is a list of ${list.length} items; at most ${allowed} are allowed. Ask in several requests.`,
  );

const tooDeep = (path: string, allowed: number): GatewayError =>
  badInput(
    shortened(path),
    `Variable $${shortened(path)} nests lists and objects more than ${allowed} deep, which is the most allowed.`,
  );

const tooMany = (allowed: number): GatewayError =>
  badInput('variables', `The variables hold more than ${allowed} values, the most allowed. Ask in several requests.`);

/** Keys come from the client and may be of any length. */
const shortened = (path: string): string => (path.length > 100 ? `${path.slice(0, 100)}...` : path);
