/**
 * Fifty kills of the write process while eight publishers work. `KILLS` and `SEED` set other numbers; as many kills as one
 * likes: `KILLS=1000 SEED=7 ./holdfast run tests/crash/long-sweep.ts`.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import test from 'node:test';
import { sweep } from './sweep.ts';

const kills = Number(process.env.KILLS ?? 50);
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
/** Kills within which a planted fault must show. */
const killsUntilCaught = 15;

test('the write process can be killed at any moment: nothing acknowledged is lost or comes back, and repeats succeed', async (t) => {
  t.diagnostic(`KILLS=${kills} SEED=${seed}`);
  const report = await sweep({ seed, kills });
  t.diagnostic(JSON.stringify(report));
  const replay = `again with: KILLS=${kills} SEED=${seed} ./holdfast run tests/crash/long-sweep.ts`;
  assert.equal(report.violations.join('\n'), '', replay);
  assert.equal(report.kills, kills);
  assert.ok(report.interrupted > kills, `kills must fall within publishes; ${replay}`);
  assert.ok(report.repeats > kills / 2, `publishes must be repeated; ${replay}`);
  assert.ok(report.steps > kills, `packages must be yanked, quarantined and deleted; ${replay}`);
});

const faults: readonly (readonly [fault: string, complaint: RegExp])[] = [
  ['answer before the record', /was acknowledged, but its record is not in the store/],
  [
    'answer before the documents',
    /was acknowledged, but (no document names it|one of its documents does not name it)|its page (shows|is not there)/,
  ],
  ['answer before what is deleted is gone', /is answered 200, and ought to be gone/],
  [
    'documents before the files they lead to',
    /is visible, but its (bytes|metadata) cannot be fetched|its page names .*, which is answered 404/,
  ],
];

for (const [fault, complaint] of faults) {
  test(`the kills catch a planted fault: ${fault}`, async (t) => {
    const report = await sweep({ seed, kills: killsUntilCaught, fault });
    t.diagnostic(`SEED=${seed}: caught by kill ${report.kills} after ${report.seconds} s`);
    assert.match(report.violations.join('\n'), complaint);
  });
}
