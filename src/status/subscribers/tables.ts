/** The table of people who want to be told, and of those who were asked whether they do. */
import type { SchemaStep } from '../database.ts';

export const subscriberTables: SchemaStep['sql'] = `
create table subscribers (
  id text primary key,
  kind text not null check (kind in ('mail', 'webhook')),
  target text not null,
  -- Whom a flood of confirmations would hit: the mailbox without its tag, or the host.
  inbox text not null,
  -- Keys of components as JSON; an empty list is all of them. "wanted" becomes "components" when it is confirmed.
  wanted text not null,
  components text,
  asked_at integer not null,
  confirm_digest text not null unique,
  confirm_until integer not null,
  confirmed_at integer,
  unsubscribe_token text not null unique,
  refusals integer not null default 0,
  unique (kind, target)
) strict;
create index subscribers_inbox on subscribers (inbox, asked_at);
create index subscribers_asked on subscribers (asked_at);
`;
