/** Search in trouble: switched off, locked, damaged, deleted, too slow. It says so in words, nothing else notices, and it mends. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { openLog } from '../../src/observe/log.ts';
import { openSearcher } from '../../src/search/searcher.ts';
import { systemClock } from '../../src/std/clock.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { publishNupkg } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { everyPackage, madeFile } from './made-file.ts';

const fileOf = (gallery: TestGallery) => join(gallery.dataDir, 'search.sqlite');
const ask = (gallery: TestGallery, query: string, part = 'search') => fetch(`${gallery.url}/v3/${part}?${query}`);

async function finds(gallery: TestGallery, query: string): Promise<boolean> {
  const answer = await ask(gallery, query);
  return answer.ok && ((await answer.json()) as { totalHits: number }).totalHits === 1;
}

/** Publishing and installing, as if nothing were the matter. */
async function assertOthersWork(gallery: TestGallery, id: string): Promise<void> {
  await publishNupkg(gallery, { id, version: '1.0.0' });
  const file = `${id}/1.0.0/${id}.1.0.0.nupkg`.toLowerCase();
  assert.equal((await fetch(`${gallery.url}/v3/flat/${file}`)).status, 200);
}

async function assertRefused(gallery: TestGallery, words: RegExp): Promise<void> {
  const answer = await ask(gallery, 'q=first');
  assert.equal(answer.status, 503, await answer.clone().text());
  assert.match(await answer.text(), words);
  assert.match(answer.statusText, words);
  assert.ok(Number(answer.headers.get('retry-after')) > 0);
}

async function verifySearch(gallery: TestGallery): Promise<{ exitCode: number; findings: string[] }> {
  const { exitCode, stdout } = await gallery.command('verify', '--json', '--quick');
  const report = JSON.parse(stdout) as { findings: { kind: string; key: string }[] };
  return { exitCode, findings: report.findings.map(({ kind, key }) => `${kind} ${key}`) };
}

test('with search switched off, it says so and everything else works; index keeps the file as it is', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_SEARCH_OFF: 'search,index' });
  await assertOthersWork(gallery, 'First.Package');
  await assertRefused(gallery, /switched search off .* installing and publishing work/);
  assert.equal((await ask(gallery, 'q=first', 'autocomplete')).status, 503, 'there is no file yet');
  await gallery.stop();

  const again = await startGallery(t, { HOLDFAST_SEARCH_OFF: 'autocomplete' }, gallery.dataDir);
  await waitFor(() => finds(again, 'q=first'));
  assert.match((await ask(again, 'q=first', 'autocomplete')).statusText, /switched autocomplete off/);
});

test('a file that is locked or damaged is a 503 in words, hurts nothing else, and is mended', async (t) => {
  const gallery = await startGallery(t);
  await assertOthersWork(gallery, 'First.Package');
  await settled(gallery);

  // Nobody has it open yet: whoever reads a file with a write-ahead log cannot be locked out any more.
  const stranger = new DatabaseSync(fileOf(gallery), { timeout: 5_000 });
  stranger.exec('pragma locking_mode = exclusive; begin immediate;');
  await assertRefused(gallery, /Search is unavailable for the moment; installing and publishing work/);
  await assertOthersWork(gallery, 'Second.Package');
  stranger.exec('rollback');
  stranger.close();
  await waitFor(() => finds(gallery, 'q=second'));

  // Another file in its place, as after a restore gone wrong; and one whose inside is spoilt.
  for (const [id, spoil] of [
    ['Third.Package', () => writeFileSync(`${fileOf(gallery)}`, 'not a database at all '.repeat(1_000))],
    ['Fourth.Package', () => truncateSync(fileOf(gallery), Math.floor(statSync(fileOf(gallery)).size / 2))],
    ['Fifth.Package', () => rmSync(fileOf(gallery))],
    ['Sixth.Package', () => writeFileSync(fileOf(gallery), '')],
  ] as const) {
    spoil();
    const answer = await ask(gallery, 'q=first');
    assert.ok(answer.status === 200 || answer.status === 503, `${id}: ${answer.status}`);
    await assertOthersWork(gallery, id);
    await waitFor(() => finds(gallery, `q=${id}`));
    await waitFor(() => finds(gallery, 'q=first'));
  }
  await settled(gallery);
  assert.deepEqual(await verifySearch(gallery), { exitCode: 0, findings: [] });
  assert.deepEqual(
    readdirSync(gallery.dataDir).filter((name) => name.endsWith('.new')),
    [],
  );
});

