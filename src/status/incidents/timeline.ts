/** What happened, in one order of time: what probes saw, whom alarms told, what was written, what was deployed. Pure. */
import type { Alarm } from '../alarms/alarms.ts';
import type { MeasuredResult } from '../history/history.ts';
import type { Incident } from '../model.ts';
import type { Mark } from './marks.ts';

export interface TimelineEntry {
  readonly at: number;
  readonly kind: 'probe' | 'alarm' | 'update' | 'mark' | 'incident';
  /** One line. */
  readonly text: string;
}

export interface TimelineSources {
  /** When verdicts of probes changed (`History.changes`), of all components concerned. */
  readonly changes: readonly MeasuredResult[];
  readonly alarms: readonly Alarm[];
  readonly marks: readonly Mark[];
}

/** Before an incident begins, what may have caused it is of interest. */
export const beforeMs = 60 * 60_000;
/** After it ended, what ended late. */
export const afterMs = 10 * 60_000;

/** @returns the stretch of time that an incident's timeline tells of */
export function spanOf(
  { startedAt, resolvedAt }: Incident,
  now: number,
): { readonly from: number; readonly until: number } {
  return { from: startedAt - beforeMs, until: Math.min((resolvedAt ?? now) + afterMs, now) };
}

/** @param incident with all its updates; sources may hold more than what is of its time */
export function timelineOf(
  incident: Incident,
  { changes, alarms, marks }: TimelineSources,
  now: number,
): readonly TimelineEntry[] {
  const { from, until } = spanOf(incident, now);
  const keys = new Set(incident.components.map(({ key }) => key));
  const isConcerned = (component: string | undefined) => component === undefined || keys.has(component);
  const entries: TimelineEntry[] = [
    ...changes.filter(({ component }) => isConcerned(component)).map(probeEntry),
    ...alarms.filter(({ component }) => isConcerned(component)).flatMap(alarmEntries),
    ...marks.map(({ at, text, author }) => ({ at, kind: 'mark' as const, text: `${oneLine(text)} (${author})` })),
  ].filter(({ at }) => at >= from && at <= until);
  return [...entries, ...incidentEntries(incident)].sort((a, b) => a.at - b.at || order(a) - order(b));
}

/** Of the same moment, causes come before what is told of them. */
const kinds: readonly TimelineEntry['kind'][] = ['mark', 'incident', 'probe', 'alarm', 'update'];
const order = ({ kind }: TimelineEntry) => kinds.indexOf(kind);

function probeEntry({ at, probe, verdict, words }: MeasuredResult): TimelineEntry {
  const said = { good: 'works', bad: 'fails', unknown: 'is unknown' }[verdict];
  return { at, kind: 'probe', text: `${probe} ${said}${words === '' ? '' : `: ${oneLine(words)}`}` };
}

function alarmEntries({ title, startedAt, toldAt, confirmedAt, confirmedBy, endedAt }: Alarm): TimelineEntry[] {
  const entry = (at: number | undefined, what: string): TimelineEntry[] =>
    at === undefined ? [] : [{ at, kind: 'alarm', text: `${oneLine(title)}: ${what}` }];
  return [
    ...entry(startedAt, 'the alarm begins'),
    ...entry(toldAt, 'somebody was told'),
    ...entry(confirmedAt, `confirmed by ${confirmedBy ?? 'somebody'}`),
    ...entry(endedAt, 'the alarm ends'),
  ];
}

function incidentEntries(incident: Incident): TimelineEntry[] {
  const entry = (at: number | undefined, text: string): TimelineEntry[] =>
    at === undefined ? [] : [{ at, kind: 'incident', text }];
  const { startedAt, mendedAfterMs, toldAfterMs } = incident;
  const after = (ms: number | undefined) => (ms === undefined ? undefined : startedAt + ms);
  return [
    ...entry(startedAt, 'it begins'),
    ...entry(after(toldAfterMs), 'people were told'),
    ...entry(after(mendedAfterMs), 'all is well again'),
    ...incident.updates.map(({ displayAt, status, body, author }) => ({
      at: displayAt,
      kind: 'update' as const,
      text: `${status.replace('_', ' ')}, by ${author}: ${oneLine(body)}`,
    })),
  ];
}

const lineLengthMax = 300;

export function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= lineLengthMax ? line : `${line.slice(0, lineLengthMax - 1)}…`;
}
