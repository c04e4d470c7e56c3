/**
 * Which tables a stretch of time is read from: whole hours where there are some, minutes around them, single results at the ends.
 * Every result is in exactly one part, so sums do not depend on the resolution, and neighbouring stretches add up. Pure.
 */
import { ceilTo, floorTo, hourMs, minuteMs } from './periods.ts';

/**
 * What is kept, in UTC milliseconds. All results from `resultsSince` on are kept one by one; minutes hold those from `minutesSince`
 * to `minutesUntil`, hours those from `hoursSince` to `hoursUntil`. The first and the minutes' borders are whole minutes or hours,
 * and nothing is removed before it is in the next coarser table.
 */
export interface Kept {
  readonly resultsSince: number;
  readonly minutesSince: number;
  readonly minutesUntil: number;
  readonly hoursSince: number;
  readonly hoursUntil: number;
}

export interface Part {
  readonly source: 'results' | 'minutes' | 'hours';
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
}

/** @returns the parts, in order, none empty. An end where only minutes (or hours) are left moves to the next whole one. */
export function cover(kept: Kept, from: number, until: number): Part[] {
  const [begin, end] = [snap(kept, from), snap(kept, until)];
  const hoursFrom = ceilTo(hourMs, begin);
  const hoursUntil = Math.min(floorTo(hourMs, end), kept.hoursUntil);
  const parts: Part[] =
    hoursFrom < hoursUntil
      ? [
          ...fineParts(kept, begin, hoursFrom),
          { source: 'hours', from: hoursFrom, until: hoursUntil },
          ...fineParts(kept, hoursUntil, end),
        ]
      : fineParts(kept, begin, end);
  return parts.filter((part) => part.from < part.until);
}

function fineParts(kept: Kept, from: number, until: number): Part[] {
  const minutesFrom = ceilTo(minuteMs, from);
  const minutesUntil = Math.min(floorTo(minuteMs, until), kept.minutesUntil);
  if (minutesFrom >= minutesUntil) return [{ source: 'results', from, until }];
  return [
    { source: 'results', from, until: minutesFrom },
    { source: 'minutes', from: minutesFrom, until: minutesUntil },
    { source: 'results', from: minutesUntil, until },
  ];
}

function snap(kept: Kept, at: number): number {
  if (at < kept.minutesSince) return ceilTo(hourMs, at);
  return at < kept.resultsSince ? ceilTo(minuteMs, at) : at;
}
