/** The value below which a part of all lies; 0 where there is none. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
