/** What was announced as maintenance: nobody is called for it, and it costs no error budget; everything else is watched on. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openLog } from '../../src/observe/log.ts';
import { probeConditions } from '../../src/status/alarms/probe-conditions.ts';
import { openAreas } from '../../src/status/areas.ts';
import { openStatusDatabase } from '../../src/status/database.ts';
import { createEvaluation } from '../../src/status/evaluation.ts';
import type { Probe, ProbeResult } from '../../src/status/probes/probe.ts';
import { schemaSteps } from '../../src/status/schema-steps.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { temporaryFolder } from '../gallery.ts';
import { HandClock } from './hand-clock.ts';
import { settingsOf } from './probes/probing.ts';
import { viewOf } from './views.ts';

const second = 1_000;
const minute = 60_000;
const python = 'install/python';
const broken = new Set<string>();

function probeOf(component: string): Probe {
  const run = async (): Promise<ProbeResult> => {
    const isBroken = broken.has(component);
    return { verdict: isBroken ? 'bad' : 'good', durationMs: 5, words: isBroken ? '503' : '', steps: [], measures: {} };
  };
  const names = { id: component, title: 'a look', component, check: 'look', part: '' };
  return { ...names, everyMs: 15 * second, deadlineMs: 10 * second, staleMs: minute, run };
}

/** The areas as the service opens them, two probes, and one look at everything in each second. */
async function watched(t: TestContext) {
  const clock = new HandClock();
  const db = openStatusDatabase(':memory:', schemaSteps);
  const settings = { ...settingsOf({ probing: { ownNetwork: [] } }), folder: await temporaryFolder(t) };
  const parts = { clock, random: (count: number) => randomBytes(count), log: openLog('test', 'silent') };
  const areas = openAreas(db, settings, { ...parts, view: () => viewOf({}) });
  const evaluate = createEvaluation({
    ...areas,
    clock,
    naming: [],
    probeStates: (now) => areas.watch.states(now),
    conditions: (states) => probeConditions(states),
  });
  areas.watch.setProbes([python, 'website'].map(probeOf));
  t.after(async () => {
    broken.clear();
    await areas.watch.stop();
    await areas.outbox.close();
    areas.history.close();
    db.close();
  });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= second) {
      clock.goOn(second);
      for (let turns = 0; turns < 5; turns += 1) await turn();
      evaluate();
    }
  };
  const firing = () => areas.alarms.firing().flatMap(({ key }) => (key.startsWith('probe:') ? [key] : []));
  const events = (from: number) =>
    [python, 'website'].map((key) => areas.history.events(key, from, clock.now() + 1).bad);
  const maintain = (key: string, forMs: number) => {
    const [scheduledFor, affected] = [clock.now(), { [key]: 'under_maintenance' as const }];
    const times = { scheduledFor, scheduledUntil: scheduledFor + forMs };
    const made = areas.incidents.schedule({ name: 'New disks', body: 'Breaks.', affected, ...times, author: 'Ada' });
    if (isRefusal(made)) assert.fail(made.message);
  };
  return { clock, areas, pass, firing, events, maintain };
}

test('what fails in its maintenance calls nobody and spends nothing, and calls when it still fails afterwards', async (t) => {
  const { clock, pass, firing, events, maintain } = await watched(t);
  await pass(minute);
  maintain('install', 10 * minute);
  await pass(second);
  const from = clock.now();
  broken.add(python).add('website');
  await pass(8 * minute);
  assert.deepEqual(firing(), ['probe:website:look'], 'the website was not announced');
  const [ofPython, ofWebsite] = events(from);
  assert.equal(ofPython, 0);
  assert.ok((ofWebsite ?? 0) > 10, `${ofWebsite} bad results of the website count`);
  await pass(3 * minute);
  assert.deepEqual(firing().sort(), [`probe:${python}:look`, 'probe:website:look']);
  assert.ok((events(from)[0] ?? 0) > 0, 'and after it they count again');
});

test('an alarm that fired before goes on in a maintenance, and ends there', async (t) => {
  const { pass, firing, maintain } = await watched(t);
  broken.add(python);
  await pass(minute);
  assert.deepEqual(firing(), [`probe:${python}:look`]);
  maintain(python, 10 * minute);
  await pass(minute);
  assert.deepEqual(firing(), [`probe:${python}:look`]);
  broken.clear();
  await pass(minute);
  assert.deepEqual(firing(), []);
});
