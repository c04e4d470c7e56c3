/** Tables of alarms: what fired, who was called, which links confirm, what is silenced, and the daily test page. */
import type { SchemaStep } from '../database.ts';

export const alarmTables: SchemaStep['sql'] = `
create table alarms (
  id text primary key,
  key text not null,
  title text not null,
  text text not null,
  severity text not null check (severity in ('page', 'ticket')),
  component text,
  runbook text,
  started_at integer not null,
  ended_at integer,
  told_at integer,
  confirmed_at integer,
  confirmed_by text,
  silenced_by text,
  telling_from integer,
  next_step integer not null default 0,
  called_at integer,
  lowered_at integer,
  is_closed integer not null default 0
) strict;
create unique index alarms_open on alarms (key) where is_closed = 0;
create index alarms_started on alarms (started_at);
create table alarm_calls (
  alarm_id text not null,
  step integer not null,
  channel text not null,
  person text,
  message_id text,
  called_at integer not null,
  primary key (alarm_id, step, channel)
) strict, without rowid;
create table alarm_tokens (
  digest text primary key,
  alarm_id text not null,
  person text
) strict, without rowid;
create index alarm_tokens_alarm on alarm_tokens (alarm_id);
create table alarm_silences (
  id text primary key,
  pattern text not null,
  reason text not null,
  author text not null,
  from_at integer not null,
  until_at integer not null
) strict;
create table test_pages (
  scheduled_at integer primary key,
  id text not null,
  sent_at integer,
  channels text not null default '[]',
  confirmed_at integer,
  confirmed_by text
) strict;
`;

/** Alarms that are parts of another, and what their leader has still to tell of them. */
export const outageColumns: SchemaStep['sql'] = `
alter table alarms add column part_of text;
alter table alarms add column news_from integer;
alter table alarms add column news_at integer;
alter table alarms add column wider_at integer;
alter table alarms add column told_as text;
alter table alarms add column echo_ms integer;
create index alarms_parts on alarms (part_of) where part_of is not null;
`;
