/** Tables of heartbeats: when each was heard, and when this service last listened. */
import type { SchemaStep } from '../database.ts';

export const heartbeatTables: SchemaStep['sql'] = `
create table heartbeats (
  name text primary key,
  watched_since integer not null,
  heard_at integer,
  excused_at integer
) strict;
create table heartbeats_listening (
  only integer primary key check (only = 1),
  until_at integer not null
) strict;
`;
