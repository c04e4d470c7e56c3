/** Alarms: conditions that hold, from the moment they began to the moment they ended, and who was told and confirmed. */
import type { Refusal } from '../../std/refusals.ts';
import type { Condition, Severity } from './condition.ts';

export interface Alarm {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly text: string;
  readonly severity: Severity;
  readonly component: string | undefined;
  readonly runbook: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** When the first message about it had been taken by a channel. */
  readonly toldAt: number | undefined;
  readonly confirmedAt: number | undefined;
  readonly confirmedBy: string | undefined;
  /** Name of the silence that keeps it from calling anybody; it is shown all the same. */
  readonly silencedBy: string | undefined;
  /** The alarm that speaks for it and is confirmed with it: the leading one of the same outage. */
  readonly partOf: string | undefined;
}

export interface Silence {
  readonly id: string;
  /** Keys of alarms; `*` at the end stands for anything. */
  readonly pattern: string;
  readonly reason: string;
  readonly author: string;
  readonly from: number;
  /** Every silence ends. */
  readonly until: number;
}

export interface Alarms {
  /** Compares conditions with what fires; begins, ends, escalates, reminds. Conditions that are not given count as not firing. */
  evaluate(conditions: readonly Condition[]): void;
  /** What is due since: escalation steps, reminders, the daily test page. To be called every few seconds. */
  keep(): void;
  firing(): readonly Alarm[];
  /** The newest first, those that ended within the time included. */
  since(from: number): readonly Alarm[];
  /** Of a part of an outage it confirms the whole. @returns the alarm that leads */
  confirm(id: string, by: string): Alarm | Refusal;
  /** A link that stands in messages, without which nobody confirms by address alone. */
  confirmByToken(token: string, by: string): Alarm | Refusal;
  silence(wanted: Omit<Silence, 'id'>): Silence | Refusal;
  endSilence(id: string): Silence | Refusal;
  silences(): readonly Silence[];
  /** Who is on duty now, by rotation. */
  onDuty(): Readonly<Record<string, string>>;
  /** Sends a test page now, beside the daily one. @returns when; a refusal when there is nobody to send it to */
  sendTestPage(): number | Refusal;
  /** When the last test page was sent and confirmed. */
  testPage(): { readonly sentAt: number | undefined; readonly confirmedAt: number | undefined };
  /** Called when an alarm has been told to somebody for the first time. */
  onTold(listener: (alarm: Alarm) => void): void;
}
