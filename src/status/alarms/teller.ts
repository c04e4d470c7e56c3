/**
 * Tells people: makes the messages of a step, a reminder or an end, notes who was called, and finds out whether anybody was reached.
 * A message and the note of it are written in one transaction, so that after a crash nobody is called twice and no step is left out.
 */
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import { isRefusal } from '../../std/refusals.ts';
import type { Outbox } from '../channels/outbox.ts';
import { notBefore, type OnCall, type Recipient } from '../on-call/duty.ts';
import type { AlarmRows, Call, KeptAlarm } from './alarm-rows.ts';
import type { Reached, Step } from './plan.ts';
import { alarmMessage, type Occasion, type Outage, type Telling } from './wording.ts';

export interface TellerParts {
  readonly rows: AlarmRows;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly onCall: () => OnCall;
  readonly telling: () => Omit<Telling, 'now'>;
}

const hourMs = 3_600_000;
const pageExpiryMs = 24 * hourMs;
const ticketExpiryMs = 7 * 24 * hourMs;
const tokenBytes = 24;
/** Each message names all that is known. */
const nothingNew = { newsFrom: undefined, newsAt: undefined };

/** @returns 192 random bits, as a word that addresses hold */
export function newToken(random: RandomBytes): string {
  return Buffer.from(random(tokenBytes)).toString('base64url');
}

export class Teller {
  readonly #parts: TellerParts;

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  /** Calls everybody of a step. @returns the alarm as it is now */
  step(alarm: KeptAlarm, { recipients }: Step, index: number): KeptAlarm {
    const now = this.#parts.clock.now();
    for (const recipient of recipients) {
      const messageId = this.#send(alarm, 'first', recipient, `${alarm.tellingFrom}:${index}`);
      this.#parts.rows.addCall(alarm.id, { step: index, ...recipient, messageId, calledAt: now });
    }
    return { ...alarm, ...nothingNew, nextStep: index + 1, calledAt: now };
  }

  /** Tells again: whoever was called so far, or, once it is confirmed, whoever stands in the first step now. */
  remind(alarm: KeptAlarm, steps: readonly Step[]): KeptAlarm {
    const now = this.#parts.clock.now();
    const again = alarm.confirmedAt === undefined ? this.#called(alarm.id) : (steps[0]?.recipients ?? []);
    for (const recipient of again) this.#send(alarm, 'reminder', recipient, '');
    return { ...alarm, ...nothingNew, calledAt: now };
  }

