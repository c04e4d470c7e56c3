/** What probes write: applies the changes that `follow` decided on. Pure; each gives the next value of one incident. */
import type { IncidentUpdate } from '../model.ts';
import type { FollowChange } from './follow.ts';
import { toldStatuses } from './follow.ts';
import { impactOf } from './impact.ts';
import type { SeenComponent } from './incidents.ts';
import { updatesMax } from './limits.ts';
import { blank, newUpdate, tracked, type VerbContext } from './open.ts';
import { greater, inOrder, type StoredIncident, shown, type TrackedComponent, worse } from './stored-incident.ts';
import { withStatus } from './update.ts';
import { bodyOf, nameOf, resolvedText, wellAgain } from './words.ts';

type Seen = readonly SeenComponent[];

export interface Applied {
  readonly stored: StoredIncident;
  readonly what: 'opened' | 'updated' | 'resolved' | 'edited' | undefined;
}

/** @param all every component as seen now */
export function openByProbes(
  change: FollowChange & { readonly kind: 'open' },
  all: Seen,
  context: VerbContext,
): StoredIncident {
  const name = nameOf(change.failing, all);
  const empty = {
    ...blank(context, 'incident', name, change.startedAt),
    origin: 'probes' as const,
    isNameChosen: false,
  };
  const known = note(empty, change.failing, all);
  return write(known, 'investigating', bodyOf(change.failing, all), change.failing, context);
}

export function applyChange(
  stored: StoredIncident,
  change: Exclude<FollowChange, { readonly kind: 'open' }>,
  all: Seen,
  context: VerbContext,
): Applied {
  switch (change.kind) {
    case 'note':
      return { stored: { ...note(stored, change.components, all), updatedAt: context.now }, what: 'edited' };
    case 'well':
      return { stored: { ...stored, wellSince: change.since }, what: undefined };
    case 'reopen': {
      const known = note({ ...stored, wellSince: undefined }, change.failing, all);
      const body = `It fails again.\n\n${bodyOf(change.failing, all)}`;
      return { stored: write(known, 'investigating', body, change.failing, context), what: 'updated' };
    }
    case 'tell': {
      const own = ownOf(stored, all);
      const failing = own.filter(({ status }) => status !== 'operational' && status !== 'unknown');
      const body =
        change.status === 'monitoring'
          ? wellAgain(stored.components, all, stored.wellSince ?? context.now)
          : bodyOf(failing, all);
      return { stored: write(stored, change.status, body, own, context), what: 'updated' };
    }
    case 'resolve': {
      const own = ownOf(stored, all);
      const { detectedAfterMs, toldAfterMs } = shown(stored);
      const wellSince = stored.wellSince ?? context.now;
      const body = resolvedText(stored.components, all, {
        startedAt: stored.startedAt,
        wellSince,
        detectedAfterMs,
        toldAfterMs,
      });
      return { stored: write({ ...stored, wellSince }, 'resolved', body, own, context), what: 'resolved' };
    }
  }
}

function ownOf(stored: StoredIncident, all: Seen): Seen {
  return all.filter(({ key }) => stored.components.some((component) => component.key === key));
}

/** The incident with what is seen now: components, and what follows from them unless a person chose otherwise. */
function note(stored: StoredIncident, seen: Seen, all: Seen): StoredIncident {
  const components = new Map(stored.components.map((component) => [component.key, component]));
  for (const one of seen) components.set(one.key, noted(components.get(one.key), one));
  const list = [...components.values()];
  const impact = impactOf(
    seen.map(({ status }) => status),
    all.map(({ status }) => status),
  );
  const starts = seen.flatMap(({ failingSince }) => (failingSince === undefined ? [] : [failingSince]));
  const isFirst = stored.components.length === 0;
  return {
    ...stored,
    components: list,
    name: stored.isNameChosen ? stored.name : nameOf(worstOf(list), all),
    impact: stored.isImpactChosen ? stored.impact : greater(stored.impact, impact),
    startedAt: isFirst && starts.length > 0 ? Math.min(stored.startedAt, ...starts) : stored.startedAt,
  };
}

function noted(
  before: TrackedComponent | undefined,
  { key, name, status, failingSince }: SeenComponent,
): TrackedComponent {
  const isFailing = status !== 'operational';
  return {
    key,
    name,
    worst: before === undefined ? status : worse(before.worst, status),
    noted: status,
    failingSince: isFailing ? (failingSince ?? before?.failingSince) : before?.failingSince,
  };
}

/** Components as bad as they ever were in this incident: its name grows, and does not shrink while it mends. */
function worstOf(components: readonly TrackedComponent[]): Seen {
  return components
    .filter(({ worst }) => worst !== 'operational')
    .map(({ key, name, worst, failingSince }) => ({ key, name, status: worst, why: '', failingSince }));
}

/** Adds an update of probes, which tells what has changed since updates last told. Of too many, the text is left out. */
function write(
  stored: StoredIncident,
  status: 'investigating' | 'monitoring' | 'resolved',
  body: string,
  seen: Seen,
  context: VerbContext,
): StoredIncident {
  const told = toldStatuses(stored);
  const affected: IncidentUpdate['affected'] = seen.flatMap(({ key, name, status: newStatus }) => {
    const oldStatus = (told.get(key) ?? 'operational') as typeof newStatus;
    const isNews = newStatus !== oldStatus && newStatus !== 'unknown' && newStatus !== 'under_maintenance';
    return isNews ? [{ key, name, oldStatus, newStatus }] : [];
  });
  const update = { ...newUpdate(context, status, body, 'probes'), affected };
  const updates = stored.updates.length >= updatesMax ? stored.updates : inOrder([update, ...stored.updates]);
  const written = { ...stored, updates, components: tracked(stored.components, affected), updatedAt: context.now };
  return withStatus(written, status, context.now);
}
