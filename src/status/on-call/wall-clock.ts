/**
 * Between moments and what clocks on the wall show, with the time zones that the machine knows. A local time that a change of the
 * clocks skips is as much later as the change; one that comes twice means the first.
 */

export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, made);
  return made;
}

/** @returns what a clock in the time zone shows at a moment, as if it were UTC, in milliseconds */
function shownMs(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second } = parts;
  const milliseconds = ((at % 1000) + 1000) % 1000;
  return (
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) + milliseconds
  );
}

/** @param at UTC milliseconds */
export function wallTime(at: number, timeZone: string): WallTime {
  const shown = new Date(shownMs(at, timeZone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
  };
}

/** @returns the moment at which a clock in the time zone shows a time; UTC milliseconds */
export function momentOf(wall: WallTime, timeZone: string): number {
  const wanted = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  // Whatever changes within a day on either side, these are the two distances from UTC that count.
  const before = shownMs(wanted - dayMs, timeZone) - (wanted - dayMs);
  const after = shownMs(wanted + dayMs, timeZone) - (wanted + dayMs);
  const fits = [wanted - before, wanted - after].filter((at) => shownMs(at, timeZone) === wanted);
  return fits.length === 0 ? wanted - before : Math.min(...fits);
}

/** @returns the calendar day so many days later, at the same hour and minute */
export function daysLater(wall: WallTime, days: number): WallTime {
  const day = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + days));
  return { ...wall, year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
}

/** @returns calendar days from one date to the other, whatever the hours */
export function daysBetween(from: WallTime, until: WallTime): number {
  const day = ({ year, month, day: number }: WallTime) => Date.UTC(year, month - 1, number) / dayMs;
  return day(until) - day(from);
}

/** Reads `HH:MM` as the time of that name on a day. */
export function atHour(day: WallTime, text: string): WallTime {
  return { ...day, hour: Number(text.slice(0, 2)), minute: Number(text.slice(3, 5)) };
}

/** @returns the last moment, not after `at`, at which the clock showed `HH:MM` (or would have, on the day of a change) */
export function lastAtHour(text: string, timeZone: string, at: number): number {
  const today = atHour(wallTime(at, timeZone), text);
  const moment = momentOf(today, timeZone);
  return moment <= at ? moment : momentOf(daysLater(today, -1), timeZone);
}

/** @returns the first such moment after `at` */
export function nextAtHour(text: string, timeZone: string, at: number): number {
  const today = atHour(wallTime(at, timeZone), text);
  const moment = momentOf(today, timeZone);
  return moment > at ? moment : momentOf(daysLater(today, 1), timeZone);
}