async function settled(gallery: TestGallery): Promise<void> {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
}

test('verify finds what search tells wrongly; rebuild makes it right while searches go on', async (t) => {
  const gallery = await startGallery(t);
  for (const id of ['First.Package', 'Second.Package', 'Third.Package']) await assertOthersWork(gallery, id);
  await settled(gallery);
  assert.deepEqual(await verifySearch(gallery), { exitCode: 0, findings: [] });
  const spoil = () => {
    const db = new DatabaseSync(fileOf(gallery), { timeout: 5_000 });
    db.exec(`update documents set document = replace(document, '1.0.0', '9.9.9') where entry_id =
      (select id from entries where normalized_id = 'first.package')`);
    db.exec(`delete from packages where normalized_id = 'second.package'`);
    db.exec(`insert into packages values (999999, 'main', 'ghost.package', 1, 0)`);
    db.close();
  };
  for (const how of [['rebuild', '--search'], ['rebuild']]) {
    spoil();
    assert.deepEqual(await verifySearch(gallery), {
      exitCode: 1,
      findings: [
        'wrong search.sqlite: main/first.package',
        'missing search.sqlite: main/second.package',
        'surplus search.sqlite: main/ghost.package',
      ],
    });
    let isOver = false;
    const searching = (async () => {
      let asked = 0;
      for (; !isOver; asked += 1) assert.equal((await ask(gallery, 'q=third')).status, 200);
      return asked;
    })();
    const rebuilt = await gallery.command(...how);
    isOver = true;
    assert.match(rebuilt.stdout, /3 packages put into search/);
    assert.ok((await searching) > 10);
    assert.deepEqual(await verifySearch(gallery), { exitCode: 0, findings: [] });
  }
});

test('a file that is older than the catalogue is brought up to date at the start', async (t) => {
  const gallery = await startGallery(t);
  await assertOthersWork(gallery, 'First.Package');
  await settled(gallery);
  await gallery.stop();
  const db = new DatabaseSync(fileOf(gallery));
  db.exec(`update packages set serial = 1; update documents set document = replace(document, '1.0.0', '0.0.1')`);
  db.close();
  const again = await startGallery(t, {}, gallery.dataDir);
  await waitFor(async () => (await (await ask(again, 'q=first')).text()).includes('"version":"1.0.0","title"'));
  // The address is another one now, so documents are wrong; search holds no address.
  const { findings } = await verifySearch(again);
  assert.deepEqual(
    findings.filter((finding) => finding.includes('search')),
    [],
  );
});

test('a file that contradicts itself is made again', async (t) => {
  const gallery = await startGallery(t);
  await assertOthersWork(gallery, 'First.Package');
  await settled(gallery);
  const db = new DatabaseSync(fileOf(gallery), { timeout: 5_000 });
  db.exec('delete from entries');
  db.close();
  await assertOthersWork(gallery, 'Second.Package');
  for (const word of ['first', 'second']) await waitFor(() => finds(gallery, `q=${word}`));
});

test('a search that takes too long is given up, and the next one is answered', async (t) => {
  const file = await madeFile(
    t,
    Array.from({ length: 3_000 }, (_, index) => ({ id: `Package.P${index}`, description: 'common words everywhere' })),
  );
  const parts = { file, clock: systemClock, log: openLog('test', 'silent') };
  const searcher = openSearcher({ ...parts, atOnceMax: 4, deadlineMs: 150, busyMs: 60_000 });
  t.after(() => searcher.close());
  const request = { ...everyPackage, text: 'common words' };
  // The thread waits inside SQLite for a lock, where nothing can call it back.
  const stranger = new DatabaseSync(file);
  stranger.exec('pragma locking_mode = exclusive; begin immediate;');
  const startedAt = performance.now();
  let turns = 0;
  const turning = setInterval(() => {
    turns += 1;
  }, 10);
  const answers = await Promise.all(Array.from({ length: 8 }, () => searcher.ask(request)));
  clearInterval(turning);
  assert.ok(performance.now() - startedAt < 5_000);
  assert.ok(turns > 5, 'the process goes on meanwhile');
  assert.deepEqual(answers.map((answer) => isRefusal(answer) && answer.code).sort(), [
    ...Array(4).fill('busy'),
    ...Array(4).fill('unavailable'),
  ]);
  stranger.exec('rollback');
  stranger.close();
  await waitFor(async () => !isRefusal(await searcher.ask(request)));
});
