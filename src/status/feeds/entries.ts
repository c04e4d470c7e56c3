/** What stands in a feed: incidents and maintenances of the last 90 days, each with all of its updates as HTML. */
import type { Incident, StatusView } from '../model.ts';
import { addressOf, htmlOf } from '../statuspage/rows.ts';
import { incidentWords, momentOf } from '../statuspage/words.ts';

/** How far a feed goes back, in milliseconds. */
export const feedAgeMaxMs = 90 * 86_400_000;
export const feedEntriesMax = 50;
/** How long readers may keep a feed. */
export const feedMaxAgeSeconds = 300;

export interface FeedEntry {
  /** The same for ever: `incident-h3k2l9x0a7bc`. */
  readonly name: string;
  readonly title: string;
  readonly address: string;
  readonly publishedAt: number;
  readonly updatedAt: number;
  /** The newest update first. */
  readonly html: string;
}

/** @returns the newest first; nothing in them depends on when the view was put together */
export function feedEntries(view: StatusView): FeedEntry[] {
  return view.incidents
    .filter(({ updatedAt, startedAt }) => Math.max(updatedAt, startedAt) >= view.at - feedAgeMaxMs)
    .slice(0, feedEntriesMax)
    .map((incident) => ({
      name: `${incident.kind}-${incident.id}`,
      title: incident.name,
      address: addressOf(view, incident),
      publishedAt: incident.createdAt,
      updatedAt: incident.updatedAt,
      html: [...planned(incident), ...incident.updates.map(updateHtml)].join('\n'),
    }));
}

function planned({ scheduledFor, scheduledUntil }: Incident): string[] {
  if (scheduledFor === undefined || scheduledUntil === undefined) return [];
  return [`<p>Planned for ${momentOf(scheduledFor)} to ${momentOf(scheduledUntil)}.</p>`];
}

function updateHtml({ status, displayAt, body }: Incident['updates'][number]): string {
  return `<p><small>${momentOf(displayAt)}</small><br /><strong>${incidentWords[status]}</strong> - ${htmlOf(body)}</p>`;
}
