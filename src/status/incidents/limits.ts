/** What people may write into an incident: how long, how many, how far back and ahead. Each check gives the refusal, or undefined. */
import { type Refusal, refuse } from '../../std/refusals.ts';
import { type ComponentStatus, componentStatuses } from '../model.ts';
import type { Affected } from './incidents.ts';
import { isMachineName } from './stored-incident.ts';

const dayMs = 86_400_000;

export const nameLengthMax = 200;
export const bodyLengthMax = 10_000;
export const postmortemLengthMax = 100_000;
export const authorLengthMax = 100;
export const markLengthMax = 500;
/** Updates of one incident. */
export const updatesMax = 1_000;
/** Components that one update tells of. */
export const affectedMax = 100;
/** Incidents and announced maintenances that are open at once. */
export const openMax = 100;
/** Everything that is kept, imports included. */
export const incidentsMax = 20_000;
/** Marks that are kept; the oldest go. */
export const marksMax = 10_000;
/** How long a maintenance may take. */
export const maintenanceMsMax = 30 * dayMs;
/** How far ahead one may be announced. */
export const announcedMsMax = 366 * dayMs;
/** How far back a start may be dated. */
export const backDatedMsMax = 366 * dayMs;
/** Clocks of people and of this machine may differ by so much. */
const aheadMsMax = 60_000;

export function checkName(name: string): Refusal | undefined {
  return checkText('The name', name, nameLengthMax);
}

export function checkBody(body: string): Refusal | undefined {
  return checkText('The text', body, bodyLengthMax);
}

/** @param what begins the sentence: `The name` */
export function checkText(what: string, text: string, lengthMax: number): Refusal | undefined {
  if (text.trim() === '') return invalid(`${what} is missing.`);
  if (text.length > lengthMax) return invalid(`${what} is longer than ${lengthMax} characters.`);
  // Lines and tabs are for people; other control characters are for terminals.
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)
    ? invalid(`${what} has control characters in it.`)
    : undefined;
}

/** Names of machines are taken: what people write must not look as if probes had written it. */
export function checkAuthor(author: string): Refusal | undefined {
  if (isMachineName(author)) return invalid(`"${author}" is not the name of a person.`);
  return checkText('The author', author, authorLengthMax);
}

export function checkAffected(affected: Affected | undefined): Refusal | undefined {
  const entries = Object.entries(affected ?? {});
  if (entries.length > affectedMax) return invalid(`No more than ${affectedMax} components can be affected.`);
  for (const [key, status] of entries) {
    if (!/^[a-z0-9-]+(\/[a-z0-9-]+)?$/.test(key)) return invalid(`"${key}" is not the key of a component.`);
    if (!isStatus(status)) return invalid(`"${status}" is not a status of a component.`);
  }
  return undefined;
}

function isStatus(status: string): status is ComponentStatus {
  return (componentStatuses as readonly string[]).includes(status);
}

/** A time at which something happened already. */
export function checkPast(what: string, at: number | undefined, now: number): Refusal | undefined {
  if (at === undefined) return undefined;
  if (at > now + aheadMsMax) return invalid(`${what} is in the future.`);
  return at < now - backDatedMsMax ? invalid(`${what} is more than a year ago.`) : undefined;
}

export function checkWindow(scheduledFor: number, scheduledUntil: number, now: number): Refusal | undefined {
  if (scheduledUntil <= scheduledFor) return invalid('A maintenance ends after it begins.');
  if (scheduledUntil <= now) return invalid('The end of the maintenance is in the past.');
  if (scheduledUntil - scheduledFor > maintenanceMsMax) return invalid('A maintenance takes 30 days at most.');
  return scheduledFor > now + announcedMsMax ? invalid('The maintenance is more than a year ahead.') : undefined;
}

export function invalid(message: string): Refusal {
  return refuse('form-field-invalid', message);
}

/** @returns the first of the refusals that is one */
export function firstOf(...refusals: readonly (Refusal | undefined)[]): Refusal | undefined {
  return refusals.find((refusal) => refusal !== undefined);
}
