/**
 * Components, incidents and updates as rows of the Statuspage API, version 2: its names, its order of fields, its words. Strict
 * clients refuse a field that is missing or a word that is new, so nothing is left out when it is empty: it is null.
 */
import { idOf } from '../ids.ts';
import type {
  AffectedComponent,
  ComponentStatus,
  ComponentView,
  Impact,
  Incident,
  IncidentStatus,
  IncidentUpdate,
  MaintenanceStatus,
  StatusView,
} from '../model.ts';
import { topLevel } from './top-level.ts';

/** The API's words for a component; there is none for `unknown`. */
export type ComponentWord = Exclude<ComponentStatus, 'unknown'>;

export interface PageRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly time_zone: string;
  readonly updated_at: string;
}

export interface ComponentRow {
  readonly id: string;
  readonly name: string;
  readonly status: ComponentWord;
  readonly created_at: string;
  readonly updated_at: string;
  readonly position: number;
  readonly description: string | null;
  readonly showcase: boolean;
  /** `2026-11-21` */
  readonly start_date: string | null;
  readonly group_id: string | null;
  readonly page_id: string;
  readonly group: boolean;
  readonly only_show_if_degraded: boolean;
  /** Ids of the members; groups only. */
  readonly components?: readonly string[];
}

export interface UpdateRow {
  readonly id: string;
  readonly status: IncidentStatus | MaintenanceStatus;
  readonly body: string;
  readonly incident_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly display_at: string;
  readonly affected_components:
    | readonly {
        readonly code: string;
        readonly name: string;
        readonly old_status: ComponentWord;
        readonly new_status: ComponentWord;
      }[]
    | null;
  readonly deliver_notifications: boolean;
  readonly custom_tweet: null;
  readonly tweet_id: null;
}

export interface IncidentRow {
  readonly id: string;
  readonly name: string;
  readonly status: IncidentStatus | MaintenanceStatus;
  readonly created_at: string;
  readonly updated_at: string;
  readonly monitoring_at: string | null;
  readonly resolved_at: string | null;
  readonly impact: Impact;
  readonly shortlink: string;
  readonly started_at: string;
  readonly page_id: string;
  readonly incident_updates: readonly UpdateRow[];
  readonly components: readonly ComponentRow[];
  readonly reminder_intervals: null;
  /** Maintenances only, as the next one. */
  readonly scheduled_for?: string;
  readonly scheduled_until?: string;
}

/** @returns `2026-11-21T12:00:00.000Z` (RFC 3339, with milliseconds) */
export function timeOf(at: number): string {
  return new Date(at).toISOString();
}

/** `unknown` becomes the mildest word that is not well; what is unknown is said in the description. */
export function wordOf(status: ComponentStatus): ComponentWord {
  return status === 'unknown' ? 'degraded_performance' : status;
}

export function pageRow({ page, updatedAt }: StatusView): PageRow {
  return {
    id: page.id,
    name: page.name,
    url: page.url,
    time_zone: page.timeZone,
    updated_at: timeOf(updatedAt),
  };
}

export function statusRow(view: StatusView) {
  const { indicator, description } = topLevel(view);
  return { indicator, description };
}

/** @returns every component in the page's order, groups among them; `position` counts from 1 among those of one group */
export function componentRows(view: StatusView): ComponentRow[] {
  const groups = new Set(view.components.filter(({ isGroup }) => isGroup).map(({ key }) => key));
  const groupOf = ({ key, isGroup }: ComponentView) => {
    const first = key.split('/')[0]!;
    return !isGroup && groups.has(first) ? first : undefined;
  };
  const counted = new Map<string | undefined, number>();
  return view.components.map((component) => {
    const group = groupOf(component);
    const position = (counted.get(group) ?? 0) + 1;
    counted.set(group, position);
    return {
      ...ownFields(view, component),
      position,
      description: descriptionOf(component),
      showcase: true,
      start_date: timeOf(component.createdAt).slice(0, 10),
      group_id: group === undefined ? null : idOfKey(view, group),
      page_id: view.page.id,
      group: component.isGroup,
      only_show_if_degraded: false,
      ...(component.isGroup
        ? { components: view.components.filter((one) => groupOf(one) === component.key).map(({ id }) => id) }
        : {}),
    };
  });
}

