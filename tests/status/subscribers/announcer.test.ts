/** From what was published to the outbox: everybody or nobody, and what could not be written is told the next time. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { openLog } from '../../../src/observe/log.ts';
import { Outbox } from '../../../src/status/channels/outbox.ts';
import { openStatusDatabase } from '../../../src/status/database.ts';
import type { IncidentChange, Incidents } from '../../../src/status/incidents/incidents.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { createAnnouncer } from '../../../src/status/subscribers/announcer.ts';
import { openSubscribers } from '../../../src/status/subscribers/subscribers.ts';
import { systemRandom } from '../../../src/std/random.ts';
import { HandClock } from '../hand-clock.ts';
import { settingsOf } from '../probes/probing.ts';
import { incident, viewOf } from '../views.ts';

const people = 50;

test('when the disk is full in the middle, nobody is told by half, and everybody is told when it has room again', (t) => {
  const db = openStatusDatabase(':memory:', schemaSteps);
  const clock = new HandClock();
  const view = viewOf({ 'install/python': 'major_outage' });
  const outbox = new Outbox({
    db,
    clock,
    random: systemRandom,
    settings: () => ({ ...settingsOf({}), pageName: 'P' }),
  });
  t.after(async () => {
    await outbox.close();
    db.close();
  });
  const subscribers = openSubscribers({
    ...{ db, clock, random: systemRandom, page: view.page, isMailPossible: true, isAnyHost: false },
    components: () => [],
    enqueue: () => undefined,
  });
  const add =
    db.prepare(`insert into subscribers (id, kind, target, inbox, wanted, components, asked_at, confirm_digest,
    confirm_until, confirmed_at, unsubscribe_token) values (?1, 'mail', ?1 || '@example.org', ?1, '[]', '[]', 1, ?1, 1, 1, ?1)`);
  for (let one = 0; one < people; one += 1) add.run(`p${one}`);
  let change: (change: IncidentChange) => void = () => undefined;
  const incidents = {
    onChange: (listener: typeof change) => {
      change = listener;
    },
  } as Incidents;
  const announcer = createAnnouncer({ outbox, clock, log: openLog('test', 'silent') }, subscribers, incidents, view);
  const waiting = () => (db.prepare('select count(*) as count from outbox').get() as { count: number }).count;
  const pages = (db.prepare('pragma page_count').get() as { page_count: number }).page_count;
  change({ incident: incident('a'), what: 'opened' });
  db.exec(`pragma max_page_count = ${pages + 1}`);
  assert.throws(() => announcer.published(view), /full/);
  assert.equal(waiting(), 0);
  db.exec('pragma max_page_count = 1000000');
  announcer.published(view);
  assert.equal(waiting(), people);
  announcer.published(view);
  assert.equal(waiting(), people);
});
