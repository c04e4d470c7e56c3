/** Edges that misbehave: each is told from the other by its name, and what is wrong is said in words. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { startGallery, type TestGallery } from '../../gallery.ts';
import { type Asked, type Edge, type Passing, plain, startEdge } from './edge.ts';
import { assertGood, assertSays, type ProbesById, probing } from './probing.ts';

const ecosystems = ['python', 'nuget', 'powershell'] as const;

interface Stage {
  readonly gallery: TestGallery;
  readonly east: Edge;
  readonly west: Edge;
  readonly probes: ProbesById;
  readonly parts: ReturnType<typeof probing>;
}

/** A gallery behind two edges, with a canary of each ecosystem. */
async function stage(t: TestContext, limits: Record<string, number> = {}): Promise<Stage> {
  const gallery = await startGallery(t);
  const [east, west] = [await startEdge(t, gallery.port), await startEdge(t, gallery.port)];
  const parts = probing(t);
  const probes = await parts.of({
    gallery: {
      url: gallery.url,
      tokenFile: `${gallery.dataDir}/canary-token`,
      edges: [
        { name: 'east', address: '127.0.0.1', port: east.port },
        { name: 'west', address: '127.0.0.1', port: west.port },
      ],
    },
    probing: { deadlineSeconds: 5, visibleWithinSeconds: 2, ...limits },
  });
  for (const one of ecosystems) assertGood(await probes.run(`publish/${one}#canary@east`));
  return { gallery, east, west, probes, parts };
}

/** What a document says, out of its encoding, changed, and in it again. */
function changed(answer: Passing, change: (text: string) => string): Passing {
  const isPacked = answer.headers['content-encoding'] === 'gzip';
  const text = (isPacked ? gunzipSync(answer.body) : answer.body).toString('utf8');
  const bytes = Buffer.from(change(text));
  const body = isPacked ? gzipSync(bytes) : bytes;
  return { ...answer, headers: { ...answer.headers, 'content-length': String(body.length) }, body };
}

