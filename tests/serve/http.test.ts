/** What a read worker answers: validators, ranges, negotiation, caching, addresses. Against a real gallery over HTTP. */
import assert from 'node:assert/strict';
import { get as getRaw } from 'node:http';
import { connect } from 'node:net';
import test, { before } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeWheel } from '../packages/wheel.ts';
import { pushNupkg, uploadPython } from '../publish/upload.ts';

let gallery: TestGallery;
let wheelPath = '';
let wheelBytes: Buffer;

before(async (t) => {
  gallery = await startGallery(t as never, { HOLDFAST_TRUSTED_PROXIES: '127.0.0.1' });
  const wheel = await makeWheel({ name: 'Demo_Py', version: '1.0.0', sizeBytes: 5_000 });
  wheelBytes = wheel.bytes;
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  assert.equal((await pushNupkg(gallery, (await makeNupkg({ id: 'Demo.Lib', version: '1.0.0' })).bytes)).status, 201);
  const page = await (await fetch(`${gallery.url}/simple/demo-py/`)).text();
  wheelPath = /href="([^"#]+)/.exec(page)?.[1] ?? '';
});

interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Without fetch's own inflating and caching. */
function raw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = getRaw(`${gallery.url}${path}`, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
  });
}

test('a document comes compressed to who takes gzip, plain to who does not, with a strong tag for each', async () => {
  const packed = await raw('/simple/demo-py/', { 'accept-encoding': 'gzip' });
  const plain = await raw('/simple/demo-py/');
  const refused = await raw('/simple/demo-py/', { 'accept-encoding': 'gzip;q=0, identity' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(refused.headers['content-encoding'], undefined);
  assert.deepEqual(gunzipSync(packed.body), plain.body);
  assert.notEqual(packed.headers.etag, plain.headers.etag);
  assert.match(String(packed.headers.etag), /^"[^"]+"$/);
  assert.equal(Number(packed.headers['content-length']), packed.body.length);
  assert.match(String(packed.headers.vary), /Accept-Encoding/);
});

test('a document that has not changed is 304, for each of its tags', async () => {
  for (const encoding of ['gzip', 'identity']) {
    const first = await raw('/simple/demo-py/', { 'accept-encoding': encoding });
    const again = await raw('/simple/demo-py/', {
      'accept-encoding': encoding,
      'if-none-match': `"x", W/${first.headers.etag}`,
    });
    assert.equal(again.status, 304);
    assert.equal(again.body.length, 0);
    assert.ok(again.headers.etag);
  }
  assert.equal((await raw('/simple/demo-py/', { 'if-none-match': '"other"' })).status, 200);
});

test('HEAD has the headers of GET and no body', async () => {
  for (const path of ['/simple/demo-py/', wheelPath, '/v3/index.json']) {
    const [get, head] = [await raw(path), await raw(path, {}, 'HEAD')];
    assert.equal(head.status, 200);
    assert.equal(head.body.length, 0);
    assert.equal(head.headers['content-length'], get.headers['content-length']);
    assert.equal(head.headers.etag, get.headers.etag);
  }
});

test('files are served in parts: from, from-to, the last bytes', async () => {
  const size = wheelBytes.length;
  const cases: [string, number, number][] = [
    ['bytes=0-9', 0, 9],
    ['bytes=100-', 100, size - 1],
    ['bytes=-22', size - 22, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
    [`bytes=10-${size * 2}`, 10, size - 1],
  ];
  for (const [range, start, end] of cases) {
    const answer = await raw(wheelPath, { range });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers['content-range'], `bytes ${start}-${end}/${size}`);
    assert.deepEqual(answer.body, wheelBytes.subarray(start, end + 1));
  }
});

test('ranges that cannot be are refused or ignored as the specification says', async () => {
  const size = wheelBytes.length;
  for (const range of [`bytes=${size}-`, 'bytes=-0']) {
    const answer = await raw(wheelPath, { range });
    assert.equal(answer.status, 416, range);
    assert.equal(answer.headers['content-range'], `bytes */${size}`);
  }
  for (const range of ['bytes=5-2', 'bytes=0-1,5-6', 'items=0-1', 'bytes=a-b', 'bytes=-']) {
    assert.equal((await raw(wheelPath, { range })).status, 200, range);
  }
});

test('If-Range gives the part only while the file is the same', async () => {
  const { headers } = await raw(wheelPath);
  assert.equal((await raw(wheelPath, { range: 'bytes=0-1', 'if-range': String(headers.etag) })).status, 206);
  assert.equal((await raw(wheelPath, { range: 'bytes=0-1', 'if-range': '"other"' })).status, 200);
  assert.equal((await raw(wheelPath, { range: 'bytes=0-1', 'if-none-match': String(headers.etag) })).status, 304);
});

test('files may be kept for ever, documents are asked for again, and both can be purged by name', async () => {
  const file = await raw(wheelPath);
  assert.match(String(file.headers['cache-control']), /immutable/);
  assert.match(
    String(file.headers['surrogate-key']),
    /package\/main\/python\/demo-py version\/main\/python\/demo-py\/1\.0\.0/,
  );
  const page = await raw('/simple/demo-py/');
  assert.match(String(page.headers['cache-control']), /max-age=0, must-revalidate, s-maxage=60/);
  assert.match(
    String(page.headers['surrogate-key']),
    /all feed\/main render\/1 kind\/pypi-project package\/main\/python\/demo-py/,
  );
  const missing = await raw('/simple/not-there/');
  assert.equal(missing.status, 404);
  assert.match(String(missing.headers['surrogate-key']), /package\/main\/python\/not-there/);
  assert.match(String(missing.headers['cache-control']), /s-maxage=60/);
});

test('the Simple API is HTML to who does not ask, JSON to who does, and carries the serial', async () => {
  const html = await raw('/simple/demo-py/', { accept: '*/*' });
  const json = await raw('/simple/demo-py/', { accept: 'application/vnd.pypi.simple.latest+json' });
  assert.match(String(html.headers['content-type']), /^text\/html/);
  assert.equal(json.headers['content-type'], 'application/vnd.pypi.simple.v1+json');
  assert.equal(json.headers['x-pypi-last-serial'], '8');
  assert.match(String(json.headers.vary), /Accept(,|$)/);
  assert.equal(json.headers['access-control-allow-origin'], '*');
});

test('names in any spelling lead to the one address, with and without the slash', async () => {
  for (const path of ['/simple/Demo.Py/', '/simple/demo-py', '/simple/DEMO__py?format=x']) {
    const answer = await raw(path);
    assert.equal(answer.status, 301, path);
    assert.match(String(answer.headers.location), /^\/simple\/demo-py\/(\?format=x)?$/);
    assert.doesNotMatch(String(answer.headers['cache-control']), /max-age=(?!60\b)\d{3,}/);
  }
});

test('absolute addresses in documents are those that the client used, also behind a trusted proxy', async () => {
  const index = async (headers: Record<string, string>) => (await raw('/v3/index.json', headers)).body.toString();
  assert.match(await index({}), new RegExp(`"${gallery.url}/v3/flat/"`));
  assert.match(
    await index({ host: `localhost:${gallery.port}` }),
    new RegExp(`"http://localhost:${gallery.port}/v3/flat/"`),
  );
  const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'packages.example.org' };
  assert.match(await index(proxied), /"https:\/\/packages\.example\.org\/v3\/flat\/"/);
  const odd = await index({ host: 'evil"><script>' });
  assert.doesNotMatch(odd, /script/);
});

test('a document for another address has another tag', async () => {
  const here = await raw('/v3/index.json');
  const there = await raw('/v3/index.json', { host: 'other.example.org' });
  assert.notEqual(here.headers.etag, there.headers.etag);
  assert.equal(
    (await raw('/v3/index.json', { host: 'other.example.org', 'if-none-match': String(here.headers.etag) })).status,
    200,
  );
});

test('gzip hives are gzip whatever the client says', async () => {
  const answer = await raw('/v3/registration-semver2/demo.lib/index.json');
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.match(gunzipSync(answer.body).toString(), /"count":1/);
  assert.equal((await raw('/v3/registration/demo.lib/index.json')).headers['content-encoding'], undefined);
});

test('nothing outside the store can be reached by a clever address', async () => {
  for (const path of [
    '/../first-token',
    '/simple/../../x',
    '/packages/..%2f..%2ffirst-token',
    '/%2e%2e/first-token',
    '/v3/flat/..%5c..%5cx',
    '/packages/aa/bb/cc/%00',
    '//etc/passwd',
    '/feeds/main/simple/',
  ]) {
    const status = await new Promise<number>((resolve, reject) => {
      const socket = connect(gallery.port, '127.0.0.1', () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(Number(text.split(' ')[1])));
      socket.on('error', reject);
    });
    assert.equal(status, 404, path);
  }
});

test('a name that is too long for any file system is simply not there', async () => {
  for (const name of ['a'.repeat(300), 'b'.repeat(2_000)]) assert.equal((await raw(`/simple/${name}/`)).status, 404);
});

test('reading addresses take no other methods, and unknown ones are 404', async () => {
  assert.equal((await raw('/simple/demo-py/', {}, 'DELETE')).status, 405);
  assert.equal((await raw('/simple/demo-py/', {}, 'OPTIONS')).status, 204);
  assert.equal((await raw('/nowhere')).status, 404);
  assert.equal((await raw('/feeds/nobody/simple/')).status, 404);
});

test('what users uploaded is never run as a page of ours', async () => {
  for (const path of [wheelPath, `${wheelPath}.metadata`, '/simple/demo-py/']) {
    const { headers } = await raw(path);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.match(String(headers['content-security-policy']), /sandbox/);
  }
  assert.equal((await raw(`${wheelPath}.metadata`)).headers['content-type'], 'text/plain; charset=utf-8');
});

test('HTTP/1.0 clients get a length and no chunks', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(gallery.port, '127.0.0.1', () => socket.write('GET /v3/index.json HTTP/1.0\r\n\r\n'));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('end', () => resolve(received));
    socket.on('error', reject);
  });
  assert.match(text, /^HTTP\/1\.1 200/);
  assert.match(text, /\r\nContent-Length: \d+\r\n/);
  assert.doesNotMatch(text, /chunked/i);
});
