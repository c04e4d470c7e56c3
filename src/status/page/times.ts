/** Moments, lengths of time and shares as people read them. All times are UTC, and say so. */
import { html, type Markup } from './markup.ts';

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
const monthNames = 'January February March April May June July August September October November December'.split(' ');

/** @param at UTC milliseconds; @returns `2026-11-21` */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** @param day `2026-11-21`; @returns `21 Nov 2026`, or `21 Nov` */
export function dayText(day: string, hasYear = true): string {
  const [year = '', month = '', date = ''] = day.split('-');
  const short = `${Number(date)} ${monthNames[Number(month) - 1]?.slice(0, 3) ?? month}`;
  return hasYear ? `${short} ${year}` : short;
}

/** @param month `2026-11`; @returns `November 2026`, or `Nov 2026` */
export function monthText(month: string, isShort = false): string {
  const [year = '', number = ''] = month.split('-');
  const name = monthNames[Number(number) - 1] ?? number;
  return `${isShort ? name.slice(0, 3) : name} ${year}`;
}

/** @returns `14:03` */
export function clockText(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** @returns `21 Nov 2026, 14:03 UTC`, for machines too */
export function moment(at: number): Markup {
  return html`<time datetime="${new Date(at).toISOString().slice(0, 19)}Z">${dayText(dayOf(at))}, ${clockText(at)} UTC</time>`;
}

/** @returns `21 Nov, 14:03–15:20 UTC`, or both days */
export function span(from: number, until: number): Markup {
  const hasOneDay = dayOf(from) === dayOf(until);
  const end = hasOneDay ? clockText(until) : `${dayText(dayOf(until))}, ${clockText(until)}`;
  return html`<time datetime="${new Date(from).toISOString().slice(0, 19)}Z">${dayText(dayOf(from))}, ${clockText(from)}</time> – <time datetime="${new Date(until).toISOString().slice(0, 19)}Z">${end} UTC</time>`;
}

/** @returns `42 s`, `3 min`, `1 h 12 min`, `2 days 3 h`; two units at most, cut off and never rounded up */
export function lengthText(ms: number): string {
  if (ms < minuteMs) return `${Math.max(0, Math.floor(ms / 1_000))} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  const [large, small, name, smallName] =
    ms < dayMs
      ? ([hourMs, minuteMs, 'h', 'min'] as const)
      : ([dayMs, hourMs, ms < 2 * dayMs ? 'day' : 'days', 'h'] as const);
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${name}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}

/** @param share 0 to 1; @returns `99.9%`: as many digits as it has, three at most, cut off */
export function percentText(share: number): string {
  return `${Number(thousandths(share).toFixed(3))}%`;
}

/** @param share 0 to 1; @returns `99.920%`, cut off, so that only what is whole reads 100% */
export function uptimePercent(share: number): string {
  return share >= 1 ? '100%' : `${thousandths(share).toFixed(3)}%`;
}

// What arithmetic lost in the last digits is given back before cutting.
const thousandths = (share: number) => Math.floor(share * 100_000 + 1e-6) / 1_000;

/** @returns `85 ms`, `1.2 s` */
export function responseText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(ms < 10_000 ? 1 : 0))} s`;
}
