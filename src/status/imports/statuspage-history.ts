/**
 * The history of another status page, from its documents of the Statuspage API (version 2), as incidents that can be imported. Pure, and
 * patient: fields that are missing, words that are not known and texts in HTML are made the best of; only what has no id or no time, or
 * is not over yet, is left out.
 */
import type { ImportedIncident } from '../api/imports.ts';
import { bodyLengthMax, nameLengthMax, postmortemLengthMax } from '../incidents/limits.ts';
import {
  type ComponentStatus,
  componentStatuses,
  type Impact,
  incidentStatuses,
  maintenanceStatuses,
} from '../model.ts';
import { textOfHtml } from './html-text.ts';

export interface ForeignHistory {
  readonly incidents: readonly ImportedIncident[];
  /** Those that are not over: another import takes them when they are. */
  readonly openCount: number;
  /** Those that cannot be made sense of. */
  readonly unreadableCount: number;
}

export interface ForeignDocuments {
  /** `/api/v2/incidents.json`. */
  readonly incidents: unknown;
  /** `/api/v2/scheduled-maintenances.json`. */
  readonly maintenances: unknown;
  /** `/api/v2/components.json`, for the names of components that are named by their id alone. */
  readonly components: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export function historyOf({ incidents, maintenances, components }: ForeignDocuments): ForeignHistory {
  const names = new Map(
    listOf(components, 'components').map((one) => [textField(one, 'id'), textField(one, 'name')] as const),
  );
  const found = [
    ...listOf(incidents, 'incidents').map((one) => pastOf(one, 'incident', names)),
    ...listOf(maintenances, 'scheduled_maintenances').map((one) => pastOf(one, 'maintenance', names)),
  ];
  return {
    incidents: found.filter((one) => typeof one === 'object'),
    openCount: found.filter((one) => one === 'open').length,
    unreadableCount: found.filter((one) => one === 'unreadable').length,
  };
}

type Update = ImportedIncident['updates'][number];

const over = new Set(['resolved', 'postmortem', 'completed']);

function pastOf(
  one: Fields,
  kind: 'incident' | 'maintenance',
  names: ReadonlyMap<string, string>,
): ImportedIncident | 'open' | 'unreadable' {
  const foreignId = textField(one, 'id');
  if (foreignId === '') return 'unreadable';
  const updates = updatesOf(one, kind, names);
  const isOver = over.has(textField(one, 'status')) || timeField(one, 'resolved_at') !== undefined;
  if (!isOver && !updates.some(({ status }) => over.has(status))) return 'open';
  const times = updates.map(({ at }) => at).sort();
  const startedAt = timeField(one, 'started_at') ?? timeField(one, 'created_at') ?? times[0];
  if (startedAt === undefined) return 'unreadable';
  const closedAt = updates.find(({ status }) => status === 'resolved' || status === 'completed')?.at;
  const endedAt = later(
    startedAt,
    timeField(one, 'resolved_at') ?? closedAt ?? times.at(-1) ?? timeField(one, 'updated_at') ?? startedAt,
  );
  const impact = impactField(one, kind);
  return {
    foreignId: foreignId.slice(0, 200),
    kind,
    name: cut(oneLine(textField(one, 'name')) || 'Without a name', nameLengthMax),
    impact,
    startedAt,
    endedAt,
    ...withTime('monitoringAt', timeField(one, 'monitoring_at')),
    ...(kind === 'maintenance' ? withTime('scheduledFor', timeField(one, 'scheduled_for')) : {}),
    ...(kind === 'maintenance' ? withTime('scheduledUntil', timeField(one, 'scheduled_until')) : {}),
    updates,
    components: componentsOf(one, updates, impact, names),
  };
}

function updatesOf(one: Fields, kind: 'incident' | 'maintenance', names: ReadonlyMap<string, string>): Update[] {
  const updates = listOf(one, 'incident_updates').flatMap((update): Update[] => {
    const at = timeField(update, 'display_at') ?? timeField(update, 'created_at') ?? timeField(update, 'updated_at');
    if (at === undefined) return [];
    const status = statusField(update, kind);
    const affected = listOf(update, 'affected_components').flatMap((component) => {
      const name = textField(component, 'name') || names.get(textField(component, 'code')) || '';
      const newStatus = componentStatusField(component, 'new_status');
      if (name === '' || newStatus === undefined) return [];
      return [
        {
          name: cut(oneLine(name), 100),
          oldStatus: componentStatusField(component, 'old_status') ?? 'unknown',
          newStatus,
        },
      ];
    });
    return [{ status, body: bodyOf(textField(update, 'body'), status), at, affected: affected.slice(0, 100) }];
  });
  const explained = textField(one, 'postmortem_body');
  const explainedAt = timeField(one, 'postmortem_published_at');
  if (explained !== '' && explainedAt !== undefined && !updates.some(({ status }) => status === 'postmortem')) {
    updates.push({ status: 'postmortem', body: bodyOf(explained, 'postmortem'), at: explainedAt, affected: [] });
  }
  return updates.slice(0, 1_000);
}

function bodyOf(html: string, status: string): string {
  return cut(textOfHtml(html) || 'Nothing was written.', status === 'postmortem' ? postmortemLengthMax : bodyLengthMax);
}

/** The worst that updates say of each; of components that no update tells of, what the impact means. */
function componentsOf(
  one: Fields,
  updates: Update[],
  impact: Impact,
  names: ReadonlyMap<string, string>,
): ImportedIncident['components'] {
  const worst = new Map<string, ComponentStatus>();
  for (const { name, newStatus } of updates.flatMap(({ affected }) => affected)) {
    const known = worst.get(name);
    if (known === undefined || rank(newStatus) > rank(known)) worst.set(name, newStatus);
  }
  for (const component of listOf(one, 'components')) {
    const name = cut(oneLine(textField(component, 'name') || names.get(textField(component, 'id')) || ''), 100);
    if (name !== '' && !worst.has(name)) worst.set(name, impliedStatus[impact]);
  }
  return [...worst].slice(0, 100).map(([name, status]) => ({ name, status }));
}

const impliedStatus: Readonly<Record<Impact, ComponentStatus>> = {
  none: 'operational',
  minor: 'degraded_performance',
  major: 'partial_outage',
  critical: 'major_outage',
  maintenance: 'under_maintenance',
};

const ranking: readonly ComponentStatus[] = [
  'operational',
  'unknown',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];
const rank = (status: ComponentStatus) => ranking.indexOf(status);

function statusField(update: Fields, kind: 'incident' | 'maintenance'): string {
  const status = textField(update, 'status').toLowerCase();
  const known: readonly string[] = kind === 'incident' ? incidentStatuses : maintenanceStatuses;
  if (known.includes(status)) return status;
  return kind === 'incident' ? 'investigating' : 'in_progress';
}

function impactField(one: Fields, kind: 'incident' | 'maintenance'): Impact {
  if (kind === 'maintenance') return 'maintenance';
  const impact = textField(one, 'impact').toLowerCase();
  return impact === 'minor' || impact === 'major' || impact === 'critical' ? impact : 'none';
}

function componentStatusField(fields: Fields, field: string): ComponentStatus | undefined {
  const text = textField(fields, field).toLowerCase();
  return componentStatuses.find((status) => status === text);
}

function listOf(value: unknown, field: string): readonly Fields[] {
  const list = isFields(value) ? value[field] : undefined;
  return Array.isArray(list) ? list.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textField(fields: Fields, field: string): string {
  const value = fields[field];
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

/** @returns the time in UTC, as the API writes times; undefined when it is none, or not of this age of computers */
function timeField(fields: Fields, field: string): string | undefined {
  const at = Date.parse(textField(fields, field));
  return at >= Date.UTC(1990, 0) && at < Date.UTC(2200, 0) ? new Date(at).toISOString() : undefined;
}

function withTime<K extends string>(key: K, time: string | undefined): { [key in K]?: string } {
  return (time === undefined ? {} : { [key]: time }) as { [key in K]?: string };
}

const later = (a: string, b: string) => (a > b ? a : b);
const oneLine = (text: string) => textOfHtml(text).replaceAll(/\s+/g, ' ').trim();
const cut = (text: string, lengthMax: number) => (text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`);
