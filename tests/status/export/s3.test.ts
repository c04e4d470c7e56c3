/** The page in a bucket of a real S3 store: what arrives there, what is sent again, and what happens while the store is away. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { AwsClient } from 'aws4fetch';
import { startExporter } from '../../../src/status/export/exporter.ts';
import { s3Target } from '../../../src/status/export/s3.ts';
import { exportFiles, manifestName } from '../../../src/status/export/target.ts';
import type { PublishedFile } from '../../../src/status/publication/published-file.ts';
import { systemClock } from '../../../src/std/clock.ts';
import { temporaryFolder } from '../../gallery.ts';
import { type Radosgw, radosgwMissing, startRadosgw } from '../../services/radosgw.ts';

const skip = radosgwMissing();
const signal = new AbortController().signal;
let store: Radosgw;
before(async () => {
  if (skip === undefined) store = await startRadosgw();
});
after(() => store?.stop());

const file = (path: string, text: string, overrides: Partial<PublishedFile> = {}): PublishedFile => ({
  path,
  contentType: 'text/html; charset=utf-8',
  body: Buffer.from(text),
  maxAgeSeconds: 60,
  status: 200,
  ...overrides,
});
const json = { contentType: 'application/json; charset=utf-8', maxAgeSeconds: 15 };

function ownClient(): AwsClient {
  return new AwsClient({
    accessKeyId: store.accessKeyId,
    secretAccessKey: store.secretAccessKey,
    service: 's3',
    region: 'us-east-1',
  });
}

/** A bucket of this test's own, and a target in it. */
async function bucketFor(t: TestContext, bucket: string, endpoint = store.endpoint) {
  const client = ownClient();
  assert.equal((await client.fetch(`${store.endpoint}/${bucket}`, { method: 'PUT' })).status, 200);
  const secretAccessKeyFile = join(await temporaryFolder(t), 'secret');
  await writeFile(secretAccessKeyFile, `${store.secretAccessKey}\n`);
  const { accessKeyId } = store;
  const place = { endpoint, region: 'us-east-1', bucket, prefix: 'status', accessKeyId, secretAccessKeyFile };
  return {
    place,
    target: s3Target(place, systemClock),
    get: (path: string) => client.fetch(`${store.endpoint}/${bucket}/status/${path}`),
    async keys() {
      const text = await (await client.fetch(`${store.endpoint}/${bucket}?list-type=2`)).text();
      return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key!).sort();
    },
  };
}

