/**
 * Alarms, put together: conditions come in, people are told through the outbox, and all of it is in the database before anything is
 * sent. Whatever happens to the service, an alarm that was told is not told again, and a step whose time came meanwhile is done.
 */

import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import { channelConditions } from '../channels/conditions.ts';
import type { Outbox } from '../channels/outbox.ts';
import type { StatusConfig } from '../config/schema.ts';
import { inTransaction, type StatusDatabase } from '../database.ts';
import { newId } from '../ids.ts';
import { onDuty } from '../on-call/duty.ts';
import { AlarmRows, type KeptAlarm } from './alarm-rows.ts';
import type { Alarm, Alarms, Silence } from './alarms.ts';
import type { Condition } from './condition.ts';
import { begin, follow, settleMs } from './follow-condition.ts';
import { nobodyCondition } from './nobody-condition.ts';
import { join, leaderFor, regroup } from './outage.ts';
import { type Step, stepsFor, whatIsDue } from './plan.ts';
import { Silences, silenceOf } from './silences.ts';
import { Teller } from './teller.ts';
import { TestPages } from './test-pages.ts';
import type { AlarmLinks } from './wording.ts';

export interface AlarmParts {
  readonly db: StatusDatabase;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** Asked each time, because the configuration may have been read again. */
  readonly settings: () => Pick<StatusConfig, 'onCall' | 'channels' | 'page'>;
  readonly links: AlarmLinks;
}

const keptMs = 400 * 24 * 3_600_000;
const nameLengthMax = 100;

/**
 * To what `evaluate` is given it adds what it knows by itself: channels that fail, nobody on duty, a test page that nobody confirmed.
 */
export function openAlarms(parts: AlarmParts): Alarms {
  return new AlarmKeeper(parts);
}

class AlarmKeeper implements Alarms {
  readonly #parts: AlarmParts;
  readonly #rows: AlarmRows;
  readonly #silences: Silences;
  readonly #teller: Teller;
  readonly #testPages: TestPages;
  readonly #listeners: ((alarm: Alarm) => void)[] = [];