  /** Tells whoever was called so far that the outage has become wider, or goes on under another name. */
  widen(alarm: KeptAlarm): KeptAlarm {
    const now = this.#parts.clock.now();
    for (const recipient of this.#called(alarm.id)) this.#send(alarm, 'wider', recipient, `wider:${now}`);
    return { ...alarm, ...nothingNew, widerAt: now };
  }

  /** Takes back what still waits, and tells the end to everybody who was called; a ticket’s end only to those who had heard of it. */
  end(alarm: KeptAlarm): void {
    const sent = new Set(
      this.#rowsOf(alarm)
        .filter(({ state }) => state === 'sent')
        .map(({ circuit }) => circuit),
    );
    this.withdraw(alarm.id);
    for (const recipient of this.#called(alarm.id)) {
      const hasHeard = sent.has(`channel:${recipient.channel}`) || alarm.toldAt === undefined;
      if (alarm.severity === 'page' || (hasHeard && alarm.toldAt !== undefined)) {
        this.#send(alarm, 'ended', recipient, `ended:${alarm.endedAt}`);
      }
    }
  }

  /**
   * What became of the messages of the last step: `nobody` when each of them has failed, or goes where the last one failed. Not known
   * also when the steps are counted anew since then, behind a silence.
   */
  reached(alarm: KeptAlarm): Reached {
    const { tellingFrom = 0, nextStep } = alarm;
    const calls = this.#parts.rows
      .calls(alarm.id)
      .filter(({ step, calledAt }) => step === nextStep - 1 && calledAt >= tellingFrom);
    const rows = new Map(this.#rowsOf(alarm).map((row) => [row.id, row]));
    const states = calls.map(({ messageId, channel }): Reached => {
      const row = messageId === undefined ? undefined : rows.get(messageId);
      if (row === undefined) return 'nobody';
      if (row.state === 'sent') return 'somebody';
      const isWaiting = row.state === 'waiting' && row.tries === 0 && !this.#parts.outbox.isFailing(channel);
      return isWaiting ? 'not known' : 'nobody';
    });
    if (states.includes('somebody')) return 'somebody';
    return states.length === 0 || states.includes('not known') ? 'not known' : 'nobody';
  }

  /** Messages about an outage that wait are not sent any more. */
  withdraw(id: string): void {
    for (const one of this.#idsOf(id)) this.#parts.outbox.withdraw(one);
  }

  /** @returns when a message that named the alarm was first taken by a channel; undefined when none was */
  toldAt({ id, partOf, startedAt }: KeptAlarm): number | undefined {
    const sent = this.#idsOf(partOf ?? id)
      .flatMap((one) => this.#parts.outbox.ofReference(one))
      .filter(({ state, createdAt }) => state === 'sent' && createdAt >= startedAt);
    return sent.length === 0 ? undefined : Math.min(...sent.map(({ doneAt }) => doneAt ?? 0));
  }

  /** Another part may have led before, and its messages have its id. */
  #idsOf(id: string): string[] {
    return [id, ...this.#parts.rows.parts(id).map((part) => part.id)];
  }

  #rowsOf({ id }: KeptAlarm) {
    return this.#idsOf(id).flatMap((one) => this.#parts.outbox.ofReference(one));
  }

  /** Parts that a message names: those that fire, and at the end all of them. */
  #outage(alarm: KeptAlarm, occasion: Occasion): Outage {
    const parts = this.#parts.rows.parts(alarm.id);
    const isNamed = ({ endedAt, silencedBy }: KeptAlarm) => endedAt === undefined && silencedBy === undefined;
    const named = occasion === 'ended' ? parts : parts.filter(isNamed);
    return { id: alarm.toldAs ?? alarm.id, alarm, parts: named };
  }

  #called(id: string): Recipient[] {
    const calls: readonly Call[] = this.#parts.rows.calls(id);
    return calls.filter(({ channel }, index) => calls.findIndex((one) => one.channel === channel) === index);
  }

  /** @returns the message's id; undefined when the outbox is full */
  #send(alarm: KeptAlarm, occasion: Occasion, recipient: Recipient, which: string): string | undefined {
    const { rows, outbox, clock, random, onCall, telling } = this.#parts;
    const { channel, person } = recipient;
    const now = clock.now();
    // A page goes at any hour, and so does the reminder of one that nobody has confirmed.
    const isUrgent = alarm.severity === 'page' && occasion !== 'ended' && alarm.confirmedAt === undefined;
    const isForTheMorning = alarm.severity === 'ticket' || occasion === 'reminder';
    const isWaiting = !isUrgent && isForTheMorning;
    const earliest = isWaiting ? notBefore(onCall(), person, now) : now;
    const token = occasion === 'ended' || alarm.confirmedAt !== undefined ? undefined : newToken(random);
    if (token !== undefined) rows.addToken(token, alarm.id, person ?? channel);
    const remindMs = onCall().remindSeconds * 1000;
    const expiryMs = occasion === 'reminder' ? remindMs : alarm.severity === 'page' ? pageExpiryMs : ticketExpiryMs;
    const id = outbox.enqueue({
      target: { kind: 'channel', name: channel },
      message: alarmMessage(this.#outage(alarm, occasion), occasion, recipient, token, { ...telling(), now }),
      // Reminders that wait for the same morning are one.
      dedupeKey: `alarm:${alarm.id}:${occasion === 'reminder' ? `again:${earliest}` : which}:${channel}`,
      reference: alarm.id,
      expiresAt: earliest + expiryMs,
      notBefore: earliest,
      isUrgent,
    });
    return isRefusal(id) ? undefined : id;
  }
}
