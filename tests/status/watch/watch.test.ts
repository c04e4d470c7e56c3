/** Probes in loops: deadlines, confirmation, thresholds, and failures that are our own network's. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openLog } from '../../../src/observe/log.ts';
import type { Probe, ProbeResult } from '../../../src/status/probes/probe.ts';
import { startWatch, type WatchParts } from '../../../src/status/watch/watch.ts';
import { type Clock, systemClock } from '../../../src/std/clock.ts';
import { systemRandom } from '../../../src/std/random.ts';
import { waitFor } from '../../gallery.ts';

const good: ProbeResult = { verdict: 'good', durationMs: 1, words: '', steps: [], measures: {} };
const bad: ProbeResult = { ...good, verdict: 'bad', words: 'it does not' };

function probe(run: Probe['run'], more: Partial<Probe> = {}): Probe {
  const names = { id: 'p', title: 'A probe', component: 'website', check: 'page', part: '' };
  return { ...names, everyMs: 20, deadlineMs: 60, staleMs: 60_000, run, ...more };
}

function watchFor(t: TestContext, more: Partial<WatchParts> = {}) {
  const results: ProbeResult[] = [];
  const watch = startWatch({
    probing: {
      everySeconds: 15,
      failAfter: 2,
      recoverAfter: 2,
      confirmSeconds: 5,
      jitter: 0.1,
    } as WatchParts['probing'],
    clock: systemClock,
    random: systemRandom,
    log: openLog('test', 'silent'),
    isOwnNetworkUp: async () => true,
    onResult: (_probe, result) => results.push(result),
    ...more,
  });
  t.after(() => watch.stop());
  const state = () => watch.states(systemClock.now())[0]?.state;
  return { watch, results, state };
}

test('a probe that never ends is cut off at its deadline, whether it listens to it or not', async (t) => {
  const { watch, results, state } = watchFor(t);
  let hasHeard = false;
  watch.setProbes([
    probe((signal) => {
      signal.addEventListener('abort', () => (hasHeard = true));
      return new Promise(() => undefined);
    }),
  ]);
  await waitFor(() => state() === 'down');
  assert.ok(hasHeard);
  assert.ok(results.length >= 2);
  assert.match(results[0]?.words ?? '', /no end within 0\.06 s/);
});

test('a probe never overlaps itself, and stops with the watch', async (t) => {
  let [underWay, most, runs] = [0, 0, 0];
  const { watch } = watchFor(t);
  watch.setProbes([
    probe(async () => {
      underWay += 1;
      runs += 1;
      most = Math.max(most, underWay);
      await systemClock.sleep(30);
      underWay -= 1;
      return good;
    }),
  ]);
  await waitFor(() => runs >= 4);
  await watch.stop();
  const runsAtStop = runs;
  await systemClock.sleep(80);
  assert.equal(runs, runsAtStop);
  assert.equal(most, 1);
});

test('failures count as nothing while our own network is away', async (t) => {
  let isUp = false;
  const { watch, results, state } = watchFor(t, { isOwnNetworkUp: async () => isUp });
  watch.setProbes([probe(async () => bad)]);
  await waitFor(() => results.length >= 4);
  assert.equal(state(), 'unknown');
  assert.match(results[0]?.words ?? '', /our own network is down/);
  isUp = true;
  await waitFor(() => state() === 'down');
});

test('a probe that throws is a fault of the probe, and says nothing of the gallery', async (t) => {
  const { watch, results, state } = watchFor(t);
  watch.setProbes([probe(() => Promise.reject(new Error('out of order')))]);
  await waitFor(() => results.length >= 3);
  assert.equal(state(), 'unknown');
  assert.match(results[0]?.words ?? '', /out of order/);
});

test('what was known of probes outlives a watch that makes way for another', async (t) => {
  const first = watchFor(t);
  first.watch.setProbes([probe(async () => bad)]);
  await waitFor(() => first.state() === 'down');
  await first.watch.stop();
  const second = watchFor(t, { remembered: first.watch.memory() });
  second.watch.setProbes([probe(() => new Promise(() => undefined), { deadlineMs: 60_000 })]);
  assert.equal(second.state(), 'down');
});

test('probes that stay keep their state when the list changes, and those that are gone stop', async (t) => {
  const { watch, state } = watchFor(t);
  watch.setProbes([probe(async () => bad), probe(async () => good, { id: 'q' })]);
  await waitFor(() => state() === 'down');
  watch.setProbes([probe(async () => bad)]);
  assert.equal(state(), 'down');
  assert.equal(watch.states(systemClock.now()).length, 1);
});

test('a clock that is set back makes no old result a new one', async (t) => {
  let [backMs, passedMs] = [0, 0];
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + passedMs - backMs,
    monotonicMs: () => systemClock.monotonicMs() + passedMs,
  };
  let isUp = true;
  const { watch, results } = watchFor(t, { clock });
  const state = () => watch.states(clock.now())[0]?.state;
  const unknown: ProbeResult = { ...good, verdict: 'unknown' };
  watch.setProbes([probe(async () => (isUp ? good : unknown), { staleMs: 120_000 })]);
  await waitFor(() => state() === 'up');
  isUp = false;
  const before = results.length;
  await waitFor(() => results.length > before + 1);
  backMs = 3_600_000;
  passedMs = 130_000;
  assert.equal(state(), 'unknown');
});

test('two hundred probes that hang are found down, every one of them, before their results are old', async (t) => {
  // A thousandth of 10 s, 15 s, 5 s and 120 s, ten times as slow.
  const { watch } = watchFor(t, {
    probing: { failAfter: 2, recoverAfter: 2, confirmSeconds: 0.05, jitter: 0.1 } as never,
  });
  const hang: Probe['run'] = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const hanging = Array.from({ length: 200 }, (_, one) =>
    probe((signal) => hang(signal).catch(() => bad), { id: `p${one}`, everyMs: 150, deadlineMs: 100, staleMs: 1_200 }),
  );
  watch.setProbes(hanging);
  await waitFor(() => watch.states(systemClock.now()).every(({ state }) => state === 'down'));
});

test('a slow probe that is down is tried again soon, so that the end of an outage is seen', async (t) => {
  const probing = { everySeconds: 0.02, failAfter: 2, recoverAfter: 2, confirmSeconds: 0.01, jitter: 0 };
  const { watch, state } = watchFor(t, { probing: probing as WatchParts['probing'] });
  let isWell = false;
  watch.setProbes([probe(async () => (isWell ? good : bad), { everyMs: 86_400_000 })]);
  await waitFor(() => state() === 'down');
  await systemClock.sleep(50);
  isWell = true;
  await waitFor(() => state() === 'up');
});
