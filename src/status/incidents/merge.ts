/** Two incidents that turn out to be one outage: updates in one order of time, components together, the earlier start. */
import type { Refusal } from '../../std/refusals.ts';
import { invalid, updatesMax } from './limits.ts';
import { greater, inOrder, isOpen, type StoredIncident, type TrackedComponent, worse } from './stored-incident.ts';

export interface Merged {
  /** What goes on. */
  readonly into: StoredIncident;
  /** What is left of the other: an address that leads there. */
  readonly from: StoredIncident;
}

/** @param now UTC milliseconds */
export function mergeIncidents(from: StoredIncident, into: StoredIncident, now: number): Merged | Refusal {
  if (from.id === into.id) return invalid('An incident cannot be merged into itself.');
  if (from.kind !== 'incident' || into.kind !== 'incident') return invalid('Only incidents can be merged.');
  if (from.imported !== undefined || into.imported !== undefined) return invalid('What was imported stays as it was.');
  if (from.updates.length + into.updates.length > updatesMax) {
    return invalid(`Together they would have more than ${updatesMax} updates.`);
  }
  // What is still open stays open.
  const lasting = isOpen(from) && !isOpen(into) ? from : into;
  const earliest = (a: number | undefined, b: number | undefined) =>
    a === undefined ? b : b === undefined ? a : Math.min(a, b);
  return {
    into: {
      ...into,
      status: lasting.status,
      impact: into.isImpactChosen ? into.impact : greater(into.impact, from.impact),
      createdAt: Math.min(into.createdAt, from.createdAt),
      startedAt: Math.min(into.startedAt, from.startedAt),
      monitoringAt: lasting.monitoringAt,
      resolvedAt: lasting.resolvedAt === undefined ? undefined : Math.max(lasting.resolvedAt, from.resolvedAt ?? 0),
      wellSince: lasting.wellSince,
      toldAt: earliest(into.toldAt, from.toldAt),
      updates: inOrder([...into.updates, ...from.updates]),
      components: together(into.components, from.components),
      postmortem: into.postmortem ?? from.postmortem,
      updatedAt: now,
    },
    from: { ...from, updates: [], components: [], mergedInto: into.id, updatedAt: now },
  };
}

function together(ours: readonly TrackedComponent[], theirs: readonly TrackedComponent[]): readonly TrackedComponent[] {
  const all = new Map(ours.map((component) => [component.key, component]));
  for (const component of theirs) {
    const known = all.get(component.key);
    all.set(
      component.key,
      known === undefined
        ? component
        : {
            ...known,
            worst: worse(known.worst, component.worst),
            noted: worse(known.noted, component.noted),
            failingSince: known.failingSince ?? component.failingSince,
          },
    );
  }
  return [...all.values()];
}
