/** Whether a page would reach anybody: one living channel is enough, and none at all has to be noticed outside. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { isPagePathOpen } from '../../../src/status/alarms/page-path.ts';
import { condition, hour, minute, onCallOf, watchHouse } from './watch-house.ts';

test('the way of pages is open until the last channel of the escalation has failed again and again', async (t) => {
  const onCall = onCallOf({});
  const house = await watchHouse(t, onCall);
  const isOpen = () => isPagePathOpen(onCall, house.outbox.state(), house.clock.now());
  house.pagers.anna!.isDead = true;
  house.pagers.ben!.isDead = true;
  house.conditions = [condition()];
  await house.pass(5 * minute);
  assert.equal(isOpen(), true);
  house.pagers.cleo!.isDead = true;
  await house.pass(hour);
  assert.equal(isOpen(), false);
  house.pagers.ben!.isDead = false;
  await house.pass(2 * minute);
  assert.equal(isOpen(), true);
});

test('a service that is to call nobody has no way of pages that could be closed', async (t) => {
  const onCall = onCallOf({ people: [], escalation: [], tickets: [] });
  const house = await watchHouse(t, onCall);
  assert.equal(isPagePathOpen(onCall, house.outbox.state(), house.clock.now()), true);
});
