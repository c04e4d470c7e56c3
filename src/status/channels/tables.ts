/** Tables of the outbox: messages until some days after they were taken or given up, and what became of each way out. */
import type { SchemaStep } from '../database.ts';

export const channelTables: SchemaStep['sql'] = `
create table outbox (
  id text primary key,
  dedupe_key text not null unique,
  lane text not null check (lane in ('alarms', 'subscribers')),
  circuit text not null,
  target text not null,
  message text not null,
  reference text,
  is_urgent integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'refused', 'expired', 'withdrawn')),
  created_at integer not null,
  due_from integer not null,
  next_at integer not null,
  expires_at integer not null,
  tries integer not null default 0,
  last_words text not null default '',
  done_at integer
) strict;
create index outbox_due on outbox (circuit, is_urgent desc, next_at) where state = 'waiting';
create index outbox_age on outbox (circuit, due_from) where state = 'waiting';
create index outbox_expiry on outbox (expires_at) where state = 'waiting';
create index outbox_done on outbox (done_at) where done_at is not null;
create index outbox_reference on outbox (reference) where reference is not null;
create table outbox_circuits (
  name text primary key,
  last_success_at integer,
  last_failure_at integer,
  last_failure_words text not null default '',
  failures_in_row integer not null default 0,
  refusals_in_row integer not null default 0,
  lost_in_row integer not null default 0,
  sent integer not null default 0,
  failed integer not null default 0,
  refused integer not null default 0
) strict;
`;
