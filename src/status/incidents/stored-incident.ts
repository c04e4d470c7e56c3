/**
 * An incident with what only this folder needs to know of it. Verbs are functions from one such value to the next; nothing is
 * changed in place. What others see is `shown`.
 */
import type { ComponentStatus, Impact, Incident, IncidentUpdate } from '../model.ts';

export interface TrackedComponent {
  readonly key: string;
  readonly name: string;
  /** The worst status that it had in this incident. */
  readonly worst: ComponentStatus;
  /** What it was when probes or a person last said so. */
  readonly noted: ComponentStatus;
  /** When it last began to fail, as probes saw it; undefined when probes never did. */
  readonly failingSince: number | undefined;
}

export interface StoredIncident
  extends Omit<Incident, 'components' | 'detectedAfterMs' | 'toldAfterMs' | 'mendedAfterMs'> {
  readonly components: readonly TrackedComponent[];
  /** A person said what the impact is; probes leave it alone. */
  readonly isImpactChosen: boolean;
  /** The same of its name. */
  readonly isNameChosen: boolean;
  readonly toldAt: number | undefined;
  /** Since when all its components are well, while it is open; afterwards, when that was. */
  readonly wellSince: number | undefined;
  readonly imported: { readonly source: string; readonly foreignId: string; readonly digest: string } | undefined;
  readonly mergedInto: string | undefined;
}

/** Authors that are no people. */
const machines: ReadonlySet<string> = new Set(['probes', 'clock', 'import']);
export const isPerson = (author: string) => !machines.has(author);
export const isMachineName = (author: string) => machines.has(author);

const closed: ReadonlySet<string> = new Set(['resolved', 'postmortem', 'completed']);

/** Whether it is not over yet. A maintenance that is only announced is open. */
export function isOpen({ status }: Pick<Incident, 'status'>): boolean {
  return !closed.has(status);
}

/** The first person who wrote about it; reminders go by this name. */
export function ownerOf({ updates }: Pick<Incident, 'updates'>): string | undefined {
  return updates.findLast(({ author }) => isPerson(author))?.author;
}

const severity: readonly ComponentStatus[] = [
  'operational',
  'unknown',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];

/** The worse of two statuses. */
export function worse(a: ComponentStatus, b: ComponentStatus): ComponentStatus {
  return severity.indexOf(a) >= severity.indexOf(b) ? a : b;
}

const impacts: readonly Impact[] = ['maintenance', 'none', 'minor', 'major', 'critical'];

export function greater(a: Impact, b: Impact): Impact {
  return impacts.indexOf(a) >= impacts.indexOf(b) ? a : b;
}

/** Newest first, by when it happened; of the same moment, the one that was written later. */
export function inOrder(updates: readonly IncidentUpdate[]): readonly IncidentUpdate[] {
  return updates
    .map((update, index) => ({ update, index }))
    .sort(
      (a, b) => b.update.displayAt - a.update.displayAt || b.update.createdAt - a.update.createdAt || a.index - b.index,
    )
    .map(({ update }) => update);
}

/** @returns what everybody may know of it, with its figures */
export function shown(stored: StoredIncident): Incident {
  const { startedAt, createdAt, resolvedAt, kind, origin, toldAt, wellSince } = stored;
  const isMeasured = kind === 'incident' && origin !== 'import';
  const after = (at: number | undefined) =>
    isMeasured && at !== undefined && at >= startedAt ? at - startedAt : undefined;
  const endedAt = kind === 'incident' ? (resolvedAt === undefined ? undefined : (wellSince ?? resolvedAt)) : undefined;
  return {
    id: stored.id,
    kind,
    name: stored.name,
    status: stored.status,
    impact: stored.impact,
    createdAt,
    updatedAt: stored.updatedAt,
    startedAt,
    monitoringAt: stored.monitoringAt,
    resolvedAt,
    scheduledFor: stored.scheduledFor,
    scheduledUntil: stored.scheduledUntil,
    origin,
    updates: stored.updates,
    components: stored.components.map(({ key, name, worst }) => ({ key, name, status: worst })),
    // Who opens one by hand without a start has not measured how long it took.
    detectedAfterMs: origin === 'person' && createdAt === startedAt ? undefined : after(createdAt),
    toldAfterMs: after(toldAt),
    mendedAfterMs: endedAt === undefined || endedAt <= startedAt ? undefined : endedAt - startedAt,
    postmortem: stored.postmortem,
  };
}
