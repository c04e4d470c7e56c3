/** A question and a publish at the same time: the answer is of one state of the search file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSearchFile } from '../../src/search/file.ts';
import { searchWriter } from '../../src/search/writer.ts';
import { askingFile, madeFile, searchedPackageOf } from './made-file.ts';

test('packages that are written anew while a question is answered do not spoil the answer', async (t) => {
  const packages = Array.from({ length: 300 }, (_, index) => ({ id: `Package.P${index}`, description: 'common' }));
  const file = await madeFile(t, packages);
  const ask = askingFile(t, file);
  const db = openSearchFile(file, { busyMs: 1_000, isReadOnly: false });
  t.after(() => db.close());
  const writer = searchWriter(db);
  const { now } = performance;
  let looks = 0;
  let writesAt = 0;
  let serial = 1_000_000;
  // The clock is looked at while the engine goes through the entries.
  t.mock.method(performance, 'now', () => {
    looks += 1;
    if (looks === writesAt) {
      serial += 1_000;
      db.exec('begin');
      for (const [index, one] of packages.entries()) {
        writer.put({ ...searchedPackageOf(one, index), serial: BigInt(serial + index) });
      }
      db.exec('commit');
    }
    return now.call(performance);
  });
  do {
    looks = 0;
    writesAt += 1;
    const { total, hits } = ask('common', { skip: 0, take: 300 });
    assert.deepEqual([total, hits.length], [300, 300], `written at look ${writesAt}`);
  } while (looks >= writesAt);
  assert.ok(writesAt > 3, 'they were written in the middle of it');
});
