/**
 * What probes say, as states of the things that users speak of. Pure. A check fails when no address works, and takes its component with
 * it, because users need every step; an address that fails behind a healthy one degrades. What is not measured is unknown, and never
 * operational.
 */
import type { ComponentStatus, PartView } from '../model.ts';
import type { ProbeState } from '../probes/probe.ts';
import { componentNames } from './component-names.ts';

export interface ComponentState {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly activity: string;
  readonly isGroup: boolean;
  readonly status: ComponentStatus;
  /** In words; empty when operational. */
  readonly why: string;
  readonly parts: readonly PartView[];
  /** First failure that led to the status; undefined when nothing fails. */
  readonly failingSince: number | undefined;
}

export interface Naming {
  readonly key: string;
  readonly name: string;
  readonly description?: string;
}

/**
 * @param states of all probes
 * @param naming names of the configuration, which win over ours
 * @param inMaintenance keys under maintenance; a group’s key stands for its members
 * @returns in the page’s order, each group before its members
 */
export function componentStates(
  states: readonly ProbeState[],
  naming: readonly Naming[],
  inMaintenance: ReadonlySet<string>,
): readonly ComponentState[] {
  const byKey = Map.groupBy(states, ({ probe }) => probe.component);
  const leaves = [...byKey].map(([key, own]) => leafState(key, own, naming, isAmong(inMaintenance, key)));
  const groups = [...Map.groupBy(leaves, ({ key }) => groupOf(key))].flatMap(([group, members]) =>
    group === undefined || byKey.has(group) ? [] : [groupState(group, members, naming)],
  );
  return [...leaves, ...groups].sort(
    (a, b) => place(a.key, naming) - place(b.key, naming) || a.key.localeCompare(b.key),
  );
}

/** Whether a component, or the group that it is a member of, is one of these. */
export function isAmong(keys: ReadonlySet<string>, key: string): boolean {
  return keys.has(key) || keys.has(groupOf(key) ?? '');
}

/** @returns `install` of `install/python`, undefined of `website` */
export function groupOf(key: string): string | undefined {
  const slash = key.indexOf('/');
  return slash < 0 ? undefined : key.slice(0, slash);
}

function leafState(
  key: string,
  own: readonly ProbeState[],
  naming: readonly Naming[],
  isMaintained: boolean,
): ComponentState {
  const checks = [...Map.groupBy(own, ({ probe }) => probe.check).values()].map(checkState);
  const down = own.filter(({ state }) => state === 'down');
  const probed = statusOf(checks);
  const status = isMaintained ? 'under_maintenance' : probed;
  return {
    ...namesOf(key, naming),
    isGroup: false,
    status,
    why: whyOf(status, own),
    parts: partsOf(own),
    failingSince: down.length === 0 ? undefined : Math.min(...down.map(({ firstAt }) => firstAt)),
  };
}

type CheckState = 'up' | 'degraded' | 'down' | 'unknown';

/** Of alternatives: one that works is enough to be up, but not to be well. */
function checkState(alternatives: readonly ProbeState[]): CheckState {
  const has = (wanted: ProbeState['state']) => alternatives.some(({ state }) => state === wanted);
  if (has('down')) return has('up') ? 'degraded' : 'down';
  return has('up') ? 'up' : 'unknown';
}

function statusOf(checks: readonly CheckState[]): ComponentStatus {
  const has = (wanted: CheckState) => checks.includes(wanted);
  if (has('down')) return 'major_outage';
  if (has('degraded')) return 'degraded_performance';
  return has('unknown') ? 'unknown' : 'operational';
}

function groupState(key: string, members: readonly ComponentState[], naming: readonly Naming[]): ComponentState {
  const status = groupStatus(members.map((member) => member.status));
  const failing = members.map(({ failingSince }) => failingSince).filter((since) => since !== undefined);
  const troubled = members.filter(({ why }) => why !== '');
  return {
    ...namesOf(key, naming),
    isGroup: true,
    status,
    why: troubled.map(({ name, why }) => `${name}: ${why}`).join('; '),
    parts: [],
    failingSince: failing.length === 0 ? undefined : Math.min(...failing),
  };
}

/** @param statuses of the members: maintained ones say something of the group only when all are */
export function groupStatus(statuses: readonly ComponentStatus[]): ComponentStatus {
  const others: readonly ComponentStatus[] = statuses.filter((status) => status !== 'under_maintenance');
  if (others.length === 0) return statuses.length === 0 ? 'unknown' : 'under_maintenance';
  const has = (wanted: ComponentStatus) => others.includes(wanted);
  if (others.every((status) => status === 'major_outage')) return 'major_outage';
  if (has('major_outage') || has('partial_outage')) return 'partial_outage';
  if (has('degraded_performance')) return 'degraded_performance';
  return has('unknown') ? 'unknown' : 'operational';
}

/** In words: which addresses fail, and what the first of them saw. */
function whyOf(status: ComponentStatus, own: readonly ProbeState[]): string {
  if (status === 'under_maintenance') return 'planned maintenance';
  const down = own.filter(({ state }) => state === 'down');
  if (down.length === 0) {
    if (status === 'operational') return '';
    const silent = own.find(({ state }) => state === 'unknown');
    return silent?.last?.words ? `not known: ${silent.last.words}` : 'not measured yet';
  }
  const said = [...new Set(down.map(({ last }) => last?.words ?? ''))].filter((words) => words !== '');
  const places = [...new Set(down.map(({ probe }) => probe.part))];
  const all = new Set(own.map(({ probe }) => probe.part));
  const where = places.length < all.size ? ` by ${places.join(', ')} (of ${all.size} addresses)` : '';
  return `${said[0] ?? 'it failed, and the last try worked; it counts as mended when the next ones work too'}${where}`;
}

function partsOf(own: readonly ProbeState[]): PartView[] {
  const byPart = Map.groupBy(own, ({ probe }) => probe.part);
  return [...byPart].map(([name, probes]) => {
    const down = probes.find(({ state }) => state === 'down');
    const isUnknown = probes.every(({ state }) => state === 'unknown');
    return { name, status: down ? 'down' : isUnknown ? 'unknown' : 'up', why: down?.last?.words ?? '' };
  });
}

function namesOf(key: string, naming: readonly Naming[]) {
  const known = componentNames.find((one) => one.key === key);
  const own = naming.find((one) => one.key === key);
  const name = own?.name ?? known?.name ?? key;
  return { key, name, description: own?.description ?? known?.description ?? '', activity: known?.activity ?? name };
}

/** Ours first, then those of the configuration in its order, then the rest; a group stands before its members. */
function place(key: string, naming: readonly Naming[]): number {
  const ours = componentNames.findIndex((one) => one.key === key);
  if (ours >= 0) return ours;
  const group = componentNames.findIndex((one) => one.key === groupOf(key));
  if (group >= 0) return group + 0.5;
  const configured = naming.findIndex((one) => one.key === key || groupOf(one.key) === key);
  return componentNames.length + (configured < 0 ? naming.length : configured);
}
