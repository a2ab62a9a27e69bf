/** Middle value; of an even number the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that `part` (0 to 1) of all values do not exceed. NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

/** Deterministic numbers from 0 to below 1 (mulberry32), so that two runs are about the same world. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The list begun at another place: who comes first in a round has the caches of the machine, so it should be somebody else each time. */
export const rotated = <T>(list: readonly T[], by: number): T[] =>
  list.map((_, index) => list[(index + by) % list.length] as T);

/** Least squares: the factors with which the columns of `rows` come nearest to `values`. None of them is negative. */
export function leastSquares(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
  const width = rows[0]?.length ?? 0;
  const factors = new Array<number>(width).fill(0);
  const at = (row: readonly number[], column: number): number => row[column] ?? 0;
  // Each factor in turn takes what the others leave over (coordinate descent), until nothing changes any more.
  for (let round = 0; round < 100_000; round += 1) {
    let moved = 0;
    for (let column = 0; column < width; column += 1) {
      let [above, below] = [0, 0];
      for (const [index, row] of rows.entries()) {
        const others = row.reduce((sum, x, each) => sum + (each === column ? 0 : x * at(factors, each)), 0);
        above += at(row, column) * ((values[index] ?? 0) - others);
        below += at(row, column) ** 2;
      }
      const next = below === 0 ? 0 : Math.max(0, above / below);
      moved = Math.max(moved, Math.abs(next - at(factors, column)) / (Math.abs(next) || 1));
      factors[column] = next;
    }
    if (moved < 1e-9) break;
  }
  return factors;
}
