/** From results to states: thresholds, silence, and results that tell nothing. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ProbeResult } from '../../../src/status/probes/probe.ts';
import { advance, isUndecided, newTally, stateAt, type Tally } from '../../../src/status/watch/thresholds.ts';

const thresholds = { failAfter: 2, recoverAfter: 3 };
const result = (verdict: ProbeResult['verdict']): ProbeResult => ({
  verdict,
  durationMs: 5,
  words: '',
  steps: [],
  measures: {},
});

function after(verdicts: string, from: Tally = newTally(0)): Tally {
  const words = { g: 'good', b: 'bad', u: 'unknown' } as const;
  return [...verdicts].reduce(
    (tally, letter, index) => advance(tally, result(words[letter as 'g']), (index + 1) * 10, thresholds),
    from,
  );
}

test('one failure is no outage, two in a row are, and it began with the first of them', () => {
  assert.equal(after('gb').state, 'up');
  assert.ok(isUndecided(after('gb')));
  const down = after('gbb');
  assert.equal(down.state, 'down');
  assert.equal(down.firstAt, 20);
  assert.equal(down.since, 30);
  assert.equal(after('gbgb').state, 'up', 'not in a row');
});

test('what was down is up again after as many successes in a row as were asked for', () => {
  assert.equal(after('gbbgg').state, 'down');
  assert.equal(after('gbbggbgg').state, 'down');
  assert.equal(after('gbbggg').state, 'up');
});

test('after a start the first success is believed, and a first failure is not yet', () => {
  assert.equal(after('g').state, 'up');
  assert.equal(after('b').state, 'unknown');
  assert.equal(after('bb').state, 'down');
});

test('a result that tells nothing changes nothing', () => {
  assert.equal(after('gbub').state, 'down');
  assert.equal(after('gu').state, 'up');
});

test('a probe that tells nothing for too long is unknown, and not what it last was', () => {
  const up = after('guuuu');
  assert.equal(stateAt(up, 100, 95), 'up');
  assert.equal(stateAt(up, 106, 95), 'unknown');
  assert.equal(stateAt(newTally(0), 0, 95), 'unknown');
});
