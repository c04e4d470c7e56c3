/**
 * What the status service knows, as plain values: components with their history, incidents, maintenances. Pages, the API, feeds
 * and exports are functions of one `StatusView` and of nothing else, so that they cannot disagree. Times are UTC milliseconds.
 */

export const componentStatuses = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
  'unknown',
] as const;
/** The words of the Statuspage API, and `unknown`, which it lacks: not measured, or not measured lately. */
export type ComponentStatus = (typeof componentStatuses)[number];

/** One address, edge or family behind a component. */
export interface PartView {
  readonly name: string;
  readonly status: 'up' | 'down' | 'unknown';
  /** What the last failing probe said; empty when up. */
  readonly why: string;
}

/** A day's share of the 90-day bars, or a month's row. */
export interface PeriodView {
  /** `2026-11-21`, or `2026-11`; UTC. */
  readonly period: string;
  /** Milliseconds of this period in each state; what is missing was not measured. Maintenance counts apart. */
  readonly upMs: number;
  readonly degradedMs: number;
  readonly partialMs: number;
  readonly downMs: number;
  readonly maintenanceMs: number;
  /** 0 to 1 by the formula in history/uptime.ts; undefined when nothing was measured. */
  readonly uptime: number | undefined;
  /** Whether the month is closed: its row never changes again. */
  readonly isFrozen: boolean;
}

/** One point of a response-time chart. */
export interface ResponsePoint {
  readonly at: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface SloView {
  readonly objective: number;
  readonly windowDays: number;
  readonly slowerThanMs: number | undefined;
  readonly events: number;
  readonly badEvents: number;
  /** 1 when nothing is spent, 0 when all is, below 0 beyond that; undefined without events. */
  readonly budgetLeft: number | undefined;
}

export interface ComponentView {
  /** 12 lowercase letters and digits, the same for ever for one key. */
  readonly id: string;
  /** `install`, `install/python`: a group is its own first part. */
  readonly key: string;
  readonly name: string;
  /** What it is, for people. */
  readonly description: string;
  /** True for one whose members are the components `KEY/…`. */
  readonly isGroup: boolean;
  readonly status: ComponentStatus;
  /** Why it is not operational, in words; empty when it is. */
  readonly why: string;
  readonly createdAt: number;
  /** When the status last changed. */
  readonly updatedAt: number;
  readonly parts: readonly PartView[];
  /** 90 of them, the oldest first, today last. */
  readonly days: readonly PeriodView[];
  /** The newest last; at most 24. */
  readonly months: readonly PeriodView[];
  /** Of the last 24 hours, the oldest first. Empty for groups. */
  readonly responses: readonly ResponsePoint[];
  readonly slo: SloView | undefined;
}

export type Impact = 'none' | 'minor' | 'major' | 'critical' | 'maintenance';
export const incidentStatuses = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'] as const;
export const maintenanceStatuses = ['scheduled', 'in_progress', 'verifying', 'completed'] as const;
export type IncidentStatus = (typeof incidentStatuses)[number];
export type MaintenanceStatus = (typeof maintenanceStatuses)[number];

export interface AffectedComponent {
  readonly key: string;
  readonly name: string;
  readonly oldStatus: ComponentStatus;
  readonly newStatus: ComponentStatus;
}

export interface IncidentUpdate {
  readonly id: string;
  readonly status: IncidentStatus | MaintenanceStatus;
  /** Plain text; empty lines part paragraphs. */
  readonly body: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it happened, which a back-dated update sets earlier. */
  readonly displayAt: number;
  readonly affected: readonly AffectedComponent[];
  /** Who wrote it: `probes`, `clock`, `import`, or a person's name. Not shown on the page. */
  readonly author: string;
}

/** An incident, or a planned maintenance, which is told in the same way. */
export interface Incident {
  /** 12 lowercase letters and digits. */
  readonly id: string;
  readonly kind: 'incident' | 'maintenance';
  readonly name: string;
  readonly status: IncidentStatus | MaintenanceStatus;
  readonly impact: Impact;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number;
  readonly monitoringAt: number | undefined;
  readonly resolvedAt: number | undefined;
  readonly scheduledFor: number | undefined;
  readonly scheduledUntil: number | undefined;
  /** `probes`, `person`, or `import`. */
  readonly origin: 'probes' | 'person' | 'import';
  /** Newest first. */
  readonly updates: readonly IncidentUpdate[];
  /** Components with the worst status that this incident gave them. */
  readonly components: readonly { readonly key: string; readonly name: string; readonly status: ComponentStatus }[];
  /** Seconds from the first failing probe to detection, telling and mending; undefined when not known. */
  readonly detectedAfterMs: number | undefined;
  readonly toldAfterMs: number | undefined;
  readonly mendedAfterMs: number | undefined;
  /** Published text; undefined until there is one. */
  readonly postmortem: string | undefined;
}

/** Everything that is public, at one moment. */
export interface StatusView {
  readonly page: { readonly id: string; readonly name: string; readonly url: string; readonly timeZone: string };
  /** False when the configuration names no mail server: then nobody can subscribe by mail. */
  readonly sendsMail: boolean;
  /** The gallery's public address. */
  readonly galleryUrl: string;
  /** When this was put together. */
  readonly at: number;
  /** When anything public last changed. */
  readonly updatedAt: number;
  /** False when probes do not run or results are late: then nothing is known, whatever the components last were. */
  readonly isKnown: boolean;
  /** In the page's order, each group before its members. */
  readonly components: readonly ComponentView[];
  /** All since the beginning, the newest first; merged ones are not there. */
  readonly incidents: readonly Incident[];
}
