/** Incidents by month and day, for history: all of a year, the newest first, and months in which nothing was reported. */
import type { Incident, StatusView } from '../model.ts';
import { logEntry } from './incident-parts.ts';
import { html, type Markup } from './markup.ts';
import { dayOf, dayText, monthText } from './times.ts';

/** Years that history has pages for; nothing public is older, and a mistyped date must not make a page for each year since. */
export const yearsMax = 60;
/** What is planned for later is on the front page. */
const yearsAheadMax = 1;

const yearOf = (at: number) => new Date(at).getUTCFullYear();

/** @returns years with a page, the newest first: from the first thing that is known to now, or to the last that is planned */
export function yearsOf(view: StatusView): readonly number[] {
  const starts = [
    ...view.components.map(({ createdAt }) => createdAt),
    ...view.incidents.map(({ startedAt }) => startedAt),
  ];
  const planned = Math.max(yearOf(view.at), ...view.incidents.map(({ startedAt }) => yearOf(startedAt)));
  const newest = Math.min(planned, yearOf(view.at) + yearsAheadMax);
  const oldest = Math.min(yearOf(view.at), ...starts.map(yearOf));
  return Array.from({ length: Math.min(yearsMax, newest - oldest + 1) }, (_, back) => newest - back);
}

/** Where a year’s page lies: this year’s is the history itself, whatever is planned for the next. */
export function yearAddress(view: StatusView, year: number): string {
  return year === yearOf(view.at) ? 'history.html' : `history/${year}.html`;
}

/**
 * @param root what leads to the front page’s folder
 * @returns the months of the year, the newest first; only those between the first thing known and now
 */
export function yearLog(view: StatusView, year: number, root: string): Markup {
  const months = Map.groupBy(
    view.incidents.filter(({ startedAt }) => yearOf(startedAt) === year),
    ({ startedAt }) => dayOf(startedAt).slice(0, 7),
  );
  const starts = [
    ...view.components.map(({ createdAt }) => createdAt),
    ...view.incidents.map(({ startedAt }) => startedAt),
  ];
  const first = dayOf(Math.min(view.at, ...starts)).slice(0, 7);
  const last = dayOf(Math.max(view.at, ...view.incidents.map(({ startedAt }) => startedAt))).slice(0, 7);
  const all = Array.from({ length: 12 }, (_, back) => `${year}-${String(12 - back).padStart(2, '0')}`);
  return html`${all
    .filter((month) => month >= first && month <= last)
    .map((month) => monthSection(month, months.get(month) ?? [], root))}`;
}

function monthSection(month: string, incidents: readonly Incident[], root: string): Markup {
  const days = [...Map.groupBy(incidents, ({ startedAt }) => dayOf(startedAt))].sort(([a], [b]) => (a < b ? 1 : -1));
  const body =
    days.length === 0
      ? html`<p class="soft">No incidents reported.</p>`
      : html`<ol class="log">
${days.map(([day, own]) => html`<li><h3><time datetime="${day}">${dayText(day, false)}</time></h3><div>${own.map((incident) => logEntry(incident, root))}</div></li>\n`)}</ol>`;
  return html`<section aria-labelledby="m${month}"><h2 id="m${month}">${monthText(month)}</h2>
${body}</section>
`;
}
