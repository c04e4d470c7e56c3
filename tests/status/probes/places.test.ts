/** Where a gallery is reached, and the pages and searches that are tried there. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { startGallery } from '../../gallery.ts';
import { type Edge, type Passing, plain, startEdge } from './edge.ts';
import { assertGood, assertSays, probing } from './probing.ts';

test('each address family is a place of its own, and one that is missing does not hide the other', async (t) => {
  const gallery = await startGallery(t);
  await startEdge(t, gallery.port, { host: '::1', port: gallery.port });
  const only = async (url: string) => (await probing(t).of({ gallery: { url, ecosystems: [] } })).ids;
  assert.deepEqual(await only(gallery.url), ['website#pages@IPv4']);
  assert.deepEqual(await only(`http://[::1]:${gallery.port}`), ['website#pages@IPv6']);
  assert.deepEqual(await only(`http://nobody.invalid:${gallery.port}`), ['website#pages@IPv4']);
  const six = await probing(t).of({
    gallery: { url: `http://[::1]:${gallery.port}`, tokenFile: `${gallery.dataDir}/canary-token` },
  });
  for (const one of ['python', 'nuget', 'powershell']) {
    assertGood(await six.run(`publish/${one}#push@IPv6`));
    assertGood(await six.run(`install/${one}#install@IPv6`));
  }
  const edges = await probing(t).of({
    gallery: {
      url: gallery.url,
      ecosystems: ['nuget'],
      edges: [
        { name: 'old', address: '127.0.0.1' },
        { name: 'new', address: '::1' },
      ],
    },
  });
  const seen = ['old', 'new'].map(async (place) => assertGood(await edges.run(`search/nuget#query@${place}`)));
  await Promise.all(seen);
  const named = await probing(t).of({
    gallery: { url: `http://nobody.invalid:${gallery.port}`, families: [4, 6], ecosystems: [] },
  });
  assert.deepEqual(named.ids, ['website#pages@IPv4', 'website#pages@IPv6']);
  for (const id of named.ids)
    assertSays(await named.run(id), 'bad', /^\/: the name (has no address|could not be looked up)/);
});

test('a website is a page with its title and nothing of others, and search answers in its form', async (t) => {
  const gallery = await startGallery(t);
  const edge = await startEdge(t, gallery.port);
  const probes = await probing(t).of({
    gallery: { url: gallery.url, edges: [{ name: 'edge', address: '127.0.0.1', port: edge.port }] },
    probing: { deadlineSeconds: 3 },
  });
  const page = (change: (text: string) => string): Edge['change'] => {
    return ({ path }, answer) => (path === '/' ? rewritten(answer, change) : answer);
  };
  const only = (path: RegExp, deed: Passing | 'cut'): Edge['instead'] => {
    return (asked) => (path.test(asked.path) ? deed : undefined);
  };
  const json = (text: string) => plain(200, { 'Content-Type': 'application/json' }, text);
  const harms: readonly [string, Partial<Edge>, RegExp][] = [
    ['website#pages', { change: page((text) => text.replace('Holdfast package gallery', ' ')) }, /has no title$/],
    [
      'website#pages',
      { change: page((text) => `${text}<script src="https://cdn.example.org/x.js"></script>`) },
      /something of https:\/\/cdn\.example\.org in it$/,
    ],
    [
      'website#pages',
      { change: page((text) => text.replace('<style>', '<style>@import "//fonts.example.org/a.css";')) },
      /something of http:\/\/fonts\.example\.org in it$/,
    ],
    [
      'website#pages',
      {
        change: (_, answer) => ({ ...answer, headers: { ...answer.headers, 'content-security-policy': 'img-src *' } }),
      },
      /something of anybody in it$/,
    ],
    ['website#pages', { instead: only(/^\/$/, json('{}')) }, /is not HTML$/],
    ['website#pages', { instead: only(/^\/$/, plain(302, { Location: '/' })) }, /in a circle: \/ → \/$/],
    ['website#pages', { instead: only(/health/, plain(503)) }, /^\/api\/health was answered 503 /],
    ['search/nuget#query', { instead: only(/search/, plain(503)) }, /^\/v3\/search.* was answered 503 /],
    ['search/nuget#query', { instead: only(/search/, json('{"totalHits": 1, "data": [{}]}')) }, /no id or no version$/],
    ['search/nuget#query', { instead: only(/search/, json('{"data": []}')) }, /has no number of hits$/],
    [
      'search/powershell#query',
      { instead: only(/Search/, plain(200, {}, '<?xml version="1.0"?><feed><entry>')) },
      /not well-formed/,
    ],
    [
      'search/powershell#query',
      { instead: only(/Search/, plain(200, {}, '<?xml version="1.0"?><html/>')) },
      /neither a feed nor/,
    ],
    ['search/powershell#query', { instead: only(/Search/, 'cut') }, /the connection was cut/],
  ];
  const before = { instead: edge.instead, change: edge.change };
  for (const id of ['website#pages', 'search/nuget#query', 'search/powershell#query']) {
    assertGood(await probes.run(`${id}@edge`));
  }
  for (const [id, behaviour, words] of harms) {
    Object.assign(edge, before, behaviour);
    assertSays(await probes.run(`${id}@edge`), 'bad', words);
  }
});

test('a probe that is stopped says that it knows nothing, and never throws', async (t) => {
  const gallery = await startGallery(t);
  const edge = await startEdge(t, gallery.port);
  edge.instead = () => 'silent';
  const probes = await probing(t).of({
    gallery: {
      url: gallery.url,
      tokenFile: `${gallery.dataDir}/canary-token`,
      edges: [{ name: 'edge', address: '127.0.0.1', port: edge.port }],
    },
  });
  const stopping = new AbortController();
  const running = probes.all.map((probe) => probe.run(stopping.signal));
  while (edge.asked.length < 4) await new Promise((done) => setImmediate(done));
  stopping.abort();
  for (const { verdict, words } of await Promise.all(running)) {
    assert.equal(verdict, 'unknown');
    assert.match(words, /^(the service is stopping|no canary has been published yet .*)$/);
  }
  assertSays(await probes.run('website#pages@edge', AbortSignal.abort()), 'unknown', /^the service is stopping$/);
});

function rewritten(answer: Passing, change: (text: string) => string): Passing {
  const body = Buffer.from(change(answer.body.toString('utf8')));
  const { 'content-encoding': encoding, ...headers } = answer.headers;
  assert.equal(encoding, undefined, 'the home page comes without an encoding');
  return { ...answer, headers: { ...headers, 'content-length': String(body.length) }, body };
}
