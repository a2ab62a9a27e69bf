/** One figure of the report. */
export interface Figure {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
  readonly reached: boolean;
}

export const atMost = (what: string, value: number, most: number, unit = ''): Figure => ({
  what,
  figure: `${Number(value.toPrecision(3))}${unit}`,
  target: `at most ${most}${unit}`,
  reached: value <= most,
});
