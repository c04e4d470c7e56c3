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
        const alarm = begin(condition, newId(random), now);
        this.#rows.save(alarm);
        log.warn(
          { alarm: alarm.id, key: alarm.key, severity: alarm.severity, text: alarm.text },
          `alarm: ${alarm.title}`,
        );
      }
    });
    this.keep();
  }

  keep(): void {
    const { clock, db } = this.#parts;
    const now = clock.now();
    // What was sent right before the service ended was not noted any more.
    for (const alarm of this.#rows.open()) if (alarm.calledAt !== undefined) this.#noteTold(alarm);
    inTransaction(db, () => {
      for (const alarm of this.#rows.open()) this.#keepOne(alarm, now);
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
    if (alarm === undefined || alarm.isClosed) {
      const test = alarm === undefined ? this.#testPages.confirm(id, name) : undefined;
      return test ?? refuse('not-found', 'There is no such alarm, or it is over.');
    }
    if (alarm.confirmedAt !== undefined) return alarm;
    const { isClosed: _isClosed, ...open } = alarm;
    const confirmed: KeptAlarm = { ...open, confirmedAt: this.#parts.clock.now(), confirmedBy: name };
    inTransaction(this.#parts.db, () => {
      this.#rows.save(confirmed);
      // Nobody is called any more about what somebody looks after.
      this.#parts.outbox.withdraw(id);
    });
    this.#parts.log.info({ alarm: id, key: alarm.key, by: name }, 'an alarm is confirmed');
    return confirmed;
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

  /** Within a transaction: one alarm up to this moment. */
  #keepOne(kept: KeptAlarm, now: number): void {
    if (kept.endedAt !== undefined) {
      if (now - kept.endedAt < settleMs) return;
      this.#teller.end(kept);
      this.#rows.close(kept.id);
      return;
    }
    let alarm = this.#silenced(kept, now);
    const steps = this.#steps(alarm, now);
    const remindMs = this.#parts.settings().onCall.remindSeconds * 1000;
    for (;;) {
      const due = whatIsDue(alarm, steps, this.#teller.reached(alarm), remindMs, now);
      if (due === undefined) break;
      alarm =
        due.kind === 'reminder'
          ? this.#teller.remind(alarm, steps)
          : this.#teller.step(alarm, steps[due.index]!, due.index);
    }
    if (alarm !== kept) this.#rows.save(alarm);
  }

  /** Counting begins when nothing silences it any more. */
  #silenced(alarm: KeptAlarm, now: number): KeptAlarm {
    const silence = silenceOf(alarm.key, this.#silences.list(now), now);
    if (silence !== undefined)
      return alarm.silencedBy === silence.id ? alarm : { ...alarm, silencedBy: silence.id, tellingFrom: undefined };
    if (alarm.tellingFrom !== undefined) return alarm;
    return { ...alarm, silencedBy: undefined, tellingFrom: now };
  }

  /** A try of one of an alarm's messages ended: it may have been told for the first time, or the next step's time has come. */
  #tried(id: string, isTaken: boolean): void {
    const alarm = this.#rows.find(id);
    if (alarm === undefined || alarm.isClosed) return;
    const { isClosed: _isClosed, ...open } = alarm;
    if (isTaken) this.#noteTold(open);
    else inTransaction(this.#parts.db, () => this.#keepOne(open, this.#parts.clock.now()));
  }

  #noteTold(alarm: KeptAlarm): void {
    if (alarm.toldAt !== undefined) return;
    const sent = this.#parts.outbox
      .ofReference(alarm.id)
      .flatMap(({ state, doneAt }) => (state === 'sent' ? [doneAt ?? 0] : []));
    if (sent.length === 0) return;
    const told = { ...alarm, toldAt: Math.min(...sent) };
    this.#rows.save(told);
    for (const listener of this.#listeners) listener(told);
  }
}
