/**
 * What automatic incidents do next. Pure: the incidents there are, what probes see now, and the time give a list of changes.
 *
 * One outage is one incident: what begins to fail within minutes of it joins it, and what fails again soon after it was resolved
 * opens it again. A person who writes takes the words over; then probes go on noting what they see, write nothing, and resolve only
 * what that person put into `monitoring`. Flapping makes no storm: between two texts of probes there is a pause.
 */
import type { IncidentUpdate } from '../model.ts';
import type { SeenComponent } from './incidents.ts';
import { isOpen, isPerson, type StoredIncident } from './stored-incident.ts';

export interface FollowRules {
  readonly isAutomatic: boolean;
  readonly resolveAfterMs: number;
}

export type FollowChange =
  | { readonly kind: 'open'; readonly failing: readonly SeenComponent[]; readonly startedAt: number }
  | { readonly kind: 'reopen'; readonly id: string; readonly failing: readonly SeenComponent[] }
  /** Components, name and impact as they are now, without a word to anybody. */
  | { readonly kind: 'note'; readonly id: string; readonly components: readonly SeenComponent[] }
  | { readonly kind: 'well'; readonly id: string; readonly since: number | undefined }
  /** Probes tell what has changed since they last told. */
  | { readonly kind: 'tell'; readonly id: string; readonly status: 'investigating' | 'monitoring' }
  | { readonly kind: 'resolve'; readonly id: string };

/** What fails within so long of the latest failure of an incident belongs to it. */
export const joinWithinMs = 10 * 60_000;
/** What fails again so soon after it was resolved by itself was not resolved. */
export const reopenWithinMs = 30 * 60_000;
/** Who resolves what still fails knows something that probes do not, or is wrong; after so long it counts as wrong. */
export const personsWordMs = 10 * 60_000;
/** Between two texts of probes about one incident; the first "works again" comes at once. */
export const tellPauseMs = 3 * 60_000;
/** Thresholds of several components are passed within seconds; what joined after the first text is told so soon, once. */
export const growPauseMs = 30_000;
/**
 * One of several addresses that is down troubles few, and is often over before anybody has read of it; the components show it
 * meanwhile, and whoever is on duty gets a message in any case. Beyond this it is worth telling everybody.
 */
export const degradedMsMin = 10 * 60_000;

/**
 * @param stored all incidents and maintenances that are open or were resolved lately
 * @param seen every component as its probes see it now, groups left out
 */
export function follow(
  stored: readonly StoredIncident[],
  seen: readonly SeenComponent[],
  now: number,
  rules: FollowRules,
): readonly FollowChange[] {
  const incidents = stored.filter(({ kind, imported }) => kind === 'incident' && imported === undefined);
  const open = incidents.filter(isOpen);
  const ofOpen = open.flatMap((incident) => followOne(incident, seen, now, rules));
  if (!rules.isAutomatic) return ofOpen;
  const known = new Set(open.flatMap(({ components }) => components.map(({ key }) => key)));
  const fresh = seen.filter(
    (component) =>
      isWorthTelling(component, now) && !known.has(component.key) && !isResolvedByPerson(component, incidents, now),
  );
  const placed = fresh.length === 0 ? [] : placeFresh(fresh, incidents, now);
  const joined = new Set(placed.map((change) => (change.kind === 'open' ? undefined : change.id)));
  // What something joins in this moment is neither well nor over.
  return [...ofOpen.filter((change) => !isGoodEnd(change) || !joined.has(change.id)), ...placed];
}

function isGoodEnd(change: FollowChange): change is FollowChange & { readonly id: string } {
  return change.kind === 'resolve' || (change.kind === 'tell' && change.status === 'monitoring');
}

function isWorthTelling({ status, failingSince }: SeenComponent, now: number): boolean {
  if (status === 'major_outage' || status === 'partial_outage') return true;
  return status === 'degraded_performance' && failingSince !== undefined && now - failingSince >= degradedMsMin;
}

/** Where what newly fails belongs: to an open incident of these minutes, to one that was resolved too soon, or to a new one. */
function placeFresh(
  fresh: readonly SeenComponent[],
  incidents: readonly StoredIncident[],
  now: number,
): readonly FollowChange[] {
  const startedAt = Math.min(...fresh.map(({ failingSince }) => failingSince ?? now));
  const joined = incidents
    .filter((incident) => isOpen(incident) && isMeasured(incident))
    .find((incident) => startedAt - latestFailure(incident) <= joinWithinMs);
  if (joined) return [{ kind: 'note', id: joined.id, components: fresh }];
  const again = incidents.find(
    (incident) =>
      isResolvedByProbes(incident) &&
      now - (incident.resolvedAt ?? 0) <= reopenWithinMs &&
      fresh.some(({ key }) => incident.components.some((component) => component.key === key)),
  );
  if (again) return [{ kind: 'reopen', id: again.id, failing: fresh }];
  return [{ kind: 'open', failing: fresh, startedAt }];
}

