/** What a process that died left behind is removed when it is old, and nothing else is. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { found } from '../../src/accounts/found.ts';
import { openGallery } from '../../src/app.ts';
import { cleanUp } from '../../src/upkeep/clean-up.ts';
import { freshConfig } from '../crash/in-process.ts';

test('unfinished files and blobs that nothing needs go after an hour, and not before', async (t) => {
  const gallery = await openGallery(await freshConfig(t), 'write');
  t.after(() => gallery.close());
  await found(gallery);
  const { incoming, store } = gallery.folders;
  const orphan = 'ab'.padEnd(64, '0');
  const files = ['old', 'young'].flatMap((age) => [
    { age, path: join(incoming, age) },
    { age, path: join(store, 'unfinished', age) },
    { age, path: join(store, 'l1', 'blobs', 'sha256', 'ab', `${orphan.slice(0, 60)}${age.slice(0, 3)}0`) },
  ]);
  const twoHoursAgoSeconds = gallery.clock.now() / 1_000 - 7_200;
  for (const { age, path } of files) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, 'x');
    if (age === 'old') utimesSync(path, twoHoursAgoSeconds, twoHoursAgoSeconds);
  }
  assert.deepEqual(await cleanUp(gallery), { temporaryFiles: 2, blobs: 1 });
  for (const { age, path } of files) assert.equal(existsSync(path), age === 'young', path);
});
