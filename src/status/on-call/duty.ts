/**
 * Who is on duty, and how a name in the configuration becomes people and channels. Pure: the configuration and a moment give the
 * answer, on every machine the same.
 */
import type { StatusConfig } from '../config/schema.ts';
import { daysBetween, daysLater, lastAtHour, momentOf, nextAtHour, type WallTime, wallTime } from './wall-clock.ts';

export type OnCall = StatusConfig['onCall'];
export type Rotation = OnCall['rotations'][number];
export type Person = OnCall['people'][number];

/** One way to somebody; `person` is undefined for a channel that was named itself. */
export interface Recipient {
  readonly channel: string;
  readonly person: string | undefined;
}

/**
 * Shifts begin at the hour of the first hand-over on every N-th calendar day of the rotation's time zone, so a change of the clocks
 * makes one shift an hour longer or shorter. Before the first hand-over it is the first one's turn. Of overrides that overlap, the
 * last in the list counts.
 * @param at UTC milliseconds
 */
export function personOnDuty(rotation: Rotation, at: number): string {
  const override = rotation.overrides.findLast(({ from, until }) => Date.parse(from) <= at && at < Date.parse(until));
  if (override !== undefined) return override.person;
  const { people } = rotation;
  return people[shiftAt(rotation, at) % people.length]!;
}

/** @returns when the next shift by the calendar begins; overrides are left out */
export function nextHandOver(rotation: Rotation, at: number): number {
  const first = momentOf(firstHandOver(rotation), rotation.timeZone);
  return at < first ? first : handOver(rotation, shiftAt(rotation, at) + 1);
}

function firstHandOver({ startsAt }: Rotation): WallTime {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = startsAt.split(/[-T:]/).map(Number);
  return { year, month, day, hour, minute };
}

function handOver(rotation: Rotation, shift: number): number {
  return momentOf(daysLater(firstHandOver(rotation), shift * rotation.everyDays), rotation.timeZone);
}

function shiftAt(rotation: Rotation, at: number): number {
  const days = daysBetween(firstHandOver(rotation), wallTime(at, rotation.timeZone));
  const shift = Math.max(0, Math.floor(days / rotation.everyDays));
  // On the day itself the hour decides.
  return shift > 0 && handOver(rotation, shift) > at ? shift - 1 : shift;
}

/** @returns the names of rotations with who is on duty now */
export function onDuty(onCall: OnCall, at: number): Record<string, string> {
  return Object.fromEntries(onCall.rotations.map((rotation) => [rotation.name, personOnDuty(rotation, at)]));
}

/**
 * @param names of rotations, people or channels; a name that is more than one of these means the first of them
 * @returns each channel once, in the order in which it was named
 */
export function recipientsOf(onCall: OnCall, names: readonly string[], at: number): Recipient[] {
  const all = names.flatMap((name): Recipient[] => {
    const rotation = onCall.rotations.find((one) => one.name === name);
    const wanted = rotation === undefined ? name : personOnDuty(rotation, at);
    const person = onCall.people.find((one) => one.name === wanted);
    if (person === undefined) return [{ channel: wanted, person: undefined }];
    return person.channels.map((channel) => ({ channel, person: person.name }));
  });
  return all.filter(({ channel }, index) => all.findIndex((one) => one.channel === channel) === index);
}

/**
 * @returns when a person may be told what can wait: now, or the end of the quiet hours. Quiet hours that begin when they end are none.
 */
export function notBefore(onCall: OnCall, name: string | undefined, at: number): number {
  const quiet = onCall.people.find((one) => one.name === name)?.quietHours;
  if (quiet === undefined || quiet.from === quiet.to) return at;
  const { from, to, timeZone } = quiet;
  const isQuiet = lastAtHour(from, timeZone, at) > lastAtHour(to, timeZone, at);
  return isQuiet ? nextAtHour(to, timeZone, at) : at;
}
