/**
 * Incidents in the database. All of them are in memory as well, because every public document is made from them; one is written
 * whole, in one transaction, before anybody sees it.
 */
import { inTransaction, type StatusDatabase } from '../database.ts';
import type { IncidentUpdate } from '../model.ts';
import type { StoredIncident, TrackedComponent } from './stored-incident.ts';

type Row = Record<string, string | number | null>;

export interface IncidentStore {
  /** Merged ones included. */
  get(id: string): StoredIncident | undefined;
  ofForeign(source: string, foreignId: string): StoredIncident | undefined;
  all(): Iterable<StoredIncident>;
  /** Several at once are written all or not at all. */
  put(...incidents: readonly StoredIncident[]): void;
  /** @returns what was removed */
  removeOfSource(source: string): readonly StoredIncident[];
}

const foreignKey = (source: string, foreignId: string) => `${source}\n${foreignId}`;

export function openIncidentStore(db: StatusDatabase): IncidentStore {
  const incidents = new Map(loadAll(db).map((incident) => [incident.id, incident]));
  const byForeign = new Map<string, string>();
  for (const { id, imported } of incidents.values()) {
    if (imported) byForeign.set(foreignKey(imported.source, imported.foreignId), id);
  }
  const write = writer(db);
  return {
    get: (id) => incidents.get(id),
    ofForeign(source, foreignId) {
      const id = byForeign.get(foreignKey(source, foreignId));
      return id === undefined ? undefined : incidents.get(id);
    },
    all: () => incidents.values(),
    put(...changed) {
      inTransaction(db, () => {
        for (const incident of changed) write(incident, incidents.get(incident.id));
      });
      for (const incident of changed) {
        incidents.set(incident.id, incident);
        const { imported } = incident;
        if (imported) byForeign.set(foreignKey(imported.source, imported.foreignId), incident.id);
      }
    },
    removeOfSource(source) {
      const removed = [...incidents.values()].filter(({ imported }) => imported?.source === source);
      inTransaction(db, () => db.prepare('delete from incidents where source = ?').run(source));
      for (const { id, imported } of removed) {
        incidents.delete(id);
        byForeign.delete(foreignKey(source, imported?.foreignId ?? ''));
      }
      return removed;
    },
  };
}

const columns = [
  'id',
  'kind',
  'name',
  'status',
  'impact',
  'is_impact_chosen',
  'is_name_chosen',
  'origin',
  'created_at',
  'updated_at',
  'started_at',
  'monitoring_at',
  'resolved_at',
  'scheduled_for',
  'scheduled_until',
  'told_at',
  'well_since',
  'postmortem',
  'source',
  'foreign_id',
  'digest',
  'merged_into',
] as const;

function rowOf(incident: StoredIncident): Record<(typeof columns)[number], string | number | null> {
  return {
    id: incident.id,
    kind: incident.kind,
    name: incident.name,
    status: incident.status,
    impact: incident.impact,
    is_impact_chosen: incident.isImpactChosen ? 1 : 0,
    is_name_chosen: incident.isNameChosen ? 1 : 0,
    origin: incident.origin,
    created_at: incident.createdAt,
    updated_at: incident.updatedAt,
    started_at: incident.startedAt,
    monitoring_at: incident.monitoringAt ?? null,
    resolved_at: incident.resolvedAt ?? null,
    scheduled_for: incident.scheduledFor ?? null,
    scheduled_until: incident.scheduledUntil ?? null,
    told_at: incident.toldAt ?? null,
    well_since: incident.wellSince ?? null,
    postmortem: incident.postmortem ?? null,
    source: incident.imported?.source ?? null,
    foreign_id: incident.imported?.foreignId ?? null,
    digest: incident.imported?.digest ?? null,
    merged_into: incident.mergedInto ?? null,
  };
}