test('an edge that does harm to installs is found out, whatever it does, and the other edge stays good', async (t) => {
  const { east, probes } = await stage(t);
  const isFile = ({ path }: Asked) => /\.(whl|nupkg)$|\/package\/[^/]+\/[^/]+$/.test(path);
  const by = (name: RegExp) => (asked: Asked) => name.test(String(asked.headers['user-agent']));
  const harms: readonly [string, RegExp, Partial<Edge>][] = [
    [
      'flips one byte of the file',
      /came with the digest [0-9a-f]{64} and not with [0-9a-f]{64}$/,
      {
        change(asked, answer) {
          if (isFile(asked)) answer.body[0]! ^= 1;
          return answer;
        },
      },
    ],
    [
      'cuts the file',
      /the connection was cut \(ECONNRESET\)$/,
      { instead: (asked) => (isFile(asked) ? 'cut' : undefined) },
    ],
    ['is overloaded', / was answered 503 /, { instead: () => plain(503, { 'Retry-After': '9' }) }],
    ['answers nothing', /^no answer within 5 s at the step ".+: documents"$/, { instead: () => 'silent' }],
    [
      'leads in a circle',
      /redirects lead in a circle: .+ → \/elsewhere → /,
      { instead: ({ path }) => plain(302, { Location: path === '/elsewhere' ? '/there' : '/elsewhere' }) },
    ],
    [
      'leads ever further',
      /leads through more than 5 redirects$/,
      { instead: ({ path }) => plain(301, { Location: `${path}x` }) },
    ],
    [
      'leads to somebody else',
      /leads to http:\/\/elsewhere\.example\.org, which is not this gallery$/,
      { instead: () => plain(302, { Location: 'http://elsewhere.example.org/' }) },
    ],
    [
      'turns the second client away',
      /^(uv|PSResourceGet): .+ was answered 403 /,
      { instead: (asked) => (by(/^(uv|PSResourceGet)\//)(asked) ? plain(403) : undefined) },
    ],
    [
      'turns the first client away',
      /^(pip|dotnet|PowerShellGet): .+ was answered 403 /,
      { instead: (asked) => (by(/^(pip|NuGet|Mozilla)/)(asked) ? plain(403) : undefined) },
    ],
    [
      'answers with a page of its own',
      /is not JSON$|does not begin as XML does$/,
      { instead: () => plain(200, { 'Content-Type': 'text/html' }, '<html>Sign in to this network</html>') },
    ],
  ];
  for (const [what, words, behaviour] of harms) {
    const before = { instead: east.instead, change: east.change };
    Object.assign(east, behaviour);
    for (const one of ecosystems) {
      if (what === 'turns the second client away' && one === 'nuget') continue;
      await t.test(`${one}: ${what}`, async () => {
        assertSays(await probes.run(`install/${one}#install@east`), 'bad', words);
        assertGood(await probes.run(`install/${one}#install@west`));
      });
    }
    Object.assign(east, before);
  }
  for (const one of ecosystems) assertGood(await probes.run(`install/${one}#install@east`));
});

test('every address that documents lead to is followed', async (t) => {
  const { east, probes } = await stage(t);
  const lost: Record<(typeof ecosystems)[number], readonly [RegExp, RegExp][]> = {
    python: [[/\.metadata$/, /^pip: the metadata beside the file: .+ was answered 404 /]],
    nuget: [
      [/\.nuspec$/, /^dotnet: the nuspec: .+ 404 /],
      [/\/readme$/, /^dotnet: the readme: .+ 404 /],
      [/\/registration[^/]*\/.+\/1\.0\.1\.json$/, /^dotnet: the (leaf of the registration|catalog entry): .+ 404 /],
      [/\/registration[^/]*\/.+\/index\.json$/, /^dotnet: \/v3\/registration.+ 404 /],
    ],
    powershell: [[/Packages\(/, /^PowerShellGet: .+Packages\(.+ 404 /]],
  };
  for (const one of ecosystems) {
    for (const [path, words] of lost[one]) {
      east.instead = (asked) => (path.test(asked.path) ? plain(404) : undefined);
      assertSays(await probes.run(`install/${one}#install@east`), 'bad', words);
    }
  }
  east.instead = () => undefined;
  east.change = (asked, answer) =>
    asked.path.endsWith('.metadata') ? { ...answer, body: answer.body.fill(32) } : answer;
  assertSays(
    await probes.run('install/python#install@east'),
    'bad',
    /^pip: the metadata beside the file came with the digest /,
  );
  east.change = (asked, answer) =>
    asked.path === '/v3/index.json'
      ? changed(answer, (text) => text.replace(/http:\/\/[^"]+\/v3\/search"/, 'http://10.0.0.1/v3/search"'))
      : answer;
  assertSays(
    await probes.run('install/nuget#install@east'),
    'bad',
    /^dotnet: the service index leads to http:\/\/10\.0\.0\.1: SearchQueryService$/,
  );
});

test('an edge that goes on showing what was is told from one that does not, and from a gallery that takes nothing', async (t) => {
  const { gallery, east, west, probes } = await stage(t, { deadlineSeconds: 1 });
  for (const one of ecosystems) assertGood(await probes.run(`publish/${one}#canary@west`));
  const kept = new Map<string, Passing>();
  const isDocument = ({ method, path }: Asked) => method === 'GET' && !/\.(whl|nupkg|metadata)$|\/package\//.test(path);
  const isStale = { now: false };
  west.instead = (asked) => (isStale.now && isDocument(asked) ? kept.get(asked.path) : undefined);
  west.change = (asked, answer) => {
    if (isDocument(asked)) kept.set(asked.path, answer);
    return answer;
  };
  for (const one of ecosystems) assertGood(await probes.run(`install/${one}#install@west`));
  isStale.now = true;
  for (const one of ecosystems) {
    assertGood(await probes.run(`publish/${one}#canary@east`));
    const found = await probes.run(`publish/${one}#canary@west`);
    assertSays(found, 'bad', /was not visible within 2 s: .+ is not (on|in|among) /);
    assert.deepEqual(
      found.steps.map(({ name }) => name).slice(0, 2),
      ['publish', 'visible'],
      'one round tells of both places',
    );
    assert.ok(found.durationMs >= 2_000, 'it took as long as the round waited');
  }
  isStale.now = false;
  east.instead = ({ method }) => (method === 'PUT' || method === 'POST' ? plain(503) : undefined);
  for (const one of ecosystems) {
    assertGood(await probes.run(`publish/${one}#canary@east`));
    assertGood(await probes.run(`publish/${one}#canary@west`));
    assertSays(await probes.run(`publish/${one}#push@east`), 'bad', /^the push was answered 503 /);
    assertGood(await probes.run(`publish/${one}#push@west`));
  }
  east.instead = () => 'silent';
  await Promise.all(
    ecosystems.map(async (one) => {
      const [silent, other] = await Promise.all(['east', 'west'].map((at) => probes.run(`publish/${one}#push@${at}`)));
      assert.ok(silent && other);
      assertSays(silent, 'bad', /no answer within 1 s/);
      assertGood(other);
      const [still, fresh] = await Promise.all(['east', 'west'].map((at) => probes.run(`publish/${one}#canary@${at}`)));
      assert.ok(still && fresh);
      assertSays(still, 'bad', /was not visible within 2 s: .+: no answer within 1 s$/);
      assertGood(fresh);
    }),
  );
  await gallery.stop();
  for (const one of ecosystems) {
    for (const place of ['east', 'west']) {
      assert.equal((await probes.run(`publish/${one}#canary@${place}`)).verdict, 'bad');
      assert.equal((await probes.run(`publish/${one}#push@${place}`)).verdict, 'bad');
    }
  }
});

test('what a killed service left behind is deleted after the next start, and a canary that others deleted is replaced', async (t) => {
  const { gallery, parts } = await stage(t);
  const configured = { gallery: { url: gallery.url, tokenFile: `${gallery.dataDir}/canary-token` } };
  const row = parts.db.prepare('select project, version from canaries where ecosystem = ?');
  for (const one of ecosystems) {
    const { project, version } = row.get(one) as { project: string; version: string };
    const api = `${gallery.url}/api/feeds/main/${one === 'python' ? 'python' : 'nupkg'}/${project}`;
    assert.equal((await fetch(api)).status, 200);
    // As a service leaves it that was killed between the gallery's answer and its own note.
    parts.db.prepare("update canaries set state = 'pushing' where project = ?").run(project);
    const restarted = await probing(t, parts.db).of(configured);
    assertSays(await restarted.run(`install/${one}#install@IPv4`), 'unknown', /^no canary has been published yet/);
    assertGood(await restarted.run(`publish/${one}#canary@IPv4`));
    const { versions } = (await (await fetch(api)).json()) as { versions: { version: string }[] };
    assert.deepEqual(
      versions.map((left) => left.version),
      ['1.0.2'],
      `${version} was deleted, and its number is not used again`,
    );
    const headers = { Authorization: `Bearer ${gallery.token}` };
    assert.equal((await fetch(api, { method: 'DELETE', headers })).status, 200);
    assertSays(await restarted.run(`install/${one}#install@IPv4`), 'bad', /404|is not (on|in|among) /);
    assertGood(await restarted.run(`publish/${one}#push@IPv4`));
    assertGood(await restarted.run(`install/${one}#install@IPv4`));
  }
});
