/**
 * What may be wrong, each as a condition that is true, false, or not known. Probes, metrics, burn rates, heartbeats and reminders
 * all end here, and everything about telling people begins here.
 */

/** `page` calls whoever is on duty, at any hour; `ticket` is a message for working hours. */
export type Severity = 'page' | 'ticket';

export interface Condition {
  /** The same for the same trouble: `probe:install/python`, `metric:disk-free`, `burn:install:14.4`, `heartbeat:backup`. */
  readonly key: string;
  /** `Installing Python packages fails`. */
  readonly title: string;
  /** What is known, in sentences: measured value, limit, since when, through which address. */
  readonly text: string;
  readonly severity: Severity;
  /** Undefined when it cannot be told now; the alarm then stays what it was. */
  readonly isFiring: boolean | undefined;
  readonly component: string | undefined;
  /** How long it may still fire after the trouble is over, in milliseconds: what looks back sees it so much longer. */
  readonly echoMs?: number;
  /** Name of a page in docs/runbooks. */
  readonly runbook: string | undefined;
}
