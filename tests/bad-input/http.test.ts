/** Every row about HTTP itself, byte by byte, against a real gallery: the answer, its cost, and that the gallery goes on. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { basic } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { pushNupkg } from '../publish/upload.ts';
import { Cost } from './cost.ts';
import { httpRows } from './http-rows.ts';
import { assertSays } from './row.ts';
import { settings } from './settings.ts';
import { converse } from './socket.ts';

let gallery: TestGallery;
let credentials = '';
let cost: Cost;

before(async (t) => {
  gallery = await startGallery(t as TestContext, settings);
  credentials = `Authorization: ${basic(gallery.token)}\r\n`;
  cost = new Cost(gallery);
  const made = await makeNupkg({ id: 'Good.Input', version: '1.0.0' });
  assert.equal((await pushNupkg(gallery, made.bytes)).status, 201);
});

/** Two answers in a row on one connection: is the second one still read where it begins? */
const keptOpen = `GET /api/health HTTP/1.1\r\nHost: gallery\r\nConnection: close\r\n\r\n`;

for (const row of httpRows) {
  test(`${row.heading}: ${row.name}`, async () => {
    const steps = await row.steps(credentials, '');
    const answersMax = (row.answersBefore ?? 0) + 1;
    const methods = steps.map((step) => /^[A-Z]+/.exec(String(step))?.[0] ?? '');
    const { result, diskBytes, memoryMiB } = await cost.watch(() =>
      converse(gallery.port, steps, { answersMax, methods }),
    );
    const answers = result.answers.filter(({ status }) => status >= 200);
    const answer = answers[answersMax - 1];
    assert.ok(answer !== undefined && answers.length === answersMax, `${answers.length} answers came`);
    assert.equal(answer.status, row.status, answer.body.toString());
    if (row.says !== '') {
      assertSays(answer.reason, row.says, 'reason phrase');
      assert.equal(answer.body.toString(), `${answer.reason}\n`);
    }
    assert.ok(memoryMiB < row.bound.memoryMiB, `memory grew by ${memoryMiB.toFixed(1)} MiB`);
    if (row.bound.disk === 'nothing') assert.equal(diskBytes, 0);
    const health = await converse(gallery.port, [keptOpen]);
    assert.equal(health.answers[0]?.status, 200, 'the gallery goes on');
  });
}

test('who waits for 100 hears it only when its credentials are good', async () => {
  const refused = httpRows.find(({ name }) => name === 'an announced body, no credentials');
  const { answers } = await converse(gallery.port, await refused!.steps('', ''));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401],
  );
  assert.equal(answers[0]?.headers.connection, 'close', 'a body that may come or not ends the connection');
});

test('an address in absolute form tells the host, whatever the Host header says', async () => {
  const line = 'GET http://packages.example.org/v3/index.json HTTP/1.1\r\nHost: other.example.org\r\n\r\n';
  const { answers } = await converse(gallery.port, [line], { answersMax: 1 });
  assert.match(answers[0]!.body.toString(), /"http:\/\/packages\.example\.org\/v3\/flat\/"/);
});

test('HEAD with a range has the length of the whole', async () => {
  const path = '/v3/flat/good.input/1.0.0/good.input.1.0.0.nupkg';
  const whole = (await fetch(`${gallery.url}${path}`)).headers.get('content-length');
  const head = await fetch(`${gallery.url}${path}`, { method: 'HEAD', headers: { range: 'bytes=0-1' } });
  assert.equal(head.headers.get('content-length'), whole);
  assert.equal(head.headers.get('content-range'), null);
});

test('clients that stop in the middle keep nobody else from publishing', async () => {
  const logged = gallery.output().length;
  const stopped = httpRows.filter(({ name }) => /stop/.test(name));
  assert.equal(stopped.length, 3);
  const talks = Array.from({ length: 7 }, () => stopped)
    .flat()
    .map(async (row) => converse(gallery.port, await row.steps(credentials, ''), { answersMax: 1 }));
  const ended = await Promise.all(talks);
  assert.deepEqual([...new Set(ended.map(({ answers }) => answers[0]?.status))], [408]);
  assert.doesNotMatch(gallery.output().slice(logged), /does not answer/, 'no failure of the write service');
  const made = await makeNupkg({ id: 'Good.Input', version: '2.0.0' });
  assert.equal((await pushNupkg(gallery, made.bytes)).status, 201);
});

test('after all of it nothing is left, and the gallery is well', async () => {
  assert.equal((await fetch(`${gallery.url}/v3/flat/bad.input/index.json`)).status, 404);
  assert.deepEqual(readdirSync(join(gallery.dataDir, 'incoming')), []);
  assert.equal((await gallery.command('verify')).exitCode, 0);
  assert.doesNotMatch(gallery.output(), /"level":[56]0/);
});
