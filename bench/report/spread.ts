/** What several repetitions say together. */
export interface Spread {
  readonly count: number;
  readonly median: number;
  /** Quartiles. */
  readonly low: number;
  readonly high: number;
  readonly min: number;
  readonly max: number;
}

/** Undefined where there is no value. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((one, other) => one - other);
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
  };
}

/** Between two values in proportion (type 7 of Hyndman and Fan). */
function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return below + (above - below) * (place - Math.floor(place));
}
