/** Signs of life of others: heard, late, not known; addresses with tokens; our own absence. */
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openStatusDatabase } from '../../../src/status/database.ts';
import { type Heartbeats, openHeartbeats } from '../../../src/status/heartbeats/heartbeats.ts';
import { installationSecret } from '../../../src/status/heartbeats/installation-secret.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { systemRandom } from '../../../src/std/random.ts';
import { isRefusal } from '../../../src/std/refusals.ts';
import { temporaryFolder } from '../../gallery.ts';
import { type HandClock, handClock } from '../channels/receivers.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const secret = Buffer.alloc(32, 7);
const backup = { name: 'backup', everySeconds: 86_400, graceSeconds: 3_600, means: 'the nightly backup was verified' };

interface House {
  readonly clock: HandClock;
  heartbeats: Heartbeats;
  /** Time passes while the service listens. */
  pass(ms: number): void;
  restart(downMs: number): void;
  isFiring(): boolean | undefined;
}

async function house(t: TestContext): Promise<House> {
  const clock = handClock('2026-11-21T12:00:00Z');
  const file = join(await temporaryFolder(t), 'status.sqlite');
  let db = openStatusDatabase(file, schemaSteps);
  const open = () => openHeartbeats({ db, clock, secret, configured: () => [backup] });
  t.after(() => db.close());
  const made: House = {
    clock,
    heartbeats: open(),
    pass(ms) {
      for (let left = ms; left > 0; left -= 30_000) {
        clock.advance(Math.min(left, 30_000));
        made.heartbeats.keep();
      }
    },
    restart(downMs) {
      db.close();
      clock.advance(downMs);
      db = openStatusDatabase(file, schemaSteps);
      made.heartbeats = open();
    },
    isFiring: () => made.heartbeats.conditions()[0]!.isFiring,
  };
  return made;
}

const tokenOf = ({ heartbeats }: House) => heartbeats.states()[0]!.path.split('/').at(-1)!;

test('before the first one nothing is known, and after its time it is late', async (t) => {
  const it = await house(t);
  assert.equal(it.isFiring(), undefined);
  it.pass(25 * hour);
  assert.equal(it.isFiring(), undefined);
  it.pass(minute);
  assert.equal(it.isFiring(), true);
  assert.match(
    it.heartbeats.conditions()[0]!.text,
    /never been heard.*\nWhat it means: the nightly backup was verified/s,
  );
});

test('one that was heard is in time until its rhythm and its grace are over', async (t) => {
  const it = await house(t);
  const token = tokenOf(it);
  assert.equal(it.heartbeats.hear('backup', token), it.clock.now());
  it.pass(25 * hour);
  assert.equal(it.isFiring(), false);
  it.pass(minute);
  assert.equal(it.isFiring(), true);
  it.heartbeats.hear('backup', token);
  assert.equal(it.isFiring(), false);
});

test('the address holds a token that follows from the secret; any other is not found', async (t) => {
  const it = await house(t);
  const [state] = it.heartbeats.states();
  assert.match(state!.path, /^\/heartbeats\/backup\/[0-9a-f]{32}$/);
  const token = tokenOf(it);
  for (const [name, wrong] of [
    ['backup', ''],
    ['backup', `${token}0`],
    ['backup', token.toUpperCase()],
    ['other', token],
    ['', ''],
  ] as const) {
    const answer = it.heartbeats.hear(name, wrong);
    assert.ok(isRefusal(answer) && answer.code === 'not-found', `${name} ${wrong}`);
  }
  assert.equal(it.heartbeats.states()[0]?.heardAt, undefined);
});

test('a restart forgets nothing, and one right before its time excuses what may have come meanwhile', async (t) => {
  const it = await house(t);
  it.heartbeats.hear('backup', tokenOf(it));
  it.pass(10 * hour);
  it.restart(10 * minute);
  assert.equal(it.isFiring(), false, 'it was not due');
  it.pass(13 * hour);
  it.restart(2 * hour);
  assert.equal(it.isFiring(), undefined, 'it was due while nobody listened');
  it.pass(25 * hour);
  assert.equal(it.isFiring(), undefined);
  it.pass(minute);
  assert.equal(it.isFiring(), true);
});

test('restarting every day hides no heartbeat that does not come', async (t) => {
  const it = await house(t);
  it.heartbeats.hear('backup', tokenOf(it));
  let firedAfterMs = 0;
  for (let passed = 0; passed < 3 * day && firedAfterMs === 0; passed += 6 * hour) {
    it.pass(6 * hour - minute);
    it.restart(minute);
    if (it.isFiring()) firedAfterMs = passed + 6 * hour;
  }
  assert.equal(firedAfterMs, 30 * hour);
});

test('one that was late before the service went away is late when it is back', async (t) => {
  const it = await house(t);
  it.heartbeats.hear('backup', tokenOf(it));
  it.pass(26 * hour);
  it.restart(5 * hour);
  assert.equal(it.isFiring(), true);
});

test('the secret is made once, for its owner alone, and anything else in its file is refused', async (t) => {
  const folder = join(await temporaryFolder(t), 'status');
  const made = installationSecret(folder, systemRandom);
  assert.equal(made.length, 32);
  assert.deepEqual(installationSecret(folder, systemRandom), made);
  assert.equal(statSync(join(folder, 'secret')).mode & 0o777, 0o600);
  writeFileSync(join(folder, 'secret'), 'x');
  assert.throws(() => installationSecret(folder, systemRandom), /64 hexadecimal digits/);
});
