/** What the management API works with, and what each of its routes is. */
import type Type from 'typebox';
import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import type { Alarms } from '../alarms/alarms.ts';
import type { History } from '../history/history.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { Template } from '../incidents/templates.ts';
import type { StatusView } from '../model.ts';

/** A sign of life that others owe us, as it stands. */
export interface HeartbeatState {
  readonly name: string;
  readonly means: string;
  /** UTC milliseconds; undefined when it was never heard. */
  readonly lastAt: number | undefined;
  readonly isLate: boolean;
  /** Where it is sent to, with its secret: only the operator sees it. */
  readonly url: string;
}

export interface ManagedParts {
  readonly incidents: Incidents;
  readonly alarms: Alarms;
  readonly history: Pick<History, 'events' | 'changes'>;
  readonly templates: () => readonly Template[];
  readonly view: () => StatusView;
  readonly heartbeats: () => readonly HeartbeatState[];
  /** How many there are of each kind: `mail`, `webhook`, unconfirmed ones apart. */
  readonly subscribers: () => Readonly<Record<string, number>>;
  readonly clock: Clock;
  readonly log: Log;
  /** The operator’s token. */
  readonly token: string;
}

/** A request whose body and address have been checked. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Of the route’s schema. */
  readonly body: never;
}

export interface ManagementRoute {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** In a few words, for the table in docs/STATUS-API.md. */
  readonly does: string;
  readonly body?: Type.TSchema;
  /** @returns what is answered as JSON, or a Refusal; an empty object for undefined */
  readonly handle: (parts: ManagedParts, asked: Asked) => unknown;
}
