/** The sentences that probes write: names and texts of incidents in plain words. Pure; times are shown in UTC, and say so. */
import { componentNames } from '../components/component-names.ts';
import type { ComponentStatus } from '../model.ts';
import type { SeenComponent } from './incidents.ts';

/** One of them, with whether it goes on in the middle of a sentence in small letters. */
interface Subject {
  readonly text: string;
  readonly isOurs: boolean;
}

const groupOf = (key: string) => key.slice(0, key.includes('/') ? key.indexOf('/') : key.length);

/**
 * `Installing Python packages`; of several: `Installing and publishing`. All members of a group are the group.
 * @param all every component there is, to know whether a group is whole
 */
export function subjectsOf(
  components: readonly Pick<SeenComponent, 'key' | 'name'>[],
  all: readonly Pick<SeenComponent, 'key'>[],
): { readonly text: string; readonly isPlural: boolean } {
  const subjects = [...Map.groupBy(components, ({ key }) => groupOf(key))].flatMap(([group, members]) =>
    subjectsOfGroup(group, members, all.filter(({ key }) => groupOf(key) === group).length),
  );
  const texts = subjects.map(({ text, isOurs }, index) => (index > 0 && isOurs ? lower(text) : text));
  return { text: joined(texts), isPlural: texts.length > 1 };
}

function subjectsOfGroup(
  group: string,
  members: readonly Pick<SeenComponent, 'key' | 'name'>[],
  memberCount: number,
): readonly Subject[] {
  const activity = componentNames.find(({ key }) => key === group)?.activity;
  if (activity === undefined) return members.map(({ name }) => ({ text: name, isOurs: false }));
  const inGroup = members.filter(({ key }) => key !== group);
  if (inGroup.length === 0 || inGroup.length >= memberCount) {
    const only = memberCount === 1 && inGroup.length === 1 ? inGroup[0] : undefined;
    return [{ text: only === undefined ? activity : `${activity} ${only.name}`, isOurs: true }];
  }
  return [{ text: `${activity} ${joined(inGroup.map(({ name }) => name))}`, isOurs: true }];
}

function lower(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** `a`, `a and b`, `a, b and c`. */
export function joined(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

type Seen = readonly SeenComponent[];

/** The incident's name: `Installing Python packages fails`. */
export function nameOf(failing: Seen, all: Seen): string {
  const { text, isPlural } = subjectsOf(failing, all);
  return `${text} ${verbOf(
    failing.map(({ status }) => status),
    isPlural,
  )}`;
}

function verbOf(statuses: readonly ComponentStatus[], isPlural: boolean): string {
  if (statuses.includes('major_outage')) return isPlural ? 'fail' : 'fails';
  if (statuses.includes('partial_outage')) return isPlural ? 'fail in part' : 'fails in part';
  return isPlural ? 'are degraded' : 'is degraded';
}

/** What probes see, a line for each component, and what is not affected. */
export function bodyOf(failing: Seen, all: Seen): string {
  const lines = failing.map((component) => {
    const { text } = subjectsOf([component], [component]);
    const why = component.why === '' ? '' : `: ${withoutStop(withoutQueries(component.why))}`;
    return `${text} ${verbSince(component)}${why}.`;
  });
  return [lines.join('\n'), unaffectedBy(failing, all)].filter((part) => part !== '').join('\n\n');
}

/** `has failed since …`; without a time, `fails`. */
function verbSince({ status, failingSince }: SeenComponent): string {
  if (failingSince === undefined) return verbOf([status], false);
  const verbs: Partial<Record<ComponentStatus, string>> = { major_outage: 'failed', partial_outage: 'failed in part' };
  return `has ${verbs[status] ?? 'been degraded'} since ${clockTime(failingSince)}`;
}

/** Only what is known to work is said to be unaffected. */
function unaffectedBy(failing: Seen, all: Seen): string {
  const well = all.filter(
    ({ key, status }) => status === 'operational' && !failing.some((component) => component.key === key),
  );
  if (well.length === 0) return '';
  const { text, isPlural } = subjectsOf(well, all);
  return `${text} ${isPlural ? 'are' : 'is'} not affected.`;
}

export function wellAgain(components: readonly Pick<SeenComponent, 'key' | 'name'>[], all: Seen, at: number): string {
  const { text, isPlural } = subjectsOf(components, all);
  return `${text} ${isPlural ? 'have' : 'has'} worked again since ${clockTime(at)}. We keep watching.`;
}

export interface Figures {
  readonly startedAt: number;
  readonly wellSince: number;
  readonly detectedAfterMs: number | undefined;
  readonly toldAfterMs: number | undefined;
}

export function resolvedText(
  components: readonly Pick<SeenComponent, 'key' | 'name'>[],
  all: Seen,
  { startedAt, wellSince, detectedAfterMs, toldAfterMs }: Figures,
): string {
  const { text, isPlural } = subjectsOf(components, all);
  const figures = [
    ...(detectedAfterMs === undefined ? [] : [`It was noticed after ${duration(detectedAfterMs)}`]),
    ...(toldAfterMs === undefined ? [] : [`told after ${duration(toldAfterMs)}`]),
  ];
  const lasted = `It lasted ${duration(Math.max(0, wellSince - startedAt))}, from ${clockTime(startedAt)} to ${clockTime(wellSince)}.`;
  const noticed = figures.length === 0 ? '' : ` ${figures.join(' and ')}.`;
  return `${text} ${isPlural ? 'work' : 'works'} as usual again.\n\n${lasted}${noticed}`;
}

/** @returns `21 November 2026, 14:03:05 UTC` */
export function clockTime(at: number): string {
  const text = new Date(at).toISOString();
  return `${Number(text.slice(8, 10))} ${months[Number(text.slice(5, 7)) - 1]} ${text.slice(0, 4)}, ${text.slice(11, 19)} UTC`;
}

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** @returns `45 seconds`, `12 minutes`, `3 hours 5 minutes`, `2 days 4 hours`: two units at most */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return counted(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return pair(counted(hours, 'hour'), minutes % 60, 'minute');
  return pair(counted(Math.floor(hours / 24), 'day'), hours % 24, 'hour');
}

function pair(first: string, count: number, unit: string): string {
  return count === 0 ? first : `${first} ${counted(count, unit)}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** What stands behind the question mark of an address helps whoever is on duty, who has it in the alarm, and nobody else. */
function withoutQueries(text: string): string {
  return text.replaceAll(/(\/[^\s?]*)\?\S*?(?=:?(?:\s|$))/g, '$1');
}

function withoutStop(text: string): string {
  return text.replace(/[.\s]+$/, '');
}
