/** Which address of the Python index leads where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../../src/protocols/protocol.ts';
import { pypi } from '../../src/protocols/pypi/index.ts';

const json = 'application/vnd.pypi.simple.v1+json';
const hash = `ab/cd/${'0'.repeat(60)}`;

function route(address: string, accept = '*/*', method = 'GET'): Target | undefined {
  const [path = '', query = ''] = address.split('?');
  return pypi.route({ method, path, query: new URLSearchParams(query), search: '', headers: {}, accept });
}

test('the list of projects is a document in the form that the client accepts', () => {
  assert.deepEqual(route('simple/', json), {
    type: 'document',
    kind: 'pypi-index',
    ecosystem: 'python',
    path: 'simple/index.json',
    contentType: json,
    variesByAccept: true,
    allowsOrigins: true,
    serialHeader: 'X-PyPI-Last-Serial',
  });
  assert.partialDeepStrictEqual(route('simple/'), {
    path: 'simple/index.html',
    contentType: 'text/html; charset=utf-8',
  });
});

test('the page of a project is a document in the form that the client accepts', () => {
  assert.deepEqual(route('simple/foo-bar/', json), {
    type: 'document',
    kind: 'pypi-project',
    ecosystem: 'python',
    packageName: 'foo-bar',
    path: 'simple/foo-bar/index.json',
    contentType: json,
    variesByAccept: true,
    allowsOrigins: true,
    serialHeader: 'X-PyPI-Last-Serial',
  });
  assert.partialDeepStrictEqual(route('simple/foo-bar/'), { path: 'simple/foo-bar/index.html' });
});

test('the format parameter chooses the form of a page', () => {
  assert.partialDeepStrictEqual(route(`simple/demo/?format=${encodeURIComponent(json)}`), {
    path: 'simple/demo/index.json',
    contentType: json,
  });
});

for (const [from, to] of [
  ['simple', 'simple/'],
  ['simple?format=text%2Fhtml', 'simple/?format=text%2Fhtml'],
  ['simple/demo', 'simple/demo/'],
  ['simple/Foo.Bar__baz', 'simple/foo-bar-baz/'],
  ['simple/Foo.Bar__baz/', 'simple/foo-bar-baz/'],
  ['simple/0-._.-._.-0/', 'simple/0-0/'],
  ['simple/Demo/?format=text%2Fhtml&x=1', 'simple/demo/?format=text%2Fhtml&x=1'],
  ['simple/index.html', 'simple/index-html/'],
  ['pypi/Foo.Bar/json', 'pypi/foo-bar/json'],
  ['pypi/Foo.Bar/json/?x=1', 'pypi/foo-bar/json?x=1'],
  ['pypi/Foo.Bar/1.0-RC1/json', 'pypi/foo-bar/1.0rc1/json'],
  ['pypi/Foo.Bar/1!2.0+Local-1/json', 'pypi/foo-bar/1!2.0%2Blocal.1/json'],
  [
    'integrity/Foo.Bar/1!1.0.0+X/Foo.Bar-1!1.0+x.tar.gz/provenance',
    'integrity/foo-bar/1!1.0.0%2Bx/Foo.Bar-1!1.0%2Bx.tar.gz/provenance',
  ],
  ['rss/project/Foo.Bar/releases.xml', 'rss/project/foo-bar/releases.xml'],
] as const) {
  test(`${from} is redirected for good to ${to}, also from web pages`, () => {
    assert.deepEqual(route(from, json), { type: 'redirect', status: 301, location: to, allowsOrigins: true });
  });
}

for (const address of [
  'simple//',
  'simple/-demo/',
  'simple/demo-/',
  'simple/de mo/',
  'simple/demo\n/',
  'simple/\u017f/',
  'simple/\u212a/',
  'simple/../',
  'simple/demo/1.0/',
  'simple/demo//',
  'simple/demo/index.json',
  'simpler/demo/',
  'pypi/demo',
  'pypi/demo/',
  'pypi/-demo/json',
  'pypi/\u212a/json',
  'pypi/demo/one/json',
  'pypi/demo/1.0/2.0/json',
  'pypi/demo/index.json',
  'pypi/demo/1.0/index.json',
  'pypi/demo/json//',
  'rss',
  'rss/',
  'rss/other.xml',
  'rss/project/demo/',
  'rss/project/-demo/releases.xml',
  'integrity/demo/1.0/demo-1.0.tar.gz',
  'integrity/demo/1.0/demo-1.0.tar.gz/provenance/',
  'integrity/demo/1.0/demo-1.0.zip/provenance',
  'integrity/demo/one/demo-1.0.tar.gz/provenance',
  'integrity/-demo/1.0/demo-1.0.tar.gz/provenance',
  'legacies',
  'pypis',
  '',
]) {
  test(`${JSON.stringify(address)} is not an address of the index`, () => {
    assert.equal(route(address, json), undefined);
  });
}

test('the JSON API is a document of the project, or of a version in any spelling, with a slash at the end or not', () => {
  const about = { type: 'document', ecosystem: 'python', contentType: 'application/json', packageName: 'demo' };
  const rest = { allowsOrigins: true, serialHeader: 'X-PyPI-Last-Serial' };
  for (const address of ['pypi/demo/json', 'pypi/demo/json/']) {
    assert.deepEqual(route(address), { ...about, kind: 'pypi-json', path: 'pypi/demo/index.json', ...rest });
  }
  for (const address of ['pypi/demo/1.0rc1/json', 'pypi/demo/v1.0-C.1/json/', 'pypi/demo/1.0rc01/json']) {
    const release = { kind: 'pypi-release-json', version: '1.0rc1', path: 'pypi/demo/1.0rc1/index.json' };
    assert.deepEqual(route(address), { ...about, ...release, ...rest });
  }
});