/** Passes everything on, and counts requests by method; `cut` ends connections in place of answering the next requests. */
async function countingProxy(t: TestContext) {
  const counts: Record<string, number> = {};
  let cuts = 0;
  const { port, hostname } = new URL(store.endpoint);
  const server = createServer((inside) => {
    const outside = connect(Number(port), hostname);
    inside.on('data', (chunk: Buffer) => {
      const method = /^(GET|PUT|DELETE) /.exec(chunk.toString('latin1'))?.[1];
      if (method !== undefined) counts[method] = (counts[method] ?? 0) + 1;
      if (method === 'PUT' && cuts > 0) {
        cuts -= 1;
        inside.resetAndDestroy();
        outside.destroy();
      } else outside.write(chunk);
    });
    outside.on('data', (chunk) => inside.write(chunk));
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    counts,
    cut(times: number) {
      cuts = times;
    },
  };
}

test('a bucket gets every file with its type and its age, and loses what is no longer published', {
  skip,
}, async (t) => {
  const { target, get, keys } = await bucketFor(t, 'first');
  const odd = file('incidents/a~b_c.html', '<p>ü 👩‍🔧</p>');
  await exportFiles(target, [file('index.html', 'one'), file('api/v2/status.json', '{}', json), odd], signal);
  assert.deepEqual(await keys(), [
    `status/${manifestName}`,
    'status/api/v2/status.json',
    'status/incidents/a~b_c.html',
    'status/index.html',
  ]);
  const status = await get('api/v2/status.json');
  assert.equal(status.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(status.headers.get('cache-control'), 'public, max-age=15');
  assert.equal(await (await get('incidents/a~b_c.html')).text(), '<p>ü 👩‍🔧</p>');
  await exportFiles(
    target,
    [file('index.html', 'two'), file('api/v2/status.json', '{}', { ...json, status: 503 })],
    signal,
  );
  assert.deepEqual(await keys(), [`status/${manifestName}`, 'status/api/v2/status.json', 'status/index.html']);
  assert.equal(await (await get('index.html')).text(), 'two');
  assert.equal((await get('api/v2/status.json')).headers.get('cache-control'), 'public, max-age=15, must-revalidate');
});

test('only what changed is put again, a cut connection is tried again, and another process goes on', {
  skip,
}, async (t) => {
  const proxy = await countingProxy(t);
  const { target, place, get } = await bucketFor(t, 'second', proxy.endpoint);
  const files = (text: string) => [file('index.html', text), file('a.html', 'a'), file('b.css', 'b')];
  await exportFiles(target, files('one'), signal);
  assert.equal(proxy.counts.PUT, 4, 'three files and the list');
  await exportFiles(target, files('one'), signal);
  assert.equal(proxy.counts.PUT, 4);
  await exportFiles(target, files('two'), signal);
  assert.equal(proxy.counts.PUT, 5);
  proxy.cut(2);
  await exportFiles(target, files('three'), signal);
  assert.equal(proxy.counts.PUT, 8, 'the third try went through');
  assert.equal(await (await get('index.html')).text(), 'three');
  const afterRestart = s3Target(place, systemClock);
  await exportFiles(afterRestart, files('four').slice(0, 2), signal);
  assert.equal((await get('b.css')).status, 404);
  assert.equal(await (await get('index.html')).text(), 'four');
});

test('objects of others are neither replaced nor removed, and a bad key is told in words', { skip }, async (t) => {
  const { target, place, get } = await bucketFor(t, 'third');
  const mine = { method: 'PUT', body: 'mine' };
  for (const path of ['index.html', 'robots.txt'])
    assert.equal((await ownClient().fetch(`${store.endpoint}/third/status/${path}`, mine)).status, 200);
  await assert.rejects(exportFiles(target, [file('index.html', 'page')], signal), /not put there by this service/);
  await exportFiles(target, [file('status.html', 'page')], signal);
  assert.deepEqual([await (await get('index.html')).text(), await (await get('robots.txt')).text()], ['mine', 'mine']);
  await writeFile(place.secretAccessKeyFile, 'another');
  await assert.rejects(exportFiles(target, [file('status.html', 'page 2')], signal), /403 SignatureDoesNotMatch/);
  await writeFile(place.secretAccessKeyFile, store.secretAccessKey);
  const nowhere = s3Target({ ...place, bucket: 'nowhere' }, systemClock);
  await assert.rejects(exportFiles(nowhere, [file('status.html', 'page')], signal), /404 NoSuchBucket/);
});

test('while the store hangs, the exporter is a state and nothing waits; then the newest page is there', {
  skip,
}, async (t) => {
  const { place, get } = await bucketFor(t, 'fourth');
  // Frozen for much longer, the store itself does not recover.
  const target = s3Target(place, systemClock, 500);
  let text = 'one';
  const exporter = startExporter([target], () => [file('index.html', text)], systemClock);
  t.after(() => exporter.stop());
  const until = async (what: () => boolean | Promise<boolean>) => {
    while (!(await what())) await systemClock.sleep(20);
  };
  await until(() => exporter.states()[0]!.doneAt !== undefined);
  store.freeze();
  t.after(() => store.thaw());
  text = 'two';
  exporter.changed();
  await until(() => exporter.states()[0]!.failingSince !== undefined);
  assert.match(exporter.states()[0]!.why, /timeout/i);
  assert.equal(exporter.conditions()[0]!.isFiring, false, 'not yet');
  store.thaw();
  text = 'three';
  exporter.changed();
  await until(async () => (await (await get('index.html')).text()) === 'three');
  await until(() => exporter.states()[0]!.failingSince === undefined);
  await exporter.stop();
});
