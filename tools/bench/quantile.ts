/** The value below which the given part of the values lies; 0 without values. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
