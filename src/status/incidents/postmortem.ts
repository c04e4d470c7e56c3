/**
 * A draft of a postmortem: everything that is known without thinking, and headings for what somebody has to think about. It becomes
 * public when it is published as an update with the status `postmortem`, and not before.
 */
import type { EventCounts } from '../history/history.ts';
import type { Incident } from '../model.ts';
import type { TimelineEntry } from './timeline.ts';
import { clockTime, duration } from './words.ts';

export interface PostmortemParts {
  readonly timeline: readonly TimelineEntry[];
  /** What probes counted from the start to the end, by component. */
  readonly events: readonly { readonly name: string; readonly counts: EventCounts }[];
}

function stretch(from: number, until: number | undefined): string {
  if (until === undefined) return `Since ${clockTime(from)}; it is not over.`;
  return `From ${clockTime(from)} to ${clockTime(until)}.`;
}

/** @returns Markdown */
export function postmortemDraft(incident: Incident, { timeline, events }: PostmortemParts): string {
  const { name, startedAt, resolvedAt, mendedAfterMs } = incident;
  const endedAt = mendedAfterMs === undefined ? resolvedAt : startedAt + mendedAfterMs;
  return `${[
    `# ${name}`,
    `${stretch(startedAt, endedAt)} Impact: ${incident.impact}.`,
    '## What happened',
    '(In two sentences, for somebody who uses the gallery.)',
    '## Figures',
    figures(incident),
    '## What users saw',
    shares(events),
    '## Cause',
    '(What was different, and since when? What made it possible?)',
    '## What went well, and what did not',
    '(What told us, what misled us, where did we have luck?)',
    '## Actions',
    '(What will be done, by whom, until when. An action is open until it is closed here.)',
    '## Timeline',
    timeline.length === 0 ? 'Nothing was recorded.' : timeline.map(timelineRow).join('\n'),
  ].join('\n\n')}\n`;
}

function figures({ detectedAfterMs, toldAfterMs, mendedAfterMs }: Incident): string {
  const row = (what: string, ms: number | undefined) => `- ${what}: ${ms === undefined ? 'not known' : duration(ms)}`;
  return [
    row('Detected after', detectedAfterMs),
    row('Told after', toldAfterMs),
    row('Mended after', mendedAfterMs),
  ].join('\n');
}

/** Probes stand for users: each does what a client does, so their failures are what users met. */
function shares(events: PostmortemParts['events']): string {
  if (events.length === 0) return 'No probe tells about what was affected.';
  return events
    .map(({ name, counts: { good, bad, slow } }) => {
      const all = good + bad;
      if (all === 0) return `- ${name}: nothing was measured`;
      const slowly = slow === 0 ? '' : `; ${percent(slow / all)} worked slowly`;
      return `- ${name}: ${percent(bad / all)} of ${all} attempts by probes failed${slowly}`;
    })
    .join('\n');
}

/** @returns `0 %`, `0.4 %`, `37 %`, `100 %`; what is not all is not rounded to all */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value < 10) return `${Math.max(0.1, Math.round(value * 10) / 10)} %`;
  return `${Math.min(99.9, value > 99 ? Math.floor(value * 10) / 10 : Math.round(value))} %`;
}

function timelineRow({ at, kind, text }: TimelineEntry): string {
  return `- ${clockTime(at)}, ${kind}: ${text}`;
}