function ownFields({ page: _ }: StatusView, { id, name, status, createdAt, updatedAt }: ComponentView) {
  return { id, name, status: wordOf(status), created_at: timeOf(createdAt), updated_at: timeOf(updatedAt) };
}

function descriptionOf({ status, why, description }: ComponentView): string | null {
  const said = status === 'unknown' ? ['Status unknown', why].filter((part) => part !== '').join(': ') : '';
  return [said, description].filter((part) => part !== '').join('. ') || null;
}

function idOfKey({ components }: StatusView, key: string): string {
  return components.find((component) => component.key === key)?.id ?? idOf('component', key);
}

/**
 * @param rows what `componentRows` returned for the same view
 * @returns an incident as `incidents.json` has it; its components as they are now
 */
export function incidentRow(view: StatusView, incident: Incident, rows: readonly ComponentRow[]): IncidentRow {
  const optional = (at: number | undefined) => (at === undefined ? null : timeOf(at));
  return {
    id: incident.id,
    name: incident.name,
    status: incident.status,
    created_at: timeOf(incident.createdAt),
    updated_at: timeOf(incident.updatedAt),
    monitoring_at: optional(incident.monitoringAt),
    resolved_at: optional(incident.resolvedAt),
    impact: incident.impact,
    shortlink: addressOf(view, incident),
    started_at: timeOf(incident.startedAt),
    page_id: view.page.id,
    incident_updates: incident.updates.map((update) => updateRow(view, incident, update)),
    components: incident.components.map(
      (touched) => rows.find(({ id }) => id === idOfKey(view, touched.key)) ?? goneRow(view, incident, touched),
    ),
    reminder_intervals: null,
    ...(incident.kind === 'maintenance' ? schedule(incident) : {}),
  };
}

/** @returns the page of an incident or a maintenance */
export function addressOf({ page }: StatusView, { id }: Pick<Incident, 'id'>): string {
  return `${page.url}/incidents/${id}`;
}

function schedule({ scheduledFor, scheduledUntil, startedAt, resolvedAt }: Incident) {
  const from = scheduledFor ?? startedAt;
  return { scheduled_for: timeOf(from), scheduled_until: timeOf(scheduledUntil ?? resolvedAt ?? from) };
}

/** A component that is no longer on the page, as the incident had it. */
function goneRow(view: StatusView, incident: Incident, touched: Incident['components'][number]): ComponentRow {
  return {
    id: idOfKey(view, touched.key),
    name: touched.name,
    status: wordOf(touched.status),
    created_at: timeOf(incident.createdAt),
    updated_at: timeOf(incident.updatedAt),
    position: view.components.length + 1,
    description: null,
    showcase: false,
    start_date: null,
    group_id: null,
    page_id: view.page.id,
    group: false,
    only_show_if_degraded: false,
  };
}

function updateRow(view: StatusView, incident: Incident, update: IncidentUpdate): UpdateRow {
  return {
    id: update.id,
    status: update.status,
    body: htmlOf(update.body),
    incident_id: incident.id,
    created_at: timeOf(update.createdAt),
    updated_at: timeOf(update.updatedAt),
    display_at: timeOf(update.displayAt),
    affected_components: affectedRows(view, update.affected),
    deliver_notifications: true,
    custom_tweet: null,
    tweet_id: null,
  };
}

/** Null and not an empty list when there is none; clients tell these apart. */
function affectedRows(view: StatusView, affected: readonly AffectedComponent[]) {
  if (affected.length === 0) return null;
  return affected.map(({ key, name, oldStatus, newStatus }) => ({
    code: idOfKey(view, key),
    name,
    old_status: wordOf(oldStatus),
    new_status: wordOf(newStatus),
  }));
}

/** Bodies are HTML in this API: readers put them into their pages as they are. */
export function htmlOf(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/\r\n?|\n/g, '<br />');
}
