/** Tables of incidents: what was told, piece by piece, and marks in time. Incidents that were merged stay, and say into which. */
import type { SchemaStep } from '../database.ts';

export const incidentTables: SchemaStep['sql'] = `
  create table incidents (
    id text primary key,
    kind text not null check (kind in ('incident', 'maintenance')),
    name text not null,
    status text not null,
    impact text not null,
    is_impact_chosen integer not null,
    is_name_chosen integer not null,
    origin text not null check (origin in ('probes', 'person', 'import')),
    created_at integer not null,
    updated_at integer not null,
    started_at integer not null,
    monitoring_at integer,
    resolved_at integer,
    scheduled_for integer,
    scheduled_until integer,
    told_at integer,
    well_since integer,
    postmortem text,
    source text,
    foreign_id text,
    digest text,
    merged_into text references incidents (id),
    unique (source, foreign_id)
  ) strict, without rowid;
  create table incident_updates (
    id text primary key,
    incident_id text not null references incidents (id) on delete cascade,
    status text not null,
    body text not null,
    created_at integer not null,
    updated_at integer not null,
    display_at integer not null,
    author text not null,
    affected text not null
  ) strict, without rowid;
  create index incident_updates_of on incident_updates (incident_id);
  create table incident_components (
    incident_id text not null references incidents (id) on delete cascade,
    key text not null,
    name text not null,
    worst text not null,
    noted text not null,
    failing_since integer,
    primary key (incident_id, key)
  ) strict, without rowid;
  create table marks (
    id integer primary key,
    at integer not null,
    text text not null,
    author text not null
  ) strict;
  create index marks_at on marks (at);
`;
