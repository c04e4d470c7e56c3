/** The published files over HTTP: names, compression, 304, CORS, and what is not published. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { pack } from '../../../src/status/publication/packed.ts';
import type { PublishedFile } from '../../../src/status/publication/published-file.ts';
import { createStatusServer } from '../../../src/status/serve/server.ts';

const page = '<!doctype html><title>Status</title>'.padEnd(3_000, ' well');
const files: readonly PublishedFile[] = [
  {
    path: 'index.html',
    contentType: 'text/html; charset=utf-8',
    body: Buffer.from(page),
    maxAgeSeconds: 15,
    status: 200,
  },
  {
    path: 'history.html',
    contentType: 'text/html; charset=utf-8',
    body: Buffer.from('past'),
    maxAgeSeconds: 15,
    status: 200,
  },
  {
    path: 'api/v2/status.json',
    contentType: 'application/json',
    body: Buffer.from('{}'),
    maxAgeSeconds: 15,
    status: 503,
  },
];

async function serve(t: TestContext): Promise<string> {
  const publication = pack(files);
  const server = createStatusServer({
    publication: () => publication,
    others: (_request, response) => response.writeHead(404).end('elsewhere'),
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the page is there under its short and its whole name, compressed for those who take it', async (t) => {
  const url = await serve(t);
  for (const path of ['/', '/index.html', '/index', '/?from=mail']) {
    const answer = await fetch(`${url}${path}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-encoding'), 'gzip');
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.match(answer.headers.get('cache-control') ?? '', /must-revalidate/);
    assert.equal(await answer.text(), page);
  }
  const plain = await fetch(url, { headers: { 'Accept-Encoding': 'gzip;q=0, identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(await plain.text(), page);
  const head = await fetch(`${url}/history`, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), '4');
  assert.equal(await head.text(), '');
});

test('who has it already is told so, and anybody’s page may read it', async (t) => {
  const url = await serve(t);
  const first = await fetch(url);
  await first.text();
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(url, { headers: { 'If-None-Match': `"other", W/${etag}` } });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('access-control-allow-origin'), '*');
  const preflight = await fetch(`${url}/api/v2/status.json`, { method: 'OPTIONS' });
  assert.equal(preflight.status, 204);
});

test('what is not known is 503 whoever asks, and never 304', async (t) => {
  const url = await serve(t);
  const first = await fetch(`${url}/api/v2/status.json`);
  assert.equal(first.status, 503);
  assert.equal(first.headers.get('retry-after'), '60');
  const again = await fetch(`${url}/api/v2/status.json`, {
    headers: { 'If-None-Match': first.headers.get('etag') ?? '*' },
  });
  assert.equal(again.status, 503);
});

test('other addresses and other methods go to the routes', async (t) => {
  const url = await serve(t);
  assert.equal(await (await fetch(`${url}/subscribe/confirm/x`)).text(), 'elsewhere');
  assert.equal(await (await fetch(url, { method: 'POST' })).text(), 'elsewhere');
});

test('a file that did not change is not compressed again', () => {
  const before = pack(files);
  const after = pack([...files.slice(1), { ...files[0]!, body: Buffer.from('other') }], before);
  assert.equal(after.get('history.html'), before.get('history.html'));
  assert.notEqual(after.get('index.html')?.etag, before.get('index.html')?.etag);
});
