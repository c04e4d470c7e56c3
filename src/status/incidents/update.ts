/** A person writes an update: a status, a text, components. Also what closes, reopens and explains. */
import type { Refusal } from '../../std/refusals.ts';
import { type IncidentStatus, incidentStatuses, type MaintenanceStatus, maintenanceStatuses } from '../model.ts';
import type { Affected, NewUpdate } from './incidents.ts';
import {
  bodyLengthMax,
  checkAffected,
  checkAuthor,
  checkPast,
  checkText,
  firstOf,
  invalid,
  postmortemLengthMax,
  updatesMax,
} from './limits.ts';
import { affectedBy, impactAfter, newUpdate, tracked, type VerbContext } from './open.ts';
import { greater, inOrder, isOpen, type StoredIncident } from './stored-incident.ts';

type Status = IncidentStatus | MaintenanceStatus;

export function updateIncident(
  stored: StoredIncident,
  wanted: NewUpdate,
  context: VerbContext,
): StoredIncident | Refusal {
  const { now } = context;
  const status = wanted.status ?? stored.status;
  const refusal = firstOf(
    checkText('The text', wanted.body, status === 'postmortem' ? postmortemLengthMax : bodyLengthMax),
    checkAuthor(wanted.author),
    checkAffected(wanted.affected),
    checkPast('The time of the update', wanted.displayAt, now),
    checkStatus(stored, status),
    stored.updates.length >= updatesMax ? invalid(`An incident takes ${updatesMax} updates at most.`) : undefined,
  );
  if (refusal) return refusal;
  const affected = affectedBy(wanted.affected ?? impliedBy(stored, status), stored.components, context);
  const update = {
    ...newUpdate(context, status, wanted.body, wanted.author),
    affected,
    displayAt: Math.min(wanted.displayAt ?? now, now),
  };
  const written: StoredIncident = {
    ...stored,
    updates: inOrder([update, ...stored.updates]),
    components: tracked(stored.components, affected),
    impact:
      stored.isImpactChosen || stored.kind === 'maintenance'
        ? stored.impact
        : greater(stored.impact, impactAfter(wanted.affected, context)),
    postmortem: status === 'postmortem' ? update.body : stored.postmortem,
    updatedAt: now,
  };
  return withStatus(written, status, update.displayAt);
}

/** What a step of a maintenance means for its components, when nobody says otherwise. */
function impliedBy(stored: StoredIncident, status: Status): Affected | undefined {
  if (stored.kind !== 'maintenance' || status === stored.status) return undefined;
  const now = status === 'completed' ? 'operational' : status === 'in_progress' ? 'under_maintenance' : undefined;
  if (now === undefined) return undefined;
  return Object.fromEntries(stored.components.filter(({ noted }) => noted !== now).map(({ key }) => [key, now]));
}

function checkStatus(stored: StoredIncident, status: Status): Refusal | undefined {
  const known: readonly Status[] = stored.kind === 'incident' ? incidentStatuses : maintenanceStatuses;
  if (!known.includes(status)) {
    const kind = stored.kind === 'incident' ? 'An incident' : 'A maintenance';
    return invalid(`${kind} is one of ${known.join(', ')}, not "${status}".`);
  }
  if (status === 'postmortem' && isOpen(stored)) return invalid('A postmortem follows when the incident is resolved.');
  if (stored.kind === 'incident') return undefined;
  if (stored.status === 'completed' && status !== 'completed') return invalid('The maintenance is over.');
  const isBackwards =
    maintenanceStatuses.indexOf(status as never) < maintenanceStatuses.indexOf(stored.status as never);
  return isBackwards ? invalid(`The maintenance is ${stored.status} already.`) : undefined;
}

/** @returns the incident in another status, with the times that belong to it */
export function withStatus(stored: StoredIncident, status: Status, at: number): StoredIncident {
  const isOver = !isOpen({ status });
  const isReopened = !isOver && !isOpen(stored);
  return {
    ...stored,
    status,
    monitoringAt: status === 'monitoring' ? (stored.monitoringAt ?? at) : isOver ? stored.monitoringAt : undefined,
    resolvedAt: isOver ? (stored.resolvedAt ?? Math.max(at, stored.startedAt)) : undefined,
    // Whether all is well is looked at anew when it is open again.
    wellSince: isReopened ? undefined : stored.wellSince,
  };
}
