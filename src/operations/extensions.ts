import type { GraphContext } from '../graph/context.ts';

/** What a request asks to be told in `extensions`, by the header `X-Explain: cost, calls`. */
export type Explanation = 'cost' | 'calls';

const NOTHING: ReadonlySet<Explanation> = new Set();

/** @param header as it came; unknown words are passed over. */
export function readExplain(header: string | undefined): ReadonlySet<Explanation> {
  if (header === undefined) return NOTHING;
  const asked = new Set<Explanation>();
  for (const word of header.toLowerCase().split(',')) {
    const one = word.trim();
    if (one === 'cost' || one === 'calls') asked.add(one);
  }
  return asked;
}

/**
 * What an answer tells besides its data: always when part of it is older than it may be, because Waldur could not be reached; the
 * calls that it took when asked.
 * @returns undefined when there is nothing to tell.
 */
export function extensionsOf(
  context: GraphContext,
  explain: ReadonlySet<Explanation>,
): Record<string, unknown> | undefined {
  const { stats } = context.upstream;
  const stale = stats.stale ? { stale: { ageMs: Math.max(0, context.now() - stats.oldestAt) } } : undefined;
  if (!explain.has('calls')) return stale;
  return { ...stale, calls: { made: stats.calls, saved: stats.saved, decisions: context.decisions() } };
}
