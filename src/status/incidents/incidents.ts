/**
 * Incidents and planned maintenances: opened by probes or by people, told in updates, closed, explained. What was published is
 * never removed: it is edited, merged into another, or followed by another update.
 */
import type { Refusal } from '../../std/refusals.ts';
import type { ComponentStatus, Impact, Incident, IncidentStatus, MaintenanceStatus } from '../model.ts';

/** Components by key, with the status that they have, or that this update gives them. */
export type Affected = Readonly<Record<string, ComponentStatus>>;

export interface NewIncident {
  readonly name: string;
  readonly status?: IncidentStatus;
  readonly body: string;
  readonly affected?: Affected;
  /** Overrides what follows from the components. */
  readonly impact?: Impact;
  /** Back-dates the start; UTC milliseconds. */
  readonly startedAt?: number;
  readonly author: string;
}

export interface NewMaintenance {
  readonly name: string;
  readonly body: string;
  readonly affected?: Affected;
  readonly scheduledFor: number;
  readonly scheduledUntil: number;
  readonly author: string;
}

export interface NewUpdate {
  /** Undefined leaves it as it is. */
  readonly status?: IncidentStatus | MaintenanceStatus;
  readonly body: string;
  readonly affected?: Affected;
  readonly displayAt?: number;
  readonly author: string;
}

/** What somebody corrects afterwards. */
export interface IncidentEdit {
  readonly name?: string;
  readonly impact?: Impact;
  readonly startedAt?: number;
  readonly postmortem?: string;
}

/** A component as its probes see it now. */
export interface SeenComponent {
  readonly key: string;
  readonly name: string;
  readonly status: ComponentStatus;
  /** In words, for the incident's text. */
  readonly why: string;
  /** First failure that led to this status; UTC milliseconds. */
  readonly failingSince: number | undefined;
}

export interface IncidentChange {
  readonly incident: Incident;
  /** `opened`, `updated`, `resolved`, `merged`, `edited`. */
  readonly what: string;
}

export interface Incidents {
  /** All since the beginning, the newest first, without those merged into others. */
  list(): readonly Incident[];
  find(id: string): Incident | undefined;
  open(wanted: NewIncident): Incident | Refusal;
  schedule(wanted: NewMaintenance): Incident | Refusal;
  update(id: string, update: NewUpdate): Incident | Refusal;
  edit(id: string, edit: IncidentEdit): Incident | Refusal;
  /** Its updates and components become the other's; its address leads there. */
  merge(id: string, into: string): Incident | Refusal;
  /** What probes say now: opens, extends, moves to monitoring, resolves. Components in maintenance open nothing. */
  follow(components: readonly SeenComponent[]): void;
  /** Begins and ends maintenances whose time has come. */
  followClock(): void;
  /** Notes when people were first told of it, for its figures. */
  noteTold(id: string, at: number): void;
  /** Keys of components in a maintenance that is under way. */
  inMaintenance(): ReadonlySet<string>;
  /** A mark in time, such as a deploy, for timelines. */
  mark(text: string, author: string, at?: number): void;
  marks(from: number, until: number): readonly { readonly at: number; readonly text: string; readonly author: string }[];
  /** Open incidents without an update for too long. */
  forgotten(): readonly Incident[];
  /** Called after every change. */
  onChange(listener: (change: IncidentChange) => void): void;
}
