/**
 * Incidents and maintenances as a calendar to subscribe to (iCalendar, RFC 5545): an event for each, past, present and planned. An
 * event keeps its UID, and its SEQUENCE grows with every change, so that calendars move it in place of showing it twice.
 */
import type { Incident, StatusView } from '../model.ts';
import { addressOf } from '../statuspage/rows.ts';
import { incidentWords, momentOf } from '../statuspage/words.ts';

/** How far back the calendar goes, in milliseconds; what is open or planned is there whatever its age. */
export const calendarAgeMaxMs = 365 * 86_400_000;
export const calendarEventsMax = 500;
const descriptionCharactersMax = 10_000;
const lineOctetsMax = 75;
const hourMs = 3_600_000;

const isOver = ({ status }: Incident) => ['resolved', 'postmortem', 'completed'].includes(status);

/** @returns the calendar, with the line ends that RFC 5545 wants */
export function calendar(view: StatusView): string {
  const shown = view.incidents
    .filter((one) => !isOver(one) || one.updatedAt >= view.at - calendarAgeMaxMs)
    .slice(0, calendarEventsMax);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Holdfast//Status//EN',
    'CALSCALE:GREGORIAN',
    `NAME:${icalText(`${view.page.name} status`)}`,
    `X-WR-CALNAME:${icalText(`${view.page.name} status`)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    ...shown.flatMap((incident) => eventLines(view, incident)),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

function eventLines(view: StatusView, incident: Incident): string[] {
  const { from, until } = timesOf(incident, view.at);
  return [
    'BEGIN:VEVENT',
    `UID:${incident.kind}-${incident.id}.${view.page.id}`,
    `DTSTAMP:${icalTime(incident.updatedAt)}`,
    `DTSTART:${icalTime(from)}`,
    // An event ends later than it begins, and times are whole seconds.
    `DTEND:${icalTime(Math.max(until, from + 1_000))}`,
    `CREATED:${icalTime(incident.createdAt)}`,
    `LAST-MODIFIED:${icalTime(incident.updatedAt)}`,
    `SEQUENCE:${Math.max(0, Math.floor((incident.updatedAt - incident.createdAt) / 1_000))}`,
    `SUMMARY:${icalText(`${incident.name} (${incidentWords[incident.status].toLowerCase()})`)}`,
    `DESCRIPTION:${icalText(descriptionOf(incident))}`,
    `URL:${addressOf(view, incident)}`,
    `CATEGORIES:${incident.kind.toUpperCase()}`,
    `STATUS:${isCalledOff(incident) ? 'CANCELLED' : 'CONFIRMED'}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ];
}

/** A maintenance that was closed before it began did not happen. */
function isCalledOff({ kind, resolvedAt, scheduledFor }: Incident): boolean {
  return kind === 'maintenance' && resolvedAt !== undefined && scheduledFor !== undefined && resolvedAt < scheduledFor;
}

/** What goes on lasts until the end of this hour at least: so it is seen in the calendar, and the file changes once an hour. */
function timesOf(incident: Incident, at: number): { from: number; until: number } {
  const { startedAt, resolvedAt, scheduledFor, scheduledUntil } = incident;
  const from = scheduledFor ?? startedAt;
  const planned = scheduledUntil ?? from;
  if (isCalledOff(incident)) return { from, until: planned };
  if (isOver(incident)) return { from, until: resolvedAt ?? planned };
  if (incident.status === 'scheduled') return { from, until: planned };
  return { from, until: Math.max(planned, Math.ceil((at + 1) / hourMs) * hourMs) };
}

function descriptionOf({ updates }: Incident): string {
  return updates
    .map(({ displayAt, status, body }) => `${momentOf(displayAt)}: ${incidentWords[status]}\n${body}`)
    .join('\n\n')
    .slice(0, descriptionCharactersMax);
}

/** @returns `20261121T120000Z` */
function icalTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function icalText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n');
}

/** Parts a line after 75 octets, never within a letter; what follows begins with a space (RFC 5545, 3.1). */
function fold(line: string): string {
  const pieces: string[] = [];
  let from = 0;
  let octets = 0;
  for (let at = 0; at < line.length; ) {
    const letter = line.codePointAt(at)!;
    const size = letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;
    if (octets + size > lineOctetsMax) {
      pieces.push(line.slice(from, at));
      from = at;
      octets = 1;
    }
    octets += size;
    at += letter < 0x10000 ? 1 : 2;
  }
  return [...pieces, line.slice(from)].join('\r\n ');
}
