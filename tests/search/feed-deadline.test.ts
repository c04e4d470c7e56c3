/**
 * The deadline of a query of the v2 protocol: the clock is looked at whatever the rows are and whatever a filter says of them. Each
 * question here comes too late already, so that one look at the clock ends it.
 */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { readFilter } from '../../src/odata/read-filter.ts';
import { feedFields } from '../../src/protocols/nuget-v2/fields.ts';
import { type Answer, answerer } from '../../src/search/ask.ts';
import { TooSlowError } from '../../src/search/conditions.ts';
import { createSearchFile } from '../../src/search/file.ts';
import { searchWriter } from '../../src/search/writer.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { temporaryFolder } from '../gallery.ts';
import { searchedPackageOf } from './made-file.ts';

const versionsOfMany = 300;
const longText = 'long '.repeat(100_000);
let ask: Answer;

before(async (context) => {
  const t = context as TestContext;
  const folder = await temporaryFolder(t);
  const db = createSearchFile(`${folder}/search.sqlite`, 0n);
  t.after(() => db.close());
  const writer = searchWriter(db);
  for (let index = 0; index < 300; index += 1) writer.put(searchedPackageOf({ id: `Demo.N${index}` }, index));
  // The first entry of a feed is one at which the clock is looked at; those behind it are not.
  writer.put(searchedPackageOf({ id: 'Demo.First', feed: 'few' }, 300));
  const many = searchedPackageOf({ id: 'Many', feed: 'few' }, 301);
  const versions = Array.from({ length: versionsOfMany }, (_, at) => ({ ...many.versions[0]!, lower: `1.${at}.0` }));
  writer.put({ ...many, versions });
  const long = searchedPackageOf({ id: 'Long', feed: 'few' }, 302);
  const feedEntry = JSON.stringify({ description: longText });
  writer.put({ ...long, entries: [{ ...long.entries[0]!, feedEntry }] });
  ask = answerer(db);
});

function askFeed(feed: string, filter: string, hasAllVersions: boolean, deadlineMs: number) {
  const read = readFilter(filter, feedFields);
  if (isRefusal(read)) assert.fail(read.message);
  const about = { kind: 'feed', population: 'all', text: '', orderBy: [], skip: 0, take: 10 } as const;
  return ask({ ...about, feed, filter: read, hasAllVersions, hasPrerelease: true, hasSemVer2: true }, deadlineMs);
}

test('a filter that lets nothing through is ended like any other', () => {
  for (const filter of ["indexof(Id,'none') ge 0", "substringof('no',Id)", "substringof('none',Description)"]) {
    for (const hasAllVersions of [false, true]) {
      assert.throws(() => askFeed('main', filter, hasAllVersions, -1), TooSlowError, filter);
      assert.equal(askFeed('main', filter, hasAllVersions, 60_000).total, 0);
    }
  }
});

test('the versions of a single package are as many as those of a gallery', () => {
  const filter = "startswith(Id,'Many') and substringof('none',NormalizedVersion)";
  assert.throws(() => askFeed('few', filter, true, -1), TooSlowError);
  assert.equal(askFeed('few', filter, true, 60_000).total, 0);
});

test('one entry with a filter of many parts is enough to look at the clock', () => {
  const parts = Array.from({ length: 100 }, (_, at) => `substringof('z${at}',Description)`);
  assert.throws(() => askFeed('few', `startswith(Id,'Long') and (${parts.join(' or ')})`, false, -1), TooSlowError);
});

test('a text that is long is enough too', () => {
  assert.throws(() => askFeed('few', "startswith(Id,'Long') and length(Description) eq 1", false, -1), TooSlowError);
});

test('texts that a filter puts together are bounded', () => {
  const all = (count: number): string =>
    count === 1 ? 'Description' : `concat(${all(count >> 1)},${all(count - (count >> 1))})`;
  const ofLong = (condition: string) => askFeed('few', `startswith(Id,'Long') and ${condition}`, false, 60_000);
  assert.throws(() => ofLong(`length(${all(200)}) eq 1`), TooSlowError);
  assert.equal(ofLong(`length(${all(2)}) eq ${2 * longText.length}`).total, 1);
});
