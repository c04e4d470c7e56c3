/** The process dies at any moment: what was kept is there once, what was not kept is not there at all, and nothing is damaged. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'node:test';
import { openStatusDatabase } from '../../../src/status/database.ts';
import { openHistory } from '../../../src/status/history/open-history.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { projectFolder, temporaryFolder } from '../../gallery.ts';
import { day, hour, movedClock, opened } from './opened.ts';

const living = join(import.meta.dirname, 'living.ts');
const began = Date.parse('2026-11-20T00:00:00Z');

/** Lives until so many lines were said, then dies; returns the last line that was heard. */
async function liveAndDie(file: string, from: number, lines: number): Promise<[count: number, at: number]> {
  const child = spawn(join(projectFolder, 'holdfast'), ['run', living, file, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const whole = said.slice(0, said.lastIndexOf('\n'));
  const [count = 0, at = 0] = (whole.split('\n').at(-1) ?? '').split(' ').map(Number);
  return [count, at];
}

test('whenever the process is killed, kept results are there once and in every resolution', async (t) => {
  const file = join(await temporaryFolder(t), 'status.sqlite');
  let from = began;
  let least = 0;
  for (const lines of [1, 150, 700, 1_300]) {
    const [count, at] = await liveAndDie(file, from, lines);
    const { db, history, clock } = opened(at + day, undefined, file);
    assert.deepEqual({ ...db.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' });
    const { good, bad } = history.events('install', from, at + day);
    assert.ok(good + bad >= count, `${good + bad} of at least ${count} results`);
    assert.ok((good + bad) % 20 === 0, 'a keep is there whole or not at all');
    least += good + bad;
    // Each hour is asked for by itself as well: finer tables, the same sum.
    let sum = 0;
    for (let hourFrom = began; hourFrom < at + day; hourFrom += hour / 7) {
      const one = history.events('install', hourFrom, hourFrom + hour / 7);
      sum += one.good + one.bad;
    }
    assert.equal(sum, least);
    const counted = history.days('install', clock.now()).reduce((ms, { upMs, downMs }) => ms + upMs + downMs, 0);
    assert.ok(counted >= least * 3_000 - 4 * 63_000 && counted <= least * 3_000, `${counted} ms were measured`);
    db.close();
    from = at + day;
  }
  const db = openStatusDatabase(file, schemaSteps);
  t.after(() => db.close());
  assert.equal(openHistory({ db, clock: movedClock(from) }).events('install', 0, from).good > 0, true);
});