/** Writes what differs from the value before: an incident with a thousand updates costs no more than one with two. */
function writer(db: StatusDatabase): (incident: StoredIncident, before: StoredIncident | undefined) => void {
  const values = columns.map((column) => `:${column}`).join(', ');
  const set = columns.map((column) => `${column} = excluded.${column}`).join(', ');
  const incidents = db.prepare(
    `insert into incidents (${columns.join(', ')}) values (${values}) on conflict (id) do update set ${set}`,
  );
  const dropUpdate = db.prepare('delete from incident_updates where id = ? and incident_id = ?');
  const updates = db.prepare(
    `insert or replace into incident_updates
       (id, incident_id, status, body, created_at, updated_at, display_at, author, affected)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropComponents = db.prepare('delete from incident_components where incident_id = ?');
  const components = db.prepare(
    'insert into incident_components (incident_id, key, name, worst, noted, failing_since) values (?, ?, ?, ?, ?, ?)',
  );
  return (incident, before) => {
    incidents.run(rowOf(incident));
    const kept = new Set(incident.updates.map(({ id }) => id));
    for (const { id } of before?.updates ?? []) if (!kept.has(id)) dropUpdate.run(id, incident.id);
    const known = new Set(before?.updates ?? []);
    for (const update of incident.updates.filter((one) => !known.has(one))) {
      const { id, status, body, createdAt, updatedAt, displayAt, author, affected } = update;
      const texts = [id, incident.id, status, body] as const;
      updates.run(...texts, createdAt, updatedAt, displayAt, author, JSON.stringify(affected));
    }
    if (incident.components === before?.components) return;
    dropComponents.run(incident.id);
    for (const { key, name, worst, noted, failingSince } of incident.components) {
      components.run(incident.id, key, name, worst, noted, failingSince ?? null);
    }
  };
}

function loadAll(db: StatusDatabase): readonly StoredIncident[] {
  const select = (sql: string) => db.prepare(sql).all() as Row[];
  const updates = Map.groupBy(
    select('select * from incident_updates order by display_at desc, created_at desc'),
    (row) => row.incident_id,
  );
  const components = Map.groupBy(select('select * from incident_components order by key'), (row) => row.incident_id);
  return select('select * from incidents').map((row) =>
    incidentOf(row, (updates.get(row.id!) ?? []).map(updateOf), (components.get(row.id!) ?? []).map(componentOf)),
  );
}

const text = (value: string | number | null | undefined) => String(value);
const number = (value: string | number | null | undefined) => Number(value);
const optional = (value: string | number | null | undefined) => (value == null ? undefined : Number(value));

function incidentOf(
  row: Row,
  updates: readonly IncidentUpdate[],
  components: readonly TrackedComponent[],
): StoredIncident {
  return {
    id: text(row.id),
    kind: text(row.kind) as StoredIncident['kind'],
    name: text(row.name),
    status: text(row.status) as StoredIncident['status'],
    impact: text(row.impact) as StoredIncident['impact'],
    isImpactChosen: row.is_impact_chosen === 1,
    isNameChosen: row.is_name_chosen === 1,
    origin: text(row.origin) as StoredIncident['origin'],
    createdAt: number(row.created_at),
    updatedAt: number(row.updated_at),
    startedAt: number(row.started_at),
    monitoringAt: optional(row.monitoring_at),
    resolvedAt: optional(row.resolved_at),
    scheduledFor: optional(row.scheduled_for),
    scheduledUntil: optional(row.scheduled_until),
    toldAt: optional(row.told_at),
    wellSince: optional(row.well_since),
    postmortem: row.postmortem == null ? undefined : text(row.postmortem),
    imported:
      row.source == null
        ? undefined
        : { source: text(row.source), foreignId: text(row.foreign_id), digest: text(row.digest) },
    mergedInto: row.merged_into == null ? undefined : text(row.merged_into),
    updates,
    components,
  };
}

function updateOf(row: Row): IncidentUpdate {
  return {
    id: text(row.id),
    status: text(row.status) as IncidentUpdate['status'],
    body: text(row.body),
    createdAt: number(row.created_at),
    updatedAt: number(row.updated_at),
    displayAt: number(row.display_at),
    affected: JSON.parse(text(row.affected)) as IncidentUpdate['affected'],
    author: text(row.author),
  };
}

function componentOf(row: Row): TrackedComponent {
  return {
    key: text(row.key),
    name: text(row.name),
    worst: text(row.worst) as TrackedComponent['worst'],
    noted: text(row.noted) as TrackedComponent['noted'],
    failingSince: optional(row.failing_since),
  };
}
