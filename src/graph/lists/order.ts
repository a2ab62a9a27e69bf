import { badInput } from '../../errors.ts';
import type { Order } from '../../loading/lists.ts';

const CREATED = { field: 'CREATED', direction: 'ASC' } as const;
const BY_NAME: Order = [{ field: 'NAME', direction: 'ASC' }, CREATED];

/**
 * Reads `orderBy`. Absent or empty: by name, as Waldur does. `created` is always added, the nearest to unique that REST can sort
 * by: without it rows of equal names may swap between pages (contract 3.4).
 * @throws GatewayError BAD_USER_INPUT when a field stands twice.
 */
export function readOrder(
  given: readonly { readonly field: string; readonly direction?: 'ASC' | 'DESC' }[] | null | undefined,
): Order {
  if (given === null || given === undefined || given.length === 0) return BY_NAME;
  const order = given.map(({ field, direction = 'ASC' }) => ({ field, direction }));
  const fields = order.map(({ field }) => field);
  const twice = fields.find((field, i) => fields.indexOf(field) !== i);
  if (twice !== undefined) throw badInput('orderBy', `orderBy names ${twice} twice; each field once.`);
  if (!order.some(({ field }) => field === 'CREATED')) order.push(CREATED);
  return order;
}
