/**
 * Ninety days as a line that hangs deeper the worse a day was: good days are a thin band, trouble sticks out below it. One path for
 * each state, of runs of days, so that a quiet component costs a few dozen bytes.
 */
import type { PeriodView } from '../model.ts';
import { html, type Markup } from './markup.ts';
import { dayText, lengthText, uptimePercent } from './times.ts';
import type { Tone } from './words.ts';

const stepWidth = 4;
const barHeight = 32;
/** How deep each state hangs, of 32. */
const depths: Readonly<Record<Tone, number>> = {
  operational: 9,
  maintenance: 4,
  degraded: 16,
  partial: 24,
  major: 32,
  unknown: 2,
};
const troubleDaysTold = 4;

const lostMs = (period: PeriodView) => period.downMs + period.partialMs + period.degradedMs;

/** The worst of a day or month; `unknown` when nothing was measured. */
export function worstOf(period: PeriodView): Tone {
  if (period.downMs > 0) return 'major';
  if (period.partialMs > 0) return 'partial';
  if (period.degradedMs > 0) return 'degraded';
  if (period.maintenanceMs > 0) return 'maintenance';
  return period.upMs > 0 ? 'operational' : 'unknown';
}

/** `down for 12 min, degraded for 3 min`; empty when there was no trouble. */
export function troubleText(period: PeriodView): string {
  const parts = [
    ['down', period.downMs],
    ['partly down', period.partialMs],
    ['degraded', period.degradedMs],
    ['under maintenance', period.maintenanceMs],
  ] as const;
  return parts
    .filter(([, ms]) => ms > 0)
    .map(([what, ms]) => `${what} for ${lengthText(ms)}`)
    .join(', ');
}

/** Uptime of several periods together, each counting for as long as it was measured; undefined without any. */
export function uptimeOf(periods: readonly PeriodView[]): number | undefined {
  let measured = 0;
  let weighted = 0;
  for (const period of periods) {
    if (period.uptime === undefined) continue;
    const ms = period.upMs + lostMs(period);
    measured += ms;
    weighted += period.uptime * ms;
  }
  return measured === 0 ? undefined : weighted / measured;
}

/** What the bars show, for those who do not see them: uptime, and the newest days with trouble. */
export function barsText(days: readonly PeriodView[]): string {
  const uptime = uptimeOf(days);
  if (uptime === undefined) return `Last ${days.length} days: nothing was measured.`;
  const troubled = days.filter((day) => lostMs(day) > 0).reverse();
  const told = troubled.slice(0, troubleDaysTold).map((day) => `${dayText(day.period)}, ${troubleText(day)}`);
  const more = troubled.length > told.length ? `; and ${troubled.length - told.length} more days` : '';
  const trouble = troubled.length === 0 ? 'No trouble.' : `Trouble on ${told.join('; ')}${more}.`;
  return `Last ${days.length} days: ${uptimePercent(uptime)} uptime. ${trouble}`;
}

/** @param days the oldest first */
export function bars(days: readonly PeriodView[]): Markup {
  const runs = new Map<Tone, string>();
  for (let from = 0; from < days.length; ) {
    const tone = worstOf(days[from]!);
    let until = from + 1;
    while (until < days.length && worstOf(days[until]!) === tone) until += 1;
    const run = `M${from * stepWidth} ${depths[tone] / 2}h${(until - from) * stepWidth}`;
    runs.set(tone, (runs.get(tone) ?? '') + run);
    from = until;
  }
  const paths = [...runs].map(
    ([tone, path]) => html`<path class="${tone}" stroke-width="${depths[tone]}" d="${path}"/>`,
  );
  const width = Math.max(1, days.length) * stepWidth;
  return html`<svg class="bars" viewBox="0 0 ${width} ${barHeight}" preserveAspectRatio="none" role="img" aria-label="${barsText(days)}">${paths}</svg>`;
}
