/** The statements of alarms, their calls and their links. */
import { createHash } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import type { StatusDatabase } from '../database.ts';
import type { Recipient } from '../on-call/duty.ts';
import type { Alarm } from './alarms.ts';
import type { Severity } from './condition.ts';
import type { Move } from './outage.ts';

/** An alarm with what telling people about it needs. */
export interface KeptAlarm extends Alarm {
  /** Since when the steps are counted; undefined while it is silenced, and before anything was told. */
  readonly tellingFrom: number | undefined;
  /** Index of the step that comes next. */
  readonly nextStep: number;
  /** When messages about it were last made. */
  readonly calledAt: number | undefined;
  /** When a page became a ticket. */
  readonly loweredAt: number | undefined;
  /** Since when something about its outage is untold: the first, and the latest of it. */
  readonly newsFrom: number | undefined;
  readonly newsAt: number | undefined;
  /** When a message said that the outage has become wider. */
  readonly widerAt: number | undefined;
  /** The id that messages have, once another alarm has led before: pagers go by it, and the outage is the same. */
  readonly toldAs: string | undefined;
  /** How long it may still fire after the trouble is over. */
  readonly echoMs: number | undefined;
}

export interface Call extends Recipient {
  readonly step: number;
  /** The message in the outbox; undefined when the outbox did not take it. */
  readonly messageId: string | undefined;
  readonly calledAt: number;
}

type Raw = Record<string, string | number | null>;

