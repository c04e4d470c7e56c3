/**
 * The daily test page: a page that says that it is none, to whoever a real one would go to first. When nobody confirms it in time,
 * that is an alarm, because a page that nobody gets is the same as no monitoring.
 */
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import type { Outbox } from '../channels/outbox.ts';
import type { StatusDatabase } from '../database.ts';
import { newId } from '../ids.ts';
import type { OnCall, Recipient } from '../on-call/duty.ts';
import { lastAtHour } from '../on-call/wall-clock.ts';
import type { AlarmRows } from './alarm-rows.ts';
import type { Alarm } from './alarms.ts';
import type { Condition } from './condition.ts';
import { newToken } from './teller.ts';
import { type Telling, testMessage, utc } from './wording.ts';

/** After a time in which the service did not run, a test that is later than this waits for the next day. */
const lateMaxMs = 6 * 3_600_000;

interface TestPage {
  readonly scheduledAt: number;
  readonly id: string;
  /** Undefined for one that was left out. */
  readonly sentAt: number | undefined;
  readonly channels: readonly string[];
  readonly confirmedAt: number | undefined;
  readonly confirmedBy: string | undefined;
}

export interface TestPageParts {
  readonly db: StatusDatabase;
  readonly rows: AlarmRows;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly onCall: () => OnCall;
  readonly telling: () => Omit<Telling, 'now'>;
}

export class TestPages {
  readonly #parts: TestPageParts;

  constructor(parts: TestPageParts) {
    this.#parts = parts;
  }

  /**
   * Sends today's test when its time has come. A service that never sent one begins on the next day.
   * @param recipients of the first step of a page; without any there is nothing to test
   */
  keep(recipients: readonly Recipient[]): void {
    const { clock, onCall } = this.#parts;
    const now = clock.now();
    const { at, timeZone } = onCall().testPage;
    const scheduledAt = lastAtHour(at, timeZone, now);
    const last = this.#last('');
    if (recipients.length === 0 || (last !== undefined && last.scheduledAt >= scheduledAt)) return;
    const isLeftOut = last === undefined || now - scheduledAt > lateMaxMs;
    if (isLeftOut) this.#note(scheduledAt, undefined, []);
    else this.#send(scheduledAt, recipients);
  }

  /** Sends one now. @param recipients as for `keep`, at least one @returns when */
  sendNow(recipients: readonly Recipient[]): number {
    const now = this.#parts.clock.now();
    this.#send(now, recipients);
    return now;
  }

  /** The last one that was sent. */
  latest(): TestPage | undefined {
    return this.#last('where sent_at is not null');
  }

  /** @returns the test page as an alarm that is confirmed; undefined when there is none of this id */
  confirm(id: string, by: string): Alarm | undefined {
    const { db, clock } = this.#parts;
    const now = clock.now();
    db.prepare('update test_pages set confirmed_at = ?, confirmed_by = ? where id = ? and confirmed_at is null').run(
      now,
      by,
      id,
    );
    const page = this.#last('where id = ?', id);
    if (page?.sentAt === undefined) return undefined;
    const { sentAt, confirmedAt, confirmedBy } = page;
    return {
      ...{ id, key: 'test-page', title: 'Test page', text: 'The way that pages take works.', severity: 'page' },
      ...{ component: undefined, runbook: undefined, startedAt: sentAt, endedAt: confirmedAt, toldAt: sentAt },
      ...{ confirmedAt, confirmedBy, silencedBy: undefined, partOf: undefined },
    };
  }

  /** Not known while today's test may still be confirmed: the alarm then stays what it was. */
  condition(): Condition {
    const page = this.latest();
    const { clock, onCall, outbox } = this.#parts;
    const untilMs = onCall().testPage.confirmWithinSeconds * 1000;
    const isOverdue = page?.sentAt !== undefined && clock.now() > page.sentAt + untilMs;
    const isConfirmed = page === undefined || page.confirmedAt !== undefined;
    const fates = (page === undefined ? [] : outbox.ofReference(page.id)).map(
      ({ circuit, state, lastWords }) =>
        `${circuit.replace('channel:', '')}: ${state === 'sent' ? 'taken' : `not taken${lastWords === '' ? '' : ` (${lastWords})`}`}.`,
    );
    return {
      key: 'test-page',
      title: 'Nobody has confirmed the test page',
      text:
        page?.sentAt === undefined
          ? 'No test page was sent yet.'
          : `The test page of ${utc(page.sentAt)} was not confirmed. A real page would have been missed as well. ${fates.join(' ')}`.trim(),
      severity: 'page',
      isFiring: isConfirmed ? false : isOverdue ? true : undefined,
      component: undefined,
      runbook: 'alarm-test-page',
    };
  }

  #send(scheduledAt: number, recipients: readonly Recipient[]): void {
    const { rows, outbox, clock, random, onCall, telling } = this.#parts;
    const now = clock.now();
    const confirmUntil = now + onCall().testPage.confirmWithinSeconds * 1000;
    const earlier = this.latest();
    if (earlier !== undefined) rows.dropTokens(earlier.id);
    const channels = recipients.map(({ channel }) => channel);
    const id = this.#note(scheduledAt, now, channels);
    for (const recipient of recipients) {
      const token = newToken(random);
      rows.addToken(token, id, recipient.person ?? recipient.channel);
      outbox.enqueue({
        target: { kind: 'channel', name: recipient.channel },
        message: testMessage(id, recipient, token, confirmUntil, { ...telling(), now }),
        dedupeKey: `test-page:${id}:${recipient.channel}`,
        reference: id,
        expiresAt: confirmUntil,
        isUrgent: true,
      });
    }
  }

  #note(scheduledAt: number, sentAt: number | undefined, channels: readonly string[]): string {
    const { db, random } = this.#parts;
    const id = newId(random);
    db.prepare('insert into test_pages (scheduled_at, id, sent_at, channels) values (?, ?, ?, ?)').run(
      scheduledAt,
      id,
      sentAt ?? null,
      JSON.stringify(channels),
    );
    return id;
  }

  #last(where: string, ...values: string[]): TestPage | undefined {
    const sql = `select * from test_pages ${where} order by scheduled_at desc limit 1`;
    const raw = this.#parts.db.prepare(sql).get(...values) as Record<string, string | number | null> | undefined;
    if (raw === undefined) return undefined;
    return {
      scheduledAt: raw.scheduled_at as number,
      id: raw.id as string,
      sentAt: (raw.sent_at as number | null) ?? undefined,
      channels: JSON.parse(raw.channels as string) as string[],
      confirmedAt: (raw.confirmed_at as number | null) ?? undefined,
      confirmedBy: (raw.confirmed_by as string | null) ?? undefined,
    };
  }
}
