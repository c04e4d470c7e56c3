/** Whatever probes see and people do, in any order: what holds of automatic incidents at every second. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fastCheck from 'fast-check';
import { growPauseMs } from '../../../src/status/incidents/follow.ts';
import { isOpen } from '../../../src/status/incidents/stored-incident.ts';
import type { ComponentStatus, Incident } from '../../../src/status/model.ts';
import { isRefusal } from '../../../src/std/refusals.ts';
import { incidentBench, minute, second } from './bench.ts';

const status = fastCheck.constantFrom<ComponentStatus>(
  'operational',
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'unknown',
);
const keys = ['install/python', 'install/nuget', 'website'] as const;

const step = fastCheck.record({
  seen: fastCheck.record(Object.fromEntries(keys.map((key) => [key, status]))),
  seconds: fastCheck.integer({ min: 1, max: 400 }),
  act: fastCheck.constantFrom('nothing', 'nothing', 'nothing', 'write', 'monitor', 'merge', 'restart'),
});

test('each failing component is in exactly one open incident, and probes write no faster than they may', () => {
  const steps = fastCheck.array(step, { minLength: 1, maxLength: 12 });
  fastCheck.assert(
    fastCheck.property(steps, (all) => {
      const bench = incidentBench();
      for (const { seen, seconds, act } of all) {
        for (let passed = 0; passed < seconds; passed += 20) {
          bench.watch(second, seen);
          bench.clock.at += 19 * second;
          checkComponents(bench.incidents.list(), seen);
        }
        // What was told in two incidents before they were merged may have been told in the same second.
        const merged = new Set(
          bench.changes.filter(({ what }) => what === 'merged').map(({ incident }) => incident.id),
        );
        checkPauses(bench.incidents.list().filter(({ id }) => !merged.has(id)));
        doSomething(bench, act);
      }
      // Left alone and well, everything that nobody has taken over is resolved.
      bench.watch(7 * minute);
      const left = bench.incidents
        .list()
        .filter((one) => isOpen(one) && one.updates.every(({ author }) => author === 'probes'));
      assert.deepEqual(left, []);
    }),
    { numRuns: 60 },
  );
});

function checkComponents(incidents: readonly Incident[], seen: Readonly<Record<string, ComponentStatus>>): void {
  const open = incidents.filter(isOpen);
  for (const key of keys) {
    const about = open.filter(({ components }) => components.some((component) => component.key === key));
    assert.ok(about.length <= 1, `${key} is in ${about.map(({ name }) => name)}`);
    const isOut = seen[key] === 'major_outage' || seen[key] === 'partial_outage';
    if (isOut) assert.equal(about.length, 1, `${key} fails, and no open incident says so`);
  }
  for (const { startedAt, resolvedAt, updates } of incidents) {
    assert.ok(resolvedAt === undefined || resolvedAt >= startedAt);
    assert.deepEqual(
      updates.map(({ displayAt }) => displayAt),
      updates.map(({ displayAt }) => displayAt).sort((a, b) => b - a),
    );
  }
}

/** Between two texts that tell of failures; good news and the end of it come when they come. */
function checkPauses(incidents: readonly Incident[]): void {
  for (const { updates } of incidents) {
    const told = updates.filter(({ author, status: said }) => author === 'probes' && said !== 'resolved');
    const isAgain = (body: string) => body.startsWith('It fails again.');
    for (const [index, update] of told.entries()) {
      const before = told[index + 1];
      if (before === undefined || update.status === 'monitoring' || isAgain(update.body)) continue;
      assert.ok(update.createdAt - before.createdAt >= growPauseMs, `${update.body} after ${before.body}`);
    }
  }
}

function doSomething(bench: ReturnType<typeof incidentBench>, act: string): void {
  if (act === 'restart') bench.restart();
  const [newest, other] = bench.incidents.list().filter(isOpen);
  if (newest === undefined || act === 'restart' || act === 'nothing') return;
  const words = { body: 'Something.', author: 'Ada' };
  const done =
    act === 'merge' && other !== undefined
      ? bench.incidents.merge(newest.id, other.id)
      : bench.incidents.update(newest.id, act === 'monitor' ? { status: 'monitoring', ...words } : words);
  assert.ok(!isRefusal(done));
}
