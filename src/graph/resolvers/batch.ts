import { badInput } from '../../errors.ts';

/** Most objects named in one list argument. */
export const MAX_BATCH = 100;

/** @throws GatewayError BAD_USER_INPUT when a list argument names too many objects. */
export function checkBatch(argument: string, items: readonly unknown[]): void {
  if (items.length > MAX_BATCH) {
    throw badInput(
      argument,
      `${argument} may name at most ${MAX_BATCH} objects, not ${items.length}. Ask in several steps.`,
    );
  }
}