/** Whether probes ever saw any of it fail; what only people have seen is theirs to close. */
export function isMeasured({ components }: StoredIncident): boolean {
  return components.some(({ failingSince }) => failingSince !== undefined);
}

function latestFailure({ components, startedAt }: StoredIncident): number {
  return Math.max(startedAt, ...components.map(({ failingSince }) => failingSince ?? 0));
}

function isResolvedByProbes({ status, updates }: StoredIncident): boolean {
  return status === 'resolved' && updates.find((update) => update.status === 'resolved')?.author === 'probes';
}

/** Whether a person resolved, a short while ago, the very failure that still goes on. */
function isResolvedByPerson({ key, failingSince }: SeenComponent, incidents: readonly StoredIncident[], now: number) {
  return incidents.some(({ status, resolvedAt, updates, components }) => {
    if (resolvedAt === undefined || now - resolvedAt >= personsWordMs || (failingSince ?? now) > resolvedAt)
      return false;
    const author = updates.find((update) => update.status === 'resolved')?.author ?? '';
    return !isOpen({ status }) && isPerson(author) && components.some((component) => component.key === key);
  });
}

function followOne(
  incident: StoredIncident,
  seen: readonly SeenComponent[],
  now: number,
  rules: FollowRules,
): readonly FollowChange[] {
  const own = seen.filter(({ key }) => incident.components.some((component) => component.key === key));
  if (own.length === 0) return [];
  const noted = own.filter((component) => isNews(component, incident));
  const isWell = own.every(({ status }) => status === 'operational');
  const wellSince = isWell ? (incident.wellSince ?? now) : undefined;
  const hasFailed = isMeasured(incident) || noted.some(({ failingSince }) => failingSince !== undefined);
  const changes: FollowChange[] = [];
  if (noted.length > 0) changes.push({ kind: 'note', id: incident.id, components: noted });
  if (hasFailed && wellSince !== incident.wellSince) changes.push({ kind: 'well', id: incident.id, since: wellSince });
  if (!hasFailed) return changes;
  const person = personOf(incident);
  const mayResolve =
    rules.isAutomatic && (person === undefined ? incident.origin === 'probes' : person.status === 'monitoring');
  if (mayResolve && wellSince !== undefined && now - wellSince >= rules.resolveAfterMs) {
    return [...changes, { kind: 'resolve', id: incident.id }];
  }
  if (person !== undefined || incident.origin !== 'probes') return changes;
  const told = whatToTell(incident, own, isWell, now);
  return told === undefined ? changes : [...changes, { kind: 'tell', id: incident.id, status: told }];
}

/** Degradation within an incident is news at once: the ten minutes are for opening one. Unknown and maintained are no news. */
function isNews({ key, status }: SeenComponent, { components }: StoredIncident): boolean {
  if (status === 'unknown' || status === 'under_maintenance') return false;
  return components.find((component) => component.key === key)?.noted !== status;
}

/** The newest update of a person since the incident was last opened by probes. */
function personOf({ updates }: StoredIncident): IncidentUpdate | undefined {
  const closedAt = updates.findIndex(({ status, author }) => status === 'resolved' && author === 'probes');
  return (closedAt < 0 ? updates : updates.slice(0, closedAt)).find(({ author }) => isPerson(author));
}

function whatToTell(
  incident: StoredIncident,
  own: readonly SeenComponent[],
  isWell: boolean,
  now: number,
): 'investigating' | 'monitoring' | undefined {
  const told = toldStatuses(incident);
  // Of what was never told to fail, nobody waits to hear that it works.
  const hasChanged = own.some(
    ({ key, status }) =>
      status !== 'unknown' && status !== 'under_maintenance' && (told.get(key) ?? 'operational') !== status,
  );
  if (!hasChanged) return undefined;
  const texts = incident.updates.filter(({ author }) => author === 'probes');
  const isGrowing = texts.length === 1 && own.some(({ key, status }) => !told.has(key) && status !== 'operational');
  const isPauseOver = texts[0] === undefined || now - texts[0].createdAt >= (isGrowing ? growPauseMs : tellPauseMs);
  const isFirstGoodNews = isWell && incident.monitoringAt === undefined && !incident.updates.some(isGoodNews);
  if (!isPauseOver && !isFirstGoodNews) return undefined;
  return isWell ? 'monitoring' : 'investigating';
}

const isGoodNews = ({ status }: IncidentUpdate) => status === 'monitoring';

/** What updates last said of each component. */
export function toldStatuses({ updates }: StoredIncident): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  for (const { affected } of updates) {
    for (const { key, newStatus } of affected) if (!told.has(key)) told.set(key, newStatus);
  }
  return told;
}
