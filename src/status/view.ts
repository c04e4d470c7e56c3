/** Puts together what is public at one moment. Asks each area what it knows, and decides nothing but what a person’s word is worth. */
import type { Clock } from '../std/clock.ts';
import type { ComponentState } from './components/component-states.ts';
import { groupOf, groupStatus } from './components/component-states.ts';
import type { StatusSettings } from './config/load.ts';
import type { History } from './history/history.ts';
import { idOf } from './ids.ts';
import type { Incidents } from './incidents/incidents.ts';
import type { ComponentStatus, ComponentView, Incident, SloView, StatusView } from './model.ts';

export interface ViewParts {
  readonly settings: StatusSettings;
  readonly clock: Clock;
  readonly history: History;
  readonly incidents: Incidents;
  readonly sloOf: (component: string, now: number) => SloView | undefined;
}

/** From well to out; what is not known is worse than well and better than any trouble that is known. */
const severity: readonly ComponentStatus[] = [
  'operational',
  'unknown',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];

/** @returns what is public before the first look: nothing is known */
export function emptyView({ page, gallery, mail }: StatusSettings, now: number): StatusView {
  return {
    page: { id: idOf('page', page.url), ...page },
    sendsMail: mail !== undefined,
    galleryUrl: gallery.url,
    at: now,
    updatedAt: now,
    isKnown: false,
    components: [],
    incidents: [],
  };
}

/** @param isKnown whether results are fresh */
export function makeView(parts: ViewParts, states: readonly ComponentState[], isKnown: boolean): StatusView {
  const { settings, clock, incidents } = parts;
  const now = clock.now();
  const list = incidents.list();
  const components = states.map((state) => componentView(parts, state, now));
  const changes = [...components.map(({ updatedAt }) => updatedAt), ...list.map(({ updatedAt }) => updatedAt)];
  return {
    page: { id: idOf('page', settings.page.url), ...settings.page },
    sendsMail: settings.mail !== undefined,
    galleryUrl: settings.gallery.url,
    at: now,
    updatedAt: Math.max(0, ...changes.filter((at) => at <= now)) || now,
    isKnown,
    components,
    incidents: list,
  };
}

function componentView({ history, sloOf }: ViewParts, state: ComponentState, now: number): ComponentView {
  const { key, name, description, isGroup, status, why, parts } = state;
  const known = history.knownSince(key) ?? { createdAt: now, updatedAt: now };
  return {
    id: idOf('component', key),
    key,
    name,
    description,
    isGroup,
    status,
    why,
    ...known,
    parts,
    days: history.days(key, now),
    months: history.months(key, now),
    responses: isGroup ? [] : history.responses(key, now),
    slo: sloOf(key, now),
  };
}

/**
 * What people say of components in open incidents: it can make a status worse than probes see it, never better. A person may
 * know of something that no probe tries.
 */
export function withPeoplesWord(
  states: readonly ComponentState[],
  incidents: readonly Incident[],
): readonly ComponentState[] {
  const said = new Map<string, { status: ComponentStatus; name: string }>();
  const open = incidents.filter((one) => one.kind === 'incident' && one.origin === 'person' && isOpen(one));
  for (const { name, updates } of open) {
    for (const { affected } of updates.toReversed()) {
      for (const { key, newStatus } of affected) said.set(key, { status: newStatus, name });
    }
  }
  if (said.size === 0) return states;
  const leaves = states.map((state) => {
    const word = said.get(state.key) ?? said.get(groupOf(state.key) ?? '');
    if (state.isGroup || word === undefined || state.status === 'under_maintenance') return state;
    const isWorse = severity.indexOf(word.status) > severity.indexOf(state.status);
    return isWorse ? { ...state, status: word.status, why: word.name } : state;
  });
  return leaves.map((state) => {
    if (!state.isGroup) return state;
    const members = leaves.filter(({ key }) => groupOf(key) === state.key);
    return { ...state, status: groupStatus(members.map(({ status }) => status)) };
  });
}

function isOpen({ status }: Incident): boolean {
  return status === 'investigating' || status === 'identified' || status === 'monitoring';
}
