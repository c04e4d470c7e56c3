/**
 * The ledger: outages that other package galleries published, retold. Each tells as much of its date as is known, and no more; it can be
 * put on the page as an example, marked as one.
 */
import type { ImportedIncident } from '../api/imports.ts';
import { months } from '../incidents/words.ts';
import type { Impact } from '../model.ts';

export interface LedgerOutage {
  /** Section of the ledger: A downloads and edge, B certificates and secrets, … I lessons of other registries. */
  readonly section: 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I';
  /** Name of the drill that acts it out. */
  readonly drill: string;
  /** Whom it happened to. */
  readonly gallery: string;
  /** `2020-03-15`, `2020-03` or `2020`, as precisely as it is known; undefined when it is not known at all. */
  readonly when?: string;
  /** How long it lasted, in minutes, where that is known. */
  readonly lastedMinutes?: number;
  /** How often, where several without a date were alike. */
  readonly times?: number;
  readonly impact: Impact;
  readonly title: string;
  readonly story: string;
}

/** What imported outages of the ledger come from. */
export const ledgerSource = 'ledger';

/** Whether its place in time is known well enough to be shown on a page: to the month. */
export function isDated({ when }: LedgerOutage): boolean {
  return when !== undefined && /^\d{4}-\d{2}/.test(when);
}

/** @returns the outage as an incident of the past that says in its name and text that it is an example */
export function exampleOf(outage: LedgerOutage): ImportedIncident {
  const { drill, gallery, when = '', lastedMinutes = 0, impact, title, story } = outage;
  const isDayKnown = /^\d{4}-\d{2}-\d{2}$/.test(when);
  const start = Date.parse(`${isDayKnown ? when : `${when}-01`}T00:00:00Z`);
  const end = start + lastedMinutes * 60_000;
  const iso = (at: number) => new Date(at).toISOString();
  const note = isDayKnown
    ? 'The hour is not known; it is dated to the beginning of the day.'
    : 'The day is not known; it is dated to the first of the month.';
  const body =
    `Happened to ${gallery}, ${dateText(when)}: ${story}\n\n` +
    `This is an example from the histories of other galleries; it did not happen here. ${note} ` +
    `The drill ${drill} acts it out.`;
  return {
    foreignId: `${drill} ${gallery} ${when}`,
    kind: 'incident',
    name: `Example, ${gallery}: ${title}`,
    impact,
    startedAt: iso(start),
    endedAt: iso(end),
    updates: [{ status: 'resolved', body, at: iso(end), affected: [] }],
    components: [],
  };
}

function dateText(when: string): string {
  const [year, month = '1', day] = when.split('-');
  const date = `${months[Number(month) - 1]} ${year}`;
  return day === undefined ? date : `${Number(day)} ${date}`;
}
