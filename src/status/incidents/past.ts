/** Incidents that happened elsewhere or long ago, taken over as they were. The same again, by its foreign id, changes nothing. */
import { createHash } from 'node:crypto';
import { isRefusal, type Refusal } from '../../std/refusals.ts';
import { incidentStatuses, maintenanceStatuses } from '../model.ts';
import type { ImportOutcome, PastIncident } from './incidents.ts';
import {
  bodyLengthMax,
  checkText,
  firstOf,
  invalid,
  nameLengthMax,
  postmortemLengthMax,
  updatesMax,
} from './limits.ts';
import { blank, newUpdate, type VerbContext } from './open.ts';
import { inOrder, type StoredIncident } from './stored-incident.ts';

const foreignIdLengthMax = 200;

export interface Past {
  readonly outcome: ImportOutcome;
  readonly stored: StoredIncident;
}

/** @param known what was imported under the same foreign id before */
export function takeOver(
  source: string,
  past: PastIncident,
  known: StoredIncident | undefined,
  context: VerbContext,
): Past | Refusal {
  const refusal = checkPastIncident(past);
  if (isRefusal(refusal)) return refusal;
  const digest = createHash('sha256').update(JSON.stringify(past)).digest('hex');
  if (known?.imported?.digest === digest) return { outcome: 'unchanged', stored: known };
  const base = blank(context, past.kind, past.name.trim(), past.startedAt);
  const updates = past.updates.map(({ status, body, at, affected }) => ({
    ...newUpdate({ ...context, now: at }, status, body, 'import'),
    affected,
  }));
  const postmortem = updates.find(({ status }) => status === 'postmortem')?.body;
  const isMaintenance = past.kind === 'maintenance';
  return {
    outcome: known === undefined ? 'new' : 'changed',
    stored: {
      ...base,
      id: known?.id ?? base.id,
      status: isMaintenance ? 'completed' : postmortem === undefined ? 'resolved' : 'postmortem',
      impact: past.impact,
      isImpactChosen: true,
      origin: 'import',
      createdAt: past.startedAt,
      updatedAt: Math.max(past.endedAt, ...past.updates.map(({ at }) => at)),
      monitoringAt: past.monitoringAt,
      resolvedAt: past.endedAt,
      scheduledFor: isMaintenance ? (past.scheduledFor ?? past.startedAt) : undefined,
      scheduledUntil: isMaintenance ? (past.scheduledUntil ?? past.endedAt) : undefined,
      updates: inOrder(updates),
      components: past.components.map(({ key, name, status }) => ({
        key,
        name,
        worst: status,
        noted: 'operational',
        failingSince: undefined,
      })),
      postmortem,
      imported: { source, foreignId: past.foreignId, digest },
    },
  };
}

function checkPastIncident(past: PastIncident): Refusal | undefined {
  const statuses: readonly string[] = past.kind === 'incident' ? incidentStatuses : maintenanceStatuses;
  return firstOf(
    checkText('The foreign id', past.foreignId, foreignIdLengthMax),
    checkText('The name', past.name, nameLengthMax),
    past.endedAt < past.startedAt ? invalid('It ends before it begins.') : undefined,
    past.updates.length > updatesMax ? invalid(`An incident takes ${updatesMax} updates at most.`) : undefined,
    past.updates.every(({ status }) => statuses.includes(status))
      ? undefined
      : invalid('An update has no such status.'),
    ...past.updates.map(({ body, status }) =>
      checkText('The text of an update', body, status === 'postmortem' ? postmortemLengthMax : bodyLengthMax),
    ),
  );
}
