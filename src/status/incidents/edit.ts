/** Corrections: name, impact, start, times of a maintenance, texts. */
import type { Refusal } from '../../std/refusals.ts';
import type { IncidentEdit } from './incidents.ts';
import {
  checkBody,
  checkName,
  checkPast,
  checkText,
  checkWindow,
  firstOf,
  invalid,
  postmortemLengthMax,
} from './limits.ts';
import { isOpen, type StoredIncident } from './stored-incident.ts';

/** @param now UTC milliseconds */
export function editIncident(stored: StoredIncident, edit: IncidentEdit, now: number): StoredIncident | Refusal {
  const refusal = firstOf(
    edit.name === undefined ? undefined : checkName(edit.name),
    edit.postmortem === undefined ? undefined : checkText('The postmortem', edit.postmortem, postmortemLengthMax),
    edit.postmortem !== undefined && stored.postmortem === undefined
      ? invalid('There is no postmortem yet; publish one as an update.')
      : undefined,
    checkStart(stored, edit.startedAt, now),
    (edit.impact === 'maintenance') !== (stored.kind === 'maintenance') && edit.impact !== undefined
      ? invalid(`"${edit.impact}" is not an impact that this can have.`)
      : undefined,
    checkTimes(stored, edit, now),
    checkUpdate(stored, edit.update),
  );
  if (refusal) return refusal;
  const named = {
    ...stored,
    name: edit.name?.trim() ?? stored.name,
    impact: edit.impact ?? stored.impact,
    isNameChosen: stored.isNameChosen || edit.name !== undefined,
    isImpactChosen: stored.isImpactChosen || edit.impact !== undefined,
    startedAt: edit.startedAt ?? edit.scheduledFor ?? stored.startedAt,
    scheduledFor: edit.scheduledFor ?? stored.scheduledFor,
    scheduledUntil: edit.scheduledUntil ?? stored.scheduledUntil,
    updatedAt: now,
  };
  return withTexts(named, edit, now);
}

function checkStart(stored: StoredIncident, startedAt: number | undefined, now: number): Refusal | undefined {
  if (startedAt === undefined) return undefined;
  if (stored.kind === 'maintenance')
    return invalid('A maintenance has a time that it is planned for, and no other start.');
  if (stored.resolvedAt !== undefined && startedAt > stored.resolvedAt) return invalid('The start is after the end.');
  return checkPast('The start', startedAt, now);
}

function checkTimes(stored: StoredIncident, edit: IncidentEdit, now: number): Refusal | undefined {
  const { scheduledFor, scheduledUntil } = edit;
  if (scheduledFor === undefined && scheduledUntil === undefined) return undefined;
  if (stored.kind !== 'maintenance') return invalid('Only a maintenance has planned times.');
  if (!isOpen(stored)) return invalid('The maintenance is over.');
  if (scheduledFor !== undefined && stored.status !== 'scheduled') return invalid('The maintenance has begun.');
  return checkWindow(scheduledFor ?? stored.scheduledFor ?? now, scheduledUntil ?? stored.scheduledUntil ?? now, now);
}

function checkUpdate(stored: StoredIncident, update: IncidentEdit['update']): Refusal | undefined {
  if (update === undefined) return undefined;
  const found = stored.updates.find(({ id }) => id === update.id);
  if (found === undefined) return invalid(`The incident has no update "${update.id}".`);
  return found.status === 'postmortem'
    ? checkText('The text', update.body, postmortemLengthMax)
    : checkBody(update.body);
}

/** The postmortem is the text of its update; both are changed together. */
function withTexts(stored: StoredIncident, { update, postmortem }: IncidentEdit, now: number): StoredIncident {
  const newest = stored.updates.find(({ status }) => status === 'postmortem');
  const texts = new Map<string, string>();
  if (postmortem !== undefined && newest) texts.set(newest.id, postmortem.trim());
  if (update !== undefined) texts.set(update.id, update.body.trim());
  const updates = stored.updates.map((one) => {
    const body = texts.get(one.id);
    return body === undefined ? one : { ...one, body, updatedAt: now };
  });
  const explained = updates.find(({ status }) => status === 'postmortem')?.body;
  return { ...stored, updates, postmortem: explained ?? stored.postmortem };
}
