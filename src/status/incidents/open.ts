/** A person opens an incident, or announces a maintenance. */
import type { Refusal } from '../../std/refusals.ts';
import { type ComponentStatus, type IncidentUpdate, incidentStatuses } from '../model.ts';
import { impactOf } from './impact.ts';
import type { Affected, NewIncident, NewMaintenance } from './incidents.ts';
import {
  checkAffected,
  checkAuthor,
  checkBody,
  checkName,
  checkPast,
  checkWindow,
  firstOf,
  invalid,
} from './limits.ts';
import { type StoredIncident, type TrackedComponent, worse } from './stored-incident.ts';

/** What verbs are given beside what they are about. */
export interface VerbContext {
  readonly now: number;
  readonly newId: () => string;
  readonly componentName: (key: string) => string;
  /** Statuses of all components as last seen, by key. */
  readonly seen: ReadonlyMap<string, ComponentStatus>;
}

export function openIncident(wanted: NewIncident, context: VerbContext): StoredIncident | Refusal {
  const { now } = context;
  const status = wanted.status ?? 'investigating';
  const refusal = firstOf(
    checkName(wanted.name),
    checkBody(wanted.body),
    checkAuthor(wanted.author),
    checkAffected(wanted.affected),
    checkPast('The start', wanted.startedAt, now),
    (incidentStatuses as readonly string[]).includes(status) && status !== 'postmortem'
      ? undefined
      : invalid(`An incident does not begin as "${status}".`),
  );
  if (refusal) return refusal;
  const startedAt = Math.min(wanted.startedAt ?? now, now);
  const affected = affectedBy(wanted.affected, [], context);
  return {
    ...blank(context, 'incident', wanted.name.trim(), startedAt),
    status,
    impact: wanted.impact ?? impactAfter(wanted.affected, context),
    isImpactChosen: wanted.impact !== undefined,
    monitoringAt: status === 'monitoring' ? now : undefined,
    resolvedAt: status === 'resolved' ? now : undefined,
    updates: [
      {
        ...newUpdate(context, status, wanted.body, wanted.author),
        affected,
        // One that is told only when it is over happened when it happened.
        displayAt: status === 'resolved' ? now : startedAt,
      },
    ],
    components: tracked([], affected),
  };
}

export function scheduleMaintenance(wanted: NewMaintenance, context: VerbContext): StoredIncident | Refusal {
  const refusal = firstOf(
    checkName(wanted.name),
    checkBody(wanted.body),
    checkAuthor(wanted.author),
    checkAffected(wanted.affected),
    checkWindow(wanted.scheduledFor, wanted.scheduledUntil, context.now),
  );
  if (refusal) return refusal;
  const keys = Object.keys(wanted.affected ?? {});
  return {
    ...blank(context, 'maintenance', wanted.name.trim(), wanted.scheduledFor),
    status: 'scheduled',
    impact: 'maintenance',
    scheduledFor: wanted.scheduledFor,
    scheduledUntil: wanted.scheduledUntil,
    updates: [newUpdate(context, 'scheduled', wanted.body, wanted.author)],
    components: keys.map((key) => ({
      key,
      name: context.componentName(key),
      worst: 'under_maintenance',
      noted: 'operational',
      failingSince: undefined,
    })),
  };
}

/** An incident without anything in it. */
export function blank(
  { now, newId }: VerbContext,
  kind: StoredIncident['kind'],
  name: string,
  startedAt: number,
): StoredIncident {
  return {
    id: newId(),
    kind,
    name,
    status: kind === 'incident' ? 'investigating' : 'scheduled',
    impact: 'none',
    isImpactChosen: false,
    isNameChosen: true,
    createdAt: now,
    updatedAt: now,
    startedAt,
    monitoringAt: undefined,
    resolvedAt: undefined,
    scheduledFor: undefined,
    scheduledUntil: undefined,
    origin: 'person',
    updates: [],
    components: [],
    toldAt: undefined,
    wellSince: undefined,
    postmortem: undefined,
    imported: undefined,
    mergedInto: undefined,
  };
}

export function newUpdate(
  { now, newId }: VerbContext,
  status: IncidentUpdate['status'],
  body: string,
  author: string,
): IncidentUpdate {
  const text = body.trim().replaceAll(/\r\n?/g, '\n');
  return { id: newId(), status, body: text, createdAt: now, updatedAt: now, displayAt: now, affected: [], author };
}

/** What an update says of components, beside what they were: as this incident noted last, or as they were last seen. */
export function affectedBy(
  affected: Affected | undefined,
  known: readonly TrackedComponent[],
  { componentName, seen }: VerbContext,
): IncidentUpdate['affected'] {
  return Object.entries(affected ?? {}).map(([key, newStatus]) => {
    const before = known.find((component) => component.key === key);
    return { key, name: componentName(key), oldStatus: before?.noted ?? seen.get(key) ?? 'operational', newStatus };
  });
}

/** @returns the components of an incident after an update that tells of some */
export function tracked(
  known: readonly TrackedComponent[],
  affected: IncidentUpdate['affected'],
): readonly TrackedComponent[] {
  const after = new Map(known.map((component) => [component.key, component]));
  for (const { key, name, newStatus } of affected) {
    const before = after.get(key);
    after.set(key, {
      key,
      name,
      worst: before === undefined ? newStatus : worse(before.worst, newStatus),
      noted: newStatus,
      failingSince: before?.failingSince,
    });
  }
  return [...after.values()];
}

export function impactAfter(affected: Affected | undefined, { seen }: VerbContext): StoredIncident['impact'] {
  const said = Object.values(affected ?? {});
  return impactOf(said, [...new Map([...seen, ...Object.entries(affected ?? {})]).values()]);
}