const statements = {
  save: `insert or replace into alarms (id, key, title, text, severity, component, runbook, started_at, ended_at, told_at, confirmed_at,
    confirmed_by, silenced_by, telling_from, next_step, called_at, lowered_at, part_of, news_from, news_at, wider_at, told_as, echo_ms,
    is_closed)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
  close: 'update alarms set is_closed = 1 where id = ?',
  open: 'select * from alarms where is_closed = 0 order by started_at, rowid',
  find: 'select * from alarms where id = ?',
  since: 'select * from alarms where ended_at is null or ended_at >= ? order by started_at desc, rowid desc limit 1000',
  parts: 'select * from alarms where part_of = ? order by started_at, rowid limit 200',
  moveParts: 'update alarms set part_of = ? where part_of = ? and is_closed = 1',
  moveCalls: 'update or replace alarm_calls set alarm_id = ? where alarm_id = ?',
  moveTokens: 'update alarm_tokens set alarm_id = ? where alarm_id = ?',
  prune: 'delete from alarms where is_closed = 1 and ended_at < ?',
  addCall:
    'insert or replace into alarm_calls (alarm_id, step, channel, person, message_id, called_at) values (?, ?, ?, ?, ?, ?)',
  calls: 'select * from alarm_calls where alarm_id = ? order by called_at, step',
  dropCalls: 'delete from alarm_calls where alarm_id = ?',
  addToken: 'insert into alarm_tokens (digest, alarm_id, person) values (?, ?, ?)',
  token: 'select * from alarm_tokens where digest = ?',
  dropTokens: 'delete from alarm_tokens where alarm_id = ?',
};

export class AlarmRows {
  readonly #sql: Record<keyof typeof statements, StatementSync>;

  constructor(db: StatusDatabase) {
    const prepared = Object.entries(statements).map(([name, sql]) => [name, db.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
  }

  save(alarm: KeptAlarm): void {
    const { id, key, title, text, severity, startedAt } = alarm;
    const said = [id, key, title, text, severity, alarm.component ?? null, alarm.runbook ?? null];
    const times = [startedAt, alarm.endedAt ?? null, alarm.toldAt ?? null, alarm.confirmedAt ?? null];
    const people = [alarm.confirmedBy ?? null, alarm.silencedBy ?? null];
    const telling = [alarm.tellingFrom ?? null, alarm.nextStep, alarm.calledAt ?? null, alarm.loweredAt ?? null];
    const outage = [
      alarm.partOf ?? null,
      alarm.newsFrom ?? null,
      alarm.newsAt ?? null,
      alarm.widerAt ?? null,
      alarm.toldAs ?? null,
      alarm.echoMs ?? null,
    ];
    this.#sql.save.run(...said, ...times, ...people, ...telling, ...outage);
  }

  /** Nothing about it is told any more, and its links confirm nothing. */
  close(id: string): void {
    this.#sql.close.run(id);
    this.#sql.dropTokens.run(id);
    this.#sql.dropCalls.run(id);
  }

  /** Those that fire, and those that ended so lately that they may begin again; the oldest first. */
  open(): KeptAlarm[] {
    return this.#sql.open.all().map((raw) => toAlarm(raw as Raw));
  }

  find(id: string): (KeptAlarm & { readonly isClosed: boolean }) | undefined {
    const raw = this.#sql.find.get(id) as Raw | undefined;
    return raw === undefined ? undefined : { ...toAlarm(raw), isClosed: raw.is_closed === 1 };
  }

  /** At most a thousand, the newest first. */
  since(from: number): KeptAlarm[] {
    return this.#sql.since.all(from).map((raw) => toAlarm(raw as Raw));
  }

  /** The parts of an outage, those that are over included; the oldest first. */
  parts(id: string): KeptAlarm[] {
    return this.#sql.parts.all(id).map((raw) => toAlarm(raw as Raw));
  }

  /** Calls, links, and the parts that are over, from now on of another alarm. */
  move({ from, to }: Move): void {
    for (const statement of ['moveParts', 'moveCalls', 'moveTokens'] as const) this.#sql[statement].run(to, from);
  }

  prune(until: number): void {
    this.#sql.prune.run(until);
  }

  addCall(id: string, { step, channel, person, messageId, calledAt }: Call): void {
    this.#sql.addCall.run(id, step, channel, person ?? null, messageId ?? null, calledAt);
  }

  calls(id: string): Call[] {
    return this.#sql.calls.all(id).map((each) => {
      const raw = each as Raw;
      const { person, message_id: messageId } = raw as { person: string | null; message_id: string | null };
      const [step, calledAt, channel] = [raw.step as number, raw.called_at as number, raw.channel as string];
      return { step, channel, person: person ?? undefined, messageId: messageId ?? undefined, calledAt };
    });
  }

  /** Only a digest is kept, so that whoever reads the database confirms nothing. */
  addToken(token: string, id: string, person: string | undefined): void {
    this.#sql.addToken.run(digestOf(token), id, person ?? null);
  }

  findToken(token: string): { readonly alarmId: string; readonly person: string | undefined } | undefined {
    const raw = this.#sql.token.get(digestOf(token)) as Raw | undefined;
    return raw === undefined
      ? undefined
      : { alarmId: raw.alarm_id as string, person: (raw.person as string | null) ?? undefined };
  }

  dropTokens(id: string): void {
    this.#sql.dropTokens.run(id);
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function toAlarm(raw: Raw): KeptAlarm {
  const text = (name: string) => (raw[name] as string | null) ?? undefined;
  const time = (name: string) => (raw[name] as number | null) ?? undefined;
  return {
    id: raw.id as string,
    key: raw.key as string,
    title: raw.title as string,
    text: raw.text as string,
    severity: raw.severity as Severity,
    component: text('component'),
    runbook: text('runbook'),
    startedAt: raw.started_at as number,
    endedAt: time('ended_at'),
    toldAt: time('told_at'),
    confirmedAt: time('confirmed_at'),
    confirmedBy: text('confirmed_by'),
    silencedBy: text('silenced_by'),
    tellingFrom: time('telling_from'),
    nextStep: raw.next_step as number,
    calledAt: time('called_at'),
    loweredAt: time('lowered_at'),
    partOf: text('part_of'),
    newsFrom: time('news_from'),
    newsAt: time('news_at'),
    widerAt: time('wider_at'),
    toldAs: text('told_as'),
    echoMs: time('echo_ms'),
  };
}