  constructor(parts: AlarmParts) {
    const { db, outbox, clock, random, settings, links } = parts;
    this.#parts = parts;
    this.#rows = new AlarmRows(db);
    this.#silences = new Silences(db, random);
    const shared = { rows: this.#rows, outbox, clock, random, onCall: () => settings().onCall };
    const telling = () => ({ pageName: settings().page.name, links });
    this.#teller = new Teller({ ...shared, telling });
    this.#testPages = new TestPages({ ...shared, db, telling });
    outbox.onTried((row, outcome) => {
      if (row.reference === undefined || row.lane !== 'alarms') return;
      this.#tried(row.reference, outcome !== 'expired' && outcome.kind === 'taken');
    });
  }

  evaluate(given: readonly Condition[]): void {
    const conditions = new Map([...given, ...this.#ownConditions()].map((condition) => [condition.key, condition]));
    const { clock, random, db, log } = this.#parts;
    const now = clock.now();
    inTransaction(db, () => {
      for (const alarm of this.#rows.open()) {
        const followed = follow(alarm, conditions.get(alarm.key), now);
        conditions.delete(alarm.key);
        if (followed === alarm) continue;
        this.#rows.save(followed);
        if (followed.endedAt !== alarm.endedAt) {
          log.info(
            { alarm: alarm.id, key: alarm.key },
            followed.endedAt === undefined ? 'an alarm is back' : 'an alarm is over',
          );
        }
      }
      for (const condition of conditions.values()) {
        if (condition.isFiring !== true) continue;
        const alarm = this.#begin(begin(condition, newId(random), now), now);
        const { id, key, severity, text, partOf } = alarm;
        log.warn({ alarm: id, key, severity, text, partOf }, `alarm: ${alarm.title}`);
      }
    });
    this.keep();
  }

  keep(): void {
    const { clock, db } = this.#parts;
    const now = clock.now();
    // What was sent right before the service ended was not noted any more.
    for (const alarm of this.#rows.open()) this.#noteTold(alarm);
    inTransaction(db, () => {
      this.#keepAll(now);
      this.#testPages.keep(this.#pageSteps(now)[0]?.recipients ?? []);
      this.#rows.prune(now - keptMs);
      this.#silences.prune(now);
    });
  }

  firing(): readonly Alarm[] {
    return this.#rows.open().filter(({ endedAt }) => endedAt === undefined);
  }

  since(from: number): readonly Alarm[] {
    return this.#rows.since(from);
  }

  confirm(id: string, by: string): Alarm | Refusal {
    const name = by.trim();
    if (name === '' || name.length > nameLengthMax) {
      return refuse('form-field-invalid', `Confirming needs a name of at most ${nameLengthMax} characters.`);
    }
    const alarm = this.#rows.find(id);
    if (alarm === undefined || (alarm.isClosed && alarm.partOf === undefined)) {
      const test = alarm === undefined ? this.#testPages.confirm(id, name) : undefined;
      return test ?? refuse('not-found', 'There is no such alarm, or it is over.');
    }
    return this.#confirmOutage(alarm.partOf ?? id, name);
  }

  #confirmOutage(id: string, by: string): Alarm | Refusal {
    const { db, clock, log } = this.#parts;
    const outage = this.#rows.open().filter((one) => one.id === id || one.partOf === id);
    const leader = outage.find((one) => one.id === id);
    if (leader === undefined) return refuse('not-found', 'There is no such alarm, or it is over.');
    if (leader.confirmedAt !== undefined) return leader;
    const confirmation = { confirmedAt: clock.now(), confirmedBy: by };
    inTransaction(db, () => {
      for (const one of outage) this.#rows.save({ ...one, ...confirmation });
      // Nobody is called any more about what somebody looks after.
      this.#teller.withdraw(id);
    });
    log.info({ alarm: id, key: leader.key, by }, 'an alarm is confirmed');
    return { ...leader, ...confirmation };
  }

  confirmByToken(token: string, by: string): Alarm | Refusal {
    const found = this.#rows.findToken(token);
    if (found === undefined)
      return refuse('not-found', 'This link is not valid any more: the alarm is over, or another test page was sent.');
    return this.confirm(found.alarmId, by.trim() === '' ? (found.person ?? 'somebody') : by);
  }

  silence(wanted: Omit<Silence, 'id'>): Silence | Refusal {
    const silence = this.#silences.add(wanted, this.#parts.clock.now());
    this.keep();
    return silence;
  }

  endSilence(id: string): Silence | Refusal {
    const silence = this.#silences.end(id, this.#parts.clock.now());
    this.keep();
    return silence;
  }

  silences(): readonly Silence[] {
    return this.#silences.list(this.#parts.clock.now());
  }

  onDuty(): Readonly<Record<string, string>> {
    return onDuty(this.#parts.settings().onCall, this.#parts.clock.now());
  }

  sendTestPage(): number | Refusal {
    const { db, clock } = this.#parts;
    const recipients = this.#pageSteps(clock.now())[0]?.recipients ?? [];
    if (recipients.length === 0) {
      return refuse('form-incomplete', 'Nobody would be called: the escalation of the configuration names nobody.');
    }
    return inTransaction(db, () => this.#testPages.sendNow(recipients));
  }

  testPage(): { readonly sentAt: number | undefined; readonly confirmedAt: number | undefined } {
    const { sentAt, confirmedAt } = this.#testPages.latest() ?? { sentAt: undefined, confirmedAt: undefined };
    return { sentAt, confirmedAt };
  }

  onTold(listener: (alarm: Alarm) => void): void {
    this.#listeners.push(listener);
  }

  #ownConditions(): Condition[] {
    const { settings, outbox, clock } = this.#parts;
    const now = clock.now();
    return [nobodyCondition(settings().onCall), this.#testPages.condition(), ...channelConditions(outbox.state(), now)];
  }

  #steps(alarm: Pick<KeptAlarm, 'key' | 'severity'>, now: number): readonly Step[] {
    const { onCall, channels } = this.#parts.settings();
    const testedChannels = this.#testPages.latest()?.channels ?? [];
    return stepsFor(alarm, { onCall, channels: channels.map(({ name }) => name), testedChannels }, now);
  }

  #pageSteps(now: number): readonly Step[] {
    return this.#steps({ key: '', severity: 'page' }, now);
  }

  /** @returns the alarm, which may have become a part of an outage that is known */
  #begin(alarm: KeptAlarm, now: number): KeptAlarm {
    const open = this.#rows.open();
    const leader = leaderFor(alarm, open, now);
    const begun = leader === undefined ? [alarm] : join(alarm, leader, open, now);
    for (const one of begun) this.#rows.save(one);
    return begun[0]!;
  }

  /** Within a transaction: all alarms up to this moment. */
  #keepAll(now: number): void {
    const kept = this.#rows.open();
    const { alarms, moves } = regroup(
      kept.map((alarm) => this.#silenced(alarm, now)),
      now,
    );
    for (const move of moves) this.#rows.move(move);
    for (const [index, alarm] of alarms.entries()) if (alarm !== kept[index]) this.#rows.save(alarm);
    for (const alarm of alarms) this.#keepOne(alarm, now);
  }

  /** A part is told of by whoever leads. */
  #keepOne(kept: KeptAlarm, now: number): void {
    if (kept.endedAt !== undefined) {
      if (now - kept.endedAt < settleMs) return;
      if (kept.partOf === undefined) this.#teller.end(kept);
      this.#rows.close(kept.id);
      return;
    }
    if (kept.partOf !== undefined) return;
    let alarm = counted(kept, now);
    const steps = this.#steps(alarm, now);
    const remindMs = this.#parts.settings().onCall.remindSeconds * 1000;
    for (;;) {
      const due = whatIsDue(alarm, steps, this.#teller.reached(alarm), remindMs, now);
      if (due === undefined) break;
      if (due.kind === 'step') alarm = this.#teller.step(alarm, steps[due.index]!, due.index);
      else alarm = due.kind === 'reminder' ? this.#teller.remind(alarm, steps) : this.#teller.widen(alarm);
    }
    if (alarm !== kept) this.#rows.save(alarm);
  }

  #silenced(alarm: KeptAlarm, now: number): KeptAlarm {
    if (alarm.endedAt !== undefined) return alarm;
    const silence = silenceOf(alarm.key, this.#silences.list(now), now);
    if (silence?.id === alarm.silencedBy) return alarm;
    return { ...alarm, silencedBy: silence?.id, tellingFrom: undefined };
  }

  /** A try of one of an alarm's messages ended: it may have been told for the first time, or the next step's time has come. */
  #tried(id: string, isTaken: boolean): void {
    const alarm = this.#rows.find(id);
    if (alarm === undefined || alarm.isClosed) return;
    if (!isTaken) {
      inTransaction(this.#parts.db, () => this.#keepAll(this.#parts.clock.now()));
      return;
    }
    const leader = alarm.partOf ?? id;
    for (const one of this.#rows.open()) if (one.id === leader || one.partOf === leader) this.#noteTold(one);
  }

  #noteTold(alarm: KeptAlarm): void {
    if (alarm.toldAt !== undefined) return;
    const toldAt = this.#teller.toldAt(alarm);
    if (toldAt === undefined) return;
    const told = { ...alarm, toldAt };
    this.#rows.save(told);
    for (const listener of this.#listeners) listener(told);
  }
}

/** Counting of the steps begins when nothing silences it. */
function counted(alarm: KeptAlarm, now: number): KeptAlarm {
  return alarm.silencedBy !== undefined || alarm.tellingFrom !== undefined ? alarm : { ...alarm, tellingFrom: now };
}
