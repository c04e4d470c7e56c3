/**
 * Tables of what was measured and of what components were. Times are UTC milliseconds; minutes and hours are whole numbers since
 * 1970 of their unit. Keys begin with what is asked or removed by: results go by time, everything else by component first.
 */
import type { SchemaStep } from '../database.ts';

export const historyTables: SchemaStep['sql'] = `
create table history_components (
  id integer primary key,
  key text not null unique,
  -- since when a status is known, and when it last changed
  created_at integer,
  updated_at integer,
  status text,
  -- the stretch that goes on, which is in no other table yet
  open_since integer,
  -- months from here on may lack their frozen row
  unfrozen_since integer,
  imported_at integer
) strict;

create table history_probes (
  id integer primary key,
  component integer not null references history_components (id),
  name text not null,
  unique (component, name)
) strict;

-- what is kept, as borders in milliseconds: see history/cover.ts
create table history_state (
  id integer primary key check (id = 1),
  seen_at integer not null,
  results_since integer not null,
  minutes_since integer not null,
  minutes_until integer not null,
  hours_since integer not null,
  hours_until integer not null
) strict;
insert into history_state values (1, 0, 0, 0, 0, 0, 0);

create table history_results (
  at integer not null,
  probe integer not null references history_probes (id),
  -- tells results of one probe and millisecond apart
  number integer not null,
  -- 0 good, 1 bad, 2 unknown
  verdict integer not null,
  duration_ms integer not null,
  words text,
  primary key (at, probe, number)
) strict, without rowid;

create table history_minutes (
  component integer not null references history_components (id),
  minute integer not null,
  good integer not null,
  bad integer not null,
  -- durations of good results: see history/histogram.ts
  durations blob,
  primary key (component, minute)
) strict, without rowid;

create table history_hours (
  component integer not null references history_components (id),
  hour integer not null,
  good integer not null,
  bad integer not null,
  durations blob,
  primary key (component, hour)
) strict, without rowid;

-- what components were; stretches of one component never overlap
create table history_intervals (
  component integer not null references history_components (id),
  from_at integer not null,
  until_at integer not null check (until_at > from_at),
  status text not null,
  primary key (component, from_at)
) strict, without rowid;

-- closed months: written once, never changed
create table history_months (
  component integer not null references history_components (id),
  month text not null,
  up_ms integer not null,
  degraded_ms integer not null,
  partial_ms integer not null,
  down_ms integer not null,
  maintenance_ms integer not null,
  primary key (component, month)
) strict, without rowid;
`;
