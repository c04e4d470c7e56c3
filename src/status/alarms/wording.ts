/** What people read about alarms, at three in the morning on a small screen: first what is wrong, then since when, then what to do. */
import { type Message, oneLine } from '../channels/message.ts';
import type { Recipient } from '../on-call/duty.ts';
import type { Alarm } from './alarms.ts';

export interface AlarmLinks {
  /** Address of the page with the button that confirms. */
  confirm(token: string): string;
  runbook(name: string): string;
}

export interface Telling {
  /** Name of the status page, which tells several galleries apart. */
  readonly pageName: string;
  readonly links: AlarmLinks;
  readonly now: number;
}

export type Occasion = 'first' | 'reminder' | 'wider' | 'ended';

/** An alarm, and the parts of the same outage that it speaks for. */
export interface Outage {
  /** The same in all messages about it. */
  readonly id: string;
  readonly alarm: Alarm;
  readonly parts: readonly Alarm[];
}

/** Begins the line of a part, so that programs find it as well. */
export const partMark = '- ';
const partsShownMax = 20;
const detailLengthMax = 200;

const words: Record<Occasion, Record<Alarm['severity'], string>> = {
  first: { page: 'Page', ticket: 'Ticket' },
  reminder: { page: 'Still', ticket: 'Still' },
  wider: { page: 'Wider', ticket: 'Wider' },
  ended: { page: 'Over', ticket: 'Over' },
};

const events: Record<Occasion, string> = {
  first: 'alarm.firing',
  reminder: 'alarm.reminder',
  wider: 'alarm.wider',
  ended: 'alarm.ended',
};

/** @param token undefined when there is nothing to confirm */
export function alarmMessage(
  { id, alarm, parts }: Outage,
  occasion: Occasion,
  recipient: Recipient,
  token: string | undefined,
  { pageName, links, now }: Telling,
): Message {
  const { text, startedAt, endedAt, confirmedAt, confirmedBy, component, runbook } = alarm;
  const others = otherTitles(alarm, parts);
  const title = others.size === 0 ? alarm.title : `${alarm.title}, and ${others.size} more`;
  // Somebody looks after it already, and is told that there is more of it.
  const severity = occasion === 'wider' && confirmedAt !== undefined ? 'ticket' : alarm.severity;
  const until = endedAt ?? now;
  const lines = [
    text,
    ...partLines(others),
    '',
    endedAt === undefined
      ? `It began at ${utc(startedAt)}, ${duration(until - startedAt)} ago.`
      : `It began at ${utc(startedAt)} and was over at ${utc(endedAt)}, ${duration(until - startedAt)} later.`,
    ...(confirmedAt === undefined ? [] : [`${confirmedBy} confirmed it at ${utc(confirmedAt)}.`]),
    ...(component === undefined ? [] : [`Component: ${component}`]),
    ...(runbook === undefined || endedAt !== undefined ? [] : [`What to do: ${links.runbook(runbook)}`]),
    ...(recipient.person === undefined ? [] : [`Told to ${recipient.person} over ${recipient.channel}.`]),
    ...(token === undefined
      ? []
      : ['', 'Whoever looks after it opens this address and confirms, and nobody else is called:']),
  ];
  return {
    event: events[occasion],
    id,
    title: `[${pageName}] ${words[occasion][severity]}: ${title}`,
    text: lines.join('\n'),
    severity,
    state: endedAt === undefined ? 'firing' : 'ended',
    url: token === undefined ? '' : links.confirm(token),
  };
}

/** @returns what else the outage holds, by title, with what is known of it; checks of one component are told once */
function otherTitles(alarm: Alarm, parts: readonly Alarm[]): ReadonlyMap<string, string> {
  const others = parts.filter(({ title }) => title !== alarm.title);
  return new Map(
    others.toReversed().map(({ title, text }) => [title, oneLine(text.split('\n')[0] ?? '', detailLengthMax)]),
  );
}

function partLines(others: ReadonlyMap<string, string>): string[] {
  if (others.size === 0) return [];
  const shown = [...others].toReversed().slice(0, partsShownMax);
  const rest = others.size - shown.length;
  return [
    '',
    'Parts of the same outage:',
    ...shown.map(([title, detail]) => `${partMark}${title}${detail === '' ? '' : `: ${detail}`}`),
    ...(rest > 0 ? [`And ${rest} more.`] : []),
  ];
}

/** The daily question whether a page would arrive. */
export function testMessage(
  id: string,
  recipient: Recipient,
  token: string,
  confirmUntil: number,
  { pageName, links }: Telling,
): Message {
  return {
    event: 'alarm.test',
    id,
    title: `[${pageName}] Test page: please confirm`,
    text: [
      'Nothing is wrong. This is the daily test of the way that pages take.',
      `Please confirm until ${utc(confirmUntil)}; after that others are called, because a real page might get lost as well.`,
      ...(recipient.person === undefined ? [] : [`Told to ${recipient.person} over ${recipient.channel}.`]),
    ].join('\n'),
    severity: 'page',
    state: 'test',
    url: links.confirm(token),
  };
}

/** @returns `2026-11-21 10:00 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** @returns the length of time in the one or two units that matter */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60)];
  if (days > 0) return hours > 0 ? `${counted(days, 'day')} ${counted(hours, 'hour')}` : counted(days, 'day');
  if (hours > 0)
    return minutes % 60 > 0 ? `${counted(hours, 'hour')} ${counted(minutes % 60, 'minute')}` : counted(hours, 'hour');
  return counted(minutes, 'minute');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
