/** Uptime over many days as one share, and how it is written: never rounded up, because 99.995 % is not all. */
import type { PeriodView } from '../model.ts';

/** @returns 0 to 1, each day weighing as much as was measured of it; undefined when nothing was */
export function uptimeOver(days: readonly PeriodView[]): number | undefined {
  let measuredMs = 0;
  let upMs = 0;
  for (const { uptime, ...day } of days) {
    if (uptime === undefined) continue;
    const dayMs = day.upMs + day.degradedMs + day.partialMs + day.downMs;
    measuredMs += dayMs;
    upMs += dayMs * uptime;
  }
  return measuredMs === 0 ? undefined : upMs / measuredMs;
}

/** @returns `99.99%`, cut off after two decimals; `100%` only when it is */
export function percentOf(share: number): string {
  // Sums of fractions are a hair off: 0.07 * 10000 is 700.0000000000001, and 1 may come as 0.9999999999999999.
  const hundredths = Math.floor(share * 10_000 + 1e-6);
  return `${(hundredths / 100).toFixed(2).replace(/\.?0+$/, '')}%`;
}
