/** Figures as people read them. */

/** @returns the value that this share of the values does not exceed; NaN of none */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** Three digits that count, with commas between thousands. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  if (value === 0) return '0';
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}

/** `12,300 (11,900–12,800)`: the median, and how far the values spread. */
export function spread(values: readonly number[]): string {
  if (values.length < 2) return figure(median(values));
  return `${figure(median(values))} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
}

/** `0.87 ×` */
export function ratio(value: number): string {
  return `${value.toFixed(2)} ×`;
}

export function kilobytes(bytes: number): string {
  return bytes >= 1_000_000 ? `${figure(bytes / 1_000_000)} MB` : `${figure(bytes / 1_000)} KB`;
}
