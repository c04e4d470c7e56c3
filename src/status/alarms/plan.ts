/**
 * Who is told about an alarm, in which steps. Pure. A step is done when its time has come, or at once when nobody of the step before
 * it could be reached; nobody waits for a pager that is known to be dead.
 */
import { type OnCall, type Recipient, recipientsOf } from '../on-call/duty.ts';
import type { KeptAlarm } from './alarm-rows.ts';
import { isNewsDue } from './outage.ts';

export interface Step {
  /** Since the first step; milliseconds. The first step is always 0. */
  readonly afterMs: number;
  readonly recipients: readonly Recipient[];
}

export interface PlanInput {
  readonly onCall: OnCall;
  /** Names of all configured channels. */
  readonly channels: readonly string[];
  /** Channels that the last test page went to. */
  readonly testedChannels: readonly string[];
}

const hourMs = 3_600_000;
/** A ticket that nobody has confirmed is told again once a day. */
export const ticketRemindMs = 24 * hourMs;

/** @param at UTC milliseconds: whoever is on duty then */
export function stepsFor(alarm: Pick<KeptAlarm, 'key' | 'severity'>, input: PlanInput, at: number): readonly Step[] {
  const { onCall } = input;
  const pages = pageSteps(onCall, at);
  if (alarm.key === 'test-page') return [stepOf(othersThan(input, input.testedChannels, pages, at))];
  if (alarm.severity === 'page') return pages;
  const tickets = onCall.tickets.length > 0 ? recipientsOf(onCall, onCall.tickets, at) : (pages[0]?.recipients ?? []);
  // A channel cannot be asked to tell that it is dead.
  const dead = alarm.key.startsWith('channel:') ? alarm.key.slice('channel:'.length) : undefined;
  const alive = tickets.filter(({ channel }) => channel !== dead);
  const recipients = alive.length > 0 || dead === undefined ? alive : othersThan(input, [dead], pages, at);
  return recipients.length === 0 ? [] : [stepOf(recipients)];
}

/** Without an escalation, pages go where tickets go; that nobody is on duty is an alarm of its own. */
function pageSteps(onCall: OnCall, at: number): Step[] {
  const { escalation, tickets } = onCall;
  if (escalation.length === 0) return tickets.length === 0 ? [] : [stepOf(recipientsOf(onCall, tickets, at))];
  const inOrder = escalation.toSorted((one, other) => one.afterSeconds - other.afterSeconds);
  return inOrder.map(({ afterSeconds, notify }, index) => ({
    afterMs: index === 0 ? 0 : afterSeconds * 1000,
    recipients: recipientsOf(onCall, notify, at),
  }));
}

function stepOf(recipients: readonly Recipient[]): Step {
  return { afterMs: 0, recipients };
}

/** Every other channel that anybody has, those of the escalation with the person they belong to; when there is none, the first step. */
function othersThan(
  { onCall, channels }: PlanInput,
  tried: readonly string[],
  pages: readonly Step[],
  at: number,
): readonly Recipient[] {
  const known = [...pages.flatMap(({ recipients }) => recipients), ...recipientsOf(onCall, channels, at)];
  const others = known.filter(
    ({ channel }, index) => !tried.includes(channel) && known.findIndex((one) => one.channel === channel) === index,
  );
  return others.length > 0 ? others : (pages[0]?.recipients ?? []);
}

/** What became of the messages of an alarm's last step. */
export type Reached = 'nobody' | 'somebody' | 'not known';

export type Due =
  | { readonly kind: 'step'; readonly index: number }
  | { readonly kind: 'reminder' }
  /** That the outage has become wider. */
  | { readonly kind: 'wider' };

/**
 * @param remindMs pause between reminders of a page
 * @returns what is to be told now; undefined when nothing is
 */
export function whatIsDue(
  alarm: KeptAlarm,
  steps: readonly Step[],
  reached: Reached,
  remindMs: number,
  now: number,
): Due | undefined {
  const { tellingFrom, nextStep, calledAt, confirmedAt, severity } = alarm;
  if (steps.length === 0 || tellingFrom === undefined) return undefined;
  const step = steps[nextStep];
  if (confirmedAt === undefined && step !== undefined) {
    const isDue = now >= tellingFrom + step.afterMs || (nextStep > 0 && reached === 'nobody');
    if (isDue) return { kind: 'step', index: nextStep };
  } else {
    const pauseMs = severity === 'page' ? remindMs : ticketRemindMs;
    if (calledAt !== undefined && now >= calledAt + pauseMs) return { kind: 'reminder' };
  }
  return isNewsDue(alarm, now) ? { kind: 'wider' } : undefined;
}
