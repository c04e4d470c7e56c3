/** What a series was, kept in memory within limits, and what that says: how much a counter grew, and when a ratio will be 1. */

export interface Point {
  /** UTC milliseconds. */
  readonly at: number;
  readonly value: number;
}

const hourMs = 3_600_000;
/** Growth of counters is looked at over this stretch. */
export const increaseMs = 10 * 60_000;
/** For looking ahead, a point is kept for each hour of a week. */
const aheadMs = 7 * 24 * hourMs;
const aheadStepMs = hourMs;
/** Less history than this tells nothing of days to come. */
const aheadFromMs = 6 * hourMs;
const pointsMax = 200;

/** @param isCounter counters need every reading of the last minutes; ratios one an hour */
export function withPoint(points: readonly Point[], point: Point, isCounter: boolean): Point[] {
  const keptMs = isCounter ? increaseMs : aheadMs;
  const kept = points.filter(({ at }) => at <= point.at && point.at - at <= keptMs);
  const last = kept.at(-1);
  const before = kept.at(-2);
  // The newest reading is always there; the one before it gives way until it is an hour after its own predecessor.
  const isBetween = !isCounter && last !== undefined && before !== undefined && last.at - before.at < aheadStepMs;
  return [...(isBetween ? kept.slice(0, -1) : kept), point].slice(-pointsMax);
}

/** @returns how much a counter grew; one that begins anew counts from 0 */
export function increaseOf(points: readonly Point[]): number {
  let sum = 0;
  for (const [index, { value }] of points.entries()) {
    const before = points[index - 1];
    if (before) sum += value >= before.value ? value - before.value : value;
  }
  return sum;
}

/** @returns days until the value is 1, by the straight line through all points; undefined when it does not grow, or too little is known */
export function daysUntilFull(points: readonly Point[]): number | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 3 || last.at - first.at < aheadFromMs) return undefined;
  const middle = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const meanAt = middle(({ at }) => at);
  const meanValue = middle(({ value }) => value);
  let across = 0;
  let along = 0;
  for (const { at, value } of points) {
    across += (at - meanAt) * (value - meanValue);
    along += (at - meanAt) ** 2;
  }
  const growthInDay = (across / along) * 24 * hourMs;
  return growthInDay > 0 ? Math.max(0, (1 - last.value) / growthInDay) : undefined;
}
