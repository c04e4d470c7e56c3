/** A service cut down to alarms for tests: a real database and outbox, real receivers as pagers, and a clock that tests move. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pino from 'pino';
import type { Alarms } from '../../../src/status/alarms/alarms.ts';
import type { Condition } from '../../../src/status/alarms/condition.ts';
import { openAlarms } from '../../../src/status/alarms/open-alarms.ts';
import { Outbox } from '../../../src/status/channels/outbox.ts';
import type { StatusConfig } from '../../../src/status/config/schema.ts';
import { openStatusDatabase } from '../../../src/status/database.ts';
import type { OnCall } from '../../../src/status/on-call/duty.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { temporaryFolder } from '../../gallery.ts';
import { countedRandom, type HandClock, type HttpReceiver, handClock, receiveHttp } from '../channels/receivers.ts';

export interface Pager {
  readonly name: string;
  isDead: boolean;
  /** Messages that were taken, the oldest first. */
  readonly taken: {
    readonly id: string;
    readonly event: string;
    readonly title: string;
    readonly text: string;
    readonly url: string | null;
    readonly state: string;
  }[];
}

export interface WatchHouse {
  readonly clock: HandClock;
  alarms: Alarms;
  outbox: Outbox;
  readonly pagers: Readonly<Record<string, Pager>>;
  /** What holds now; given to `evaluate` with each step of time. */
  conditions: Condition[];
  /** Lets time pass, in steps, with everything that happens meanwhile. */
  pass(ms: number, stepMs?: number): Promise<void>;
  /** The service ends, time passes, and it starts again on the same file. */
  restart(downMs?: number): Promise<void>;
  /** What each pager took since the last look: `anna: alarm.firing`. */
  news(): string[];
}

export const minute = 60_000;
export const hour = 60 * minute;

export const people = (...names: string[]): OnCall['people'] => names.map((name) => ({ name, channels: [name] }));

export function onCallOf(more: Partial<OnCall>): OnCall {
  return {
    people: people('anna', 'ben', 'cleo'),
    rotations: [],
    escalation: [
      { afterSeconds: 0, notify: ['anna'] },
      { afterSeconds: 600, notify: ['ben'] },
      { afterSeconds: 1200, notify: ['cleo'] },
    ],
    tickets: ['anna'],
    remindSeconds: 1800,
    testPage: { at: '10:00', timeZone: 'Etc/UTC', confirmWithinSeconds: 3600 },
    ...more,
  };
}

export function condition(more: Partial<Condition> = {}): Condition {
  return {
    key: 'probe:install/python:files',
    title: 'Installing Python packages fails',
    text: 'Of two edges none answers.',
    severity: 'page',
    isFiring: true,
    component: 'install/python',
    runbook: 'alarm-probe',
    ...more,
  };
}

export async function watchHouse(t: TestContext, onCall: OnCall, at = '2026-11-21T12:00:00Z'): Promise<WatchHouse> {
  const clock = handClock(at);
  const file = join(await temporaryFolder(t), 'status.sqlite');
  const receiver = await receiveHttp(t);
  const pagers = pagersOf(receiver, ['anna', 'ben', 'cleo', 'chat']);
  const channels = Object.keys(pagers).map((name) => ({
    kind: 'webhook' as const,
    name,
    url: `${receiver.url}/${name}`,
  }));
  const page: StatusConfig['page'] = { name: 'Holdfast', url: '', timeZone: 'Etc/UTC' };
  const settings = {
    channels: onCall.people.length === 0 ? [] : channels,
    onCall,
    page,
    subscribers: { isPrivateAllowed: false },
  };
  let starts = 0;

  function open() {
    const db = openStatusDatabase(file, schemaSteps);
    starts += 1;
    const random = countedRandom(`start ${starts}`);
    const outbox = new Outbox({ db, clock, random, settings: () => settings });
    const links = {
      confirm: (token: string) => `https://status.example.org/confirm/${token}`,
      runbook: (name: string) => `docs/runbooks/${name}.md`,
    };
    const log = pino({ level: 'silent' });
    const alarms = openAlarms({ db, outbox, clock, random, log, settings: () => settings, links });
    return { db, outbox, alarms };
  }

  let running = open();
  const seen = new Map(Object.keys(pagers).map((name) => [name, 0]));
  const house: WatchHouse = {
    clock,
    pagers,
    conditions: [],
    alarms: running.alarms,
    outbox: running.outbox,
    async pass(ms, stepMs = minute) {
      for (let left = ms; ; left -= stepMs) {
        house.alarms.evaluate(house.conditions);
        house.outbox.deliver();
        await house.outbox.settled();
        if (left <= 0) return;
        clock.advance(Math.min(left, stepMs));
      }
    },
    async restart(downMs = 0) {
      await running.outbox.close();
      running.db.close();
      clock.advance(downMs);
      running = open();
      Object.assign(house, { alarms: running.alarms, outbox: running.outbox });
    },
    news() {
      return Object.values(pagers).flatMap(({ name, taken }) => {
        const fresh = taken.slice(seen.get(name));
        seen.set(name, taken.length);
        return fresh.map(({ event }) => `${name}: ${event}`);
      });
    },
  };
  t.after(async () => {
    await running.outbox.close();
    running.db.close();
  });
  return house;
}

function pagersOf(receiver: HttpReceiver, names: readonly string[]): Record<string, Pager> {
  const pagers = Object.fromEntries(names.map((name): [string, Pager] => [name, { name, isDead: false, taken: [] }]));
  receiver.answer = ({ url, body }, response) => {
    const pager = pagers[url.slice(1)]!;
    if (pager.isDead) return response.writeHead(500).end();
    pager.taken.push(JSON.parse(body));
    return response.end();
  };
  return pagers;
}
