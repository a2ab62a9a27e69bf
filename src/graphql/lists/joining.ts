import type { ListRequest } from '../../loaders/lists.ts';
import type { Loaders } from '../../loaders/loaders.ts';
import type { Referred } from '../printing/gaps.ts';

/**
 * Reads the resources that rows of a printed list refer to, each once, and prints them.
 * @returns false when one of them cannot be had, or printed: the rows have to be read then, and their fields say what is wrong.
 */
export async function loadReferred(
  referred: readonly Referred[],
  list: ListRequest,
  loaders: Loaders,
): Promise<boolean> {
  if (referred.length === 0) return true;
  loaders.remember(
    referred.map(({ row }) => row),
    list,
  );
  try {
    const loaded = await Promise.all(referred.map(({ field: { join }, row, uuid }) => join?.load(row, uuid, loaders)));
    for (const [i, one] of referred.entries()) one.json = JSON.stringify(one.field.make(loaded[i] ?? null, false));
    return true;
  } catch {
    return false;
  }
}