test('a project may be called json', () => {
  assert.partialDeepStrictEqual(route('pypi/json/json'), { path: 'pypi/json/index.json' });
  assert.equal(route('pypi/json'), undefined);
});

test('news are XML documents, of the feed or of a project', () => {
  for (const path of ['rss/updates.xml', 'rss/packages.xml', 'rss/project/demo/releases.xml']) {
    assert.partialDeepStrictEqual(route(path), { type: 'document', kind: 'pypi-rss', path, allowsOrigins: true });
  }
});

test('hatch finds the page of a project below the upload address', () => {
  assert.partialDeepStrictEqual(route('legacy/+simple/demo/'), {
    type: 'document',
    path: 'simple/demo/index.html',
    packageName: 'demo',
  });
});

test('a wheel is a blob of its release, in a type that nothing unpacks', () => {
  assert.deepEqual(route(`packages/${hash}/Foo_Bar-1.0+local.1-py3-none-any.whl`), {
    type: 'blob',
    kind: 'pypi-file',
    ecosystem: 'python',
    packageName: 'foo-bar',
    version: '1.0+local.1',
    path: `packages/${hash}/Foo_Bar-1.0+local.1-py3-none-any.whl`,
    contentType: 'application/octet-stream',
    allowsOrigins: true,
  });
});

test('a source archive is a blob of its release', () => {
  assert.partialDeepStrictEqual(route(`packages/${hash}/demo_tool-2.0rc1.tar.gz`), {
    type: 'blob',
    kind: 'pypi-file',
    packageName: 'demo-tool',
    version: '2.0rc1',
    contentType: 'application/octet-stream',
  });
});

test('core metadata beside a wheel is plain text of the same release', () => {
  assert.partialDeepStrictEqual(route(`packages/${hash}/demo-1.0-py3-none-any.whl.metadata`), {
    type: 'blob',
    kind: 'pypi-metadata',
    packageName: 'demo',
    version: '1.0',
    path: `packages/${hash}/demo-1.0-py3-none-any.whl.metadata`,
    contentType: 'text/plain; charset=utf-8',
  });
});

test('a provenance is a blob of its release, in the type that the client takes, and of none when it takes neither', () => {
  const path = 'integrity/demo/1.0/demo-1.0.tar.gz/provenance';
  const own = 'application/vnd.pypi.integrity.v1+json';
  const target = {
    type: 'blob',
    kind: 'pypi-provenance',
    ecosystem: 'python',
    packageName: 'demo',
    version: '1.0',
    path,
    contentType: own,
    allowsOrigins: true,
    variesByAccept: true,
  };
  for (const accept of ['*/*', own, `${own}, application/json`, 'application/*', 'application/json;q=0.9, */*']) {
    assert.deepEqual(route(path, accept), target, accept);
  }
  for (const accept of ['application/json', `application/json, ${own};q=0.5`, `*/*, ${own};q=0`]) {
    assert.deepEqual(route(path, accept), { ...target, contentType: 'application/json' }, accept);
  }
  for (const accept of ['text/html', 'application/xml, text/*', `${own};q=0`]) {
    assert.partialDeepStrictEqual(route(path, accept), { path, isNotAcceptable: true }, accept);
  }
});

test('a file whose name tells no release is still served', () => {
  const target = route(`packages/${hash}/odd.whl`);
  assert.ok(target?.type === 'blob');
  assert.equal(target.packageName, undefined);
  assert.equal(target.version, undefined);
});

for (const path of [
  'packages/',
  `packages/${hash}/`,
  `packages/${hash}/demo.exe`,
  `packages/${hash}/demo-1.0.zip`,
  `packages/${hash}/.whl`,
  `packages/${hash}/demo-1.0.whl.metadata.metadata`,
  `packages/${hash}/de mo-1.0.tar.gz`,
  `packages/${hash}/demo-1.0.tar.gz\n`,
  `packages/${hash}/../demo-1.0.tar.gz`,
  `packages/${hash}/x/demo-1.0.tar.gz`,
  `packages/AB/cd/${'0'.repeat(60)}/demo-1.0.tar.gz`,
  `packages/ab/cd/${'0'.repeat(59)}/demo-1.0.tar.gz`,
  `packages/ab/cd/${'0'.repeat(61)}/demo-1.0.tar.gz`,
  `packages/source/d/demo/demo-1.0.tar.gz`,
]) {
  test(`${JSON.stringify(path)} has not the shape of a file's path`, () => {
    assert.equal(route(path), undefined);
  });
}

for (const address of ['legacy', 'legacy/', 'pypi', 'pypi/']) {
  test(`${address} is answered by the write service, whatever the method`, () => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      assert.deepEqual(route(address, '*/*', method), { type: 'forward' });
    }
  });
}

test('the index has no document that depends on nothing', () => {
  assert.deepEqual(
    pypi.renderFeed({ feedUrl: 'https://gallery.example', feedPath: '' }, { list: [], changedAt: 0 }),
    [],
  );
});
