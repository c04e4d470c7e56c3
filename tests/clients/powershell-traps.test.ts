/**
 * That the readers of PowerShell's clients fail where the clients do: each test breaks one thing in a feed that is otherwise read, and names
 * what comes of it. A reader that forgave such a thing would prove nothing about the gallery.
 */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { makePsModule } from '../packages/psmodule.ts';
import { registerPSRepository } from './powershell/psget2.ts';
import { registerPSResourceRepository } from './powershell/psresourceget.ts';

interface Answer {
  readonly status?: number;
  readonly reason?: string;
  readonly text?: string;
  readonly bytes?: Buffer;
  /** Sends without telling the length. */
  readonly isChunked?: boolean;
}

/** A server that answers what a test says. @returns its address, ending in /api/v2 */
async function serve(t: TestContext, answer: (path: string) => Answer): Promise<string> {
  const server: Server = createServer((request, response) => {
    const { status = 200, reason = 'OK', text = '', bytes = Buffer.from(text), isChunked } = answer(request.url ?? '');
    response.writeHead(status, reason, isChunked ? {} : { 'Content-Length': bytes.length });
    response.end(bytes);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2`;
}

const entry = (version: string, base = 'http://127.0.0.1') => `<entry>
  <id>${base}/Packages(Id='Demo.Trap',Version='${version}')</id>
  <title type="text">Demo.Trap</title>
  <author><name>Ada</name></author>
  <content type="application/zip" src="${base}/package/Demo.Trap/${version}" />
  <m:properties>
    <d:Id>Demo.Trap</d:Id>
    <d:Version>${version}</d:Version>
    <d:NormalizedVersion>${version}</d:NormalizedVersion>
    <d:IsPrerelease m:type="Edm.Boolean">false</d:IsPrerelease>
    <d:IsLatestVersion m:type="Edm.Boolean">true</d:IsLatestVersion>
    <d:Published m:type="Edm.DateTime">2026-01-01T00:00:00Z</d:Published>
    <d:RequireLicenseAcceptance m:type="Edm.Boolean">false</d:RequireLicenseAcceptance>
    <d:DownloadCount m:type="Edm.Int32">0</d:DownloadCount>
    <d:PackageSize m:type="Edm.Int64">10</d:PackageSize>
    <d:ProjectUrl>https://example.org/</d:ProjectUrl>
    <d:MinClientVersion m:null="true" />
    <d:Dependencies>Demo.Needed:[1.0.0, ):</d:Dependencies>
    <d:Tags>PSModule</d:Tags>
  </m:properties>
</entry>`;

const feed = (entries: readonly string[], count = entries.length) => `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
<m:count>${count}</m:count>
${entries.join('\n')}
</feed>`;

const whole = feed([entry('1.0.0')]);

/** One change, which has to change something. */
function changed(text: string, what: string | RegExp, by: string): string {
  const result = text.replace(what, by);
  assert.notEqual(result, text);
  return result;
}

const findWithPSResourceGet = async (t: TestContext, text: string) =>
  registerPSResourceRepository({ uri: await serve(t, () => ({ text })) }).find('Demo.Trap');

const findWithPowerShellGet = async (t: TestContext, text: string) =>
  (await registerPSRepository({ sourceLocation: await serve(t, () => ({ text })) })).findModule('Demo.Trap');

test('what the other tests break is read by both clients as it is', async (t) => {
  assert.equal((await findWithPSResourceGet(t, whole))[0]?.name, 'Demo.Trap');
  assert.equal((await findWithPowerShellGet(t, whole))[0]?.name, 'Demo.Trap');
});

const forPSResourceGet: readonly (readonly [string, string, RegExp])[] = [
  ['something before <?xml', ` ${whole}`, /XmlException/],
  [
    'an entry with a prefix',
    whole.replaceAll('entry>', 'a:entry>').replace('<feed ', '<feed xmlns:a="http://www.w3.org/2005/Atom" '),
    /does not exist/,
  ],
  [
    'other prefixes than d: and m:',
    whole.replaceAll(/(<\/?|xmlns:| )d(?=[:=])/g, '$1x').replaceAll(/(<\/?|xmlns:| )m(?=[:=])/g, '$1y'),
    /could not be found/,
  ],
  ['a comment in an entry', changed(whole, '<title', '<!-- a --><title'), /InvalidCastException/],
  ['text in an entry', changed(whole, '<title', 'text<title'), /InvalidCastException/],
  ['a comment in the properties', changed(whole, '<d:Id>', '<!-- a --><d:Id>'), /InvalidCastException/],
  ['text in the properties', changed(whole, '<d:Tags>', 'text<d:Tags>'), /InvalidCastException/],
  ['no IsPrerelease', changed(whole, /<d:IsPrerelease.*\n/, ''), /IsPrerelease is missing/],
  ['an empty count and no d:Id', changed(feed([], 0), '>0<', '><'), /empty, invalid or not present/],
  ['a count of nothing', changed(whole, '<m:count>1', '<m:count>0'), /could not be found/],
];

for (const [what, text, failure] of forPSResourceGet) {
  test(`PSResourceGet fails at ${what}`, async (t) => {
    await assert.rejects(findWithPSResourceGet(t, text), failure);
  });
}

const forPowerShellGet: readonly (readonly [string, string, RegExp])[] = [
  ['something before <?xml', ` ${whole}`, /does not begin with <\?xml/],
  ['JSON', '{"value":[]}', /does not begin with <\?xml/],
  ['a document type', changed(whole, '?>', '?><!DOCTYPE feed>'), /DTD is prohibited/],
  ['an address that is not absolute', changed(whole, 'https://example.org/', '/packages/demo'), /UriFormatException/],
  ['a number that is none', changed(whole, '>10<', '>ten<'), /FormatException: packagesize/],
  [
    'an empty number',
    changed(whole, /<d:DownloadCount[^<]*<\/d:DownloadCount>/, '<d:DownloadCount m:null="true" />'),
    /FormatException/,
  ],
  ['a boolean that is none', changed(whole, /(RequireLicenseAcceptance[^>]*>)false/, '$1no'), /FormatException/],
  ['an empty boolean', changed(whole, /(IsLatestVersion[^>]*>)true/, '$1'), /FormatException/],
  [
    'a client version of one number',
    changed(whole, /<d:MinClientVersion[^>]*>/, '<d:MinClientVersion>2</d:MinClientVersion>'),
    /System\.Version/,
  ],
  ['an empty piece in the dependencies', changed(whole, '[1.0.0, ):', '[1.0.0, ):|'), /NullReferenceException/],
  ['a dependency on a version that is none', changed(whole, '[1.0.0, )', '[one, )'), /is no version/],
  ['a version that is none', changed(whole, '<d:Version>1.0.0', '<d:Version>1.0.0.0.0'), /is no version/],
];

for (const [what, text, failure] of forPowerShellGet) {
  test(`PowerShellGet 2 fails at ${what}`, async (t) => {
    await assert.rejects(findWithPowerShellGet(t, text), failure);
  });
}

const isRoot = (path: string) => /^\/api\/v2\/?(items\/psscript\/?)?$/.test(path);
const skipOf = (path: string) => Number(/skip=(\d+)/.exec(decodeURIComponent(path))?.[1] ?? 0);

test('PowerShellGet 2 takes a first page of 39 for everything', async (t) => {
  const all = Array.from({ length: 100 }, (_, minor) => entry(`1.${minor}.0`));
  const uri = await serve(t, (path) => ({
    text: isRoot(path) ? whole : feed(all.slice(skipOf(path), skipOf(path) + 39)),
  }));
  const client = await registerPSRepository({ sourceLocation: uri });
  assert.equal((await client.findModule('Demo.Trap', { allVersions: true })).length, 39);
});

test('PowerShellGet 2 stops when the first page comes again', async (t) => {
  const all = Array.from({ length: 40 }, (_, minor) => entry(`1.${minor}.0`));
  const uri = await serve(t, (path) => ({ text: isRoot(path) ? whole : feed(all) }));
  const client = await registerPSRepository({ sourceLocation: uri });
  assert.equal((await client.findModule('Demo.Trap', { allVersions: true })).length, 40);
});

test('PowerShellGet 2 trusts IsLatestVersion, be it of an old version', async (t) => {
  const old = changed(entry('2.0.0'), /(IsLatestVersion[^>]*>)true/, '$1false');
  const [found] = await findWithPowerShellGet(t, feed([entry('1.0.0'), old]));
  assert.equal(found?.version, '1.0.0');
});

test('PowerShellGet 2 fetches a file three times when its length is not told, and takes an error for the file', async (t) => {
  const { bytes } = await makePsModule({ id: 'Demo.Trap', version: '1.0.0' });
  const withoutNeeds = (base: string) => feed([entry('1.0.0', base).replace('Demo.Needed:[1.0.0, ):', '')]);
  let base = '';
  let file: Answer = { bytes, isChunked: true };
  base = await serve(t, (path) => (path.includes('/package/Demo') ? file : { text: withoutNeeds(base) }));
  const [installed] = await (await registerPSRepository({ sourceLocation: base })).saveModule('Demo.Trap');
  assert.equal(installed?.downloads, 3);
  file = { status: 503, reason: 'Busy', text: 'busy' };
  await assert.rejects((await registerPSRepository({ sourceLocation: base })).saveModule('Demo.Trap'), {
    errorId: 'PackageFailedToInstallReason',
  });
});

test('PSResourceGet shows twice what two pages repeat, and an empty last page as an error', async (t) => {
  const all = Array.from({ length: 150 }, (_, minor) => entry(`1.${minor}.0`));
  const repeating = registerPSResourceRepository({ uri: await serve(t, () => ({ text: feed(all, 150) })) });
  assert.equal((await repeating.find('Demo.Trap', { version: '*' })).length, 300);
  const hundred = await serve(t, (path) => ({ text: feed(skipOf(path) === 0 ? all.slice(0, 100) : [], 100) }));
  const { resources, errors } = await registerPSResourceRepository({ uri: hundred }).findAndErrors('Demo.Trap', {
    version: '*',
  });
  assert.deepEqual(
    [resources.length, errors.map(({ message }) => message)],
    [100, ['Package does not exist on the server']],
  );
});

test('PSResourceGet takes a bare version in Dependencies for that version and no other, and an exact range for the same', async (t) => {
  for (const [range, min, max] of [
    ['1.0.0', '1.0.0', '1.0.0'],
    ['[1.0.0]', '1.0.0', '1.0.0'],
    ['[1.0.0, )', '1.0.0', undefined],
    ['', undefined, undefined],
  ] as const) {
    const [found] = await findWithPSResourceGet(t, whole.replace(':[1.0.0, ):', `:${range}:`));
    const dependency = found?.dependencies[0];
    assert.deepEqual([dependency?.range.min?.original, dependency?.range.max?.original], [min, max], range);
  }
});

test('what a server says of a failure reaches the user as its reason phrase, and a 404 as not found', async (t) => {
  const find = async (status: number, reason: string) =>
    registerPSResourceRepository({ uri: await serve(t, () => ({ status, reason, text: 'nobody reads this' })) }).find(
      'Demo.Trap',
    );
  await assert.rejects(find(503, 'The database is away'), {
    message: /503 \(The database is away\)/,
    isNotFound: false,
  });
  await assert.rejects(find(404, 'Not here'), { errorId: 'ResourceNotFound', isNotFound: true });
  await assert.rejects(find(401, 'This needs a token'), { message: /401 \(This needs a token\).*-Credential/ });
});

test('PowerShellGet 2 registers no repository that answers 500, and one without scripts where their folder is missing', async (t) => {
  await assert.rejects(registerPSRepository({ sourceLocation: await serve(t, () => ({ status: 500 })) }), {
    errorId: 'InvalidWebUri',
  });
  const uri = await serve(t, (path) => (path.includes('psscript') ? { status: 404 } : { text: whole }));
  const client = await registerPSRepository({ sourceLocation: uri });
  await assert.rejects(client.findScript('Demo'), { errorId: 'ScriptSourceLocationIsMissing' });
});

test('PSResourceGet uses no repository whose address ends in a slash', async () => {
  const client = registerPSResourceRepository({ uri: 'http://127.0.0.1:1/api/v2/' });
  await assert.rejects(client.find('Demo.Trap'), { errorId: 'RepositoryApiVersionUnknown' });
});

test('PSResourceGet over v3 installs the first address that contains the version, and turns the order round by the upper bound', async (t) => {
  const nupkgs = await Promise.all(['1.0.1', '1.0.10'].map((version) => makePsModule({ id: 'Demo.Trap', version })));
  let base = '';
  const leaf = (version: string) => ({
    catalogEntry: { id: 'Demo.Trap', version },
    packageContent: `${base}/${version}/demo.trap.${version}.nupkg`,
  });
  const install = async (upper: string | undefined) => {
    const page = { upper, items: [leaf('1.0.1'), leaf('1.0.10')] };
    const json = new Map<string, unknown>([
      ['index.json', { resources: [{ '@type': 'RegistrationsBaseUrl/3.6.0', '@id': `${base}/registration` }] }],
      ['registration/demo.trap/index.json', { items: [page] }],
    ]);
    const uri = await serve(t, (path) => {
      const nupkg = nupkgs.find(({ filename }) => path.endsWith(filename.toLowerCase()));
      const name = path.replace('/api/v2/', '');
      return nupkg === undefined ? { text: JSON.stringify(json.get(name) ?? {}) } : { bytes: nupkg.bytes };
    });
    base = uri;
    page.items = [leaf('1.0.1'), leaf('1.0.10')];
    json.set('index.json', { resources: [{ '@type': 'RegistrationsBaseUrl/3.6.0', '@id': `${base}/registration` }] });
    const client = registerPSResourceRepository({ uri: `${uri}/index.json` });
    return (await client.install('Demo.Trap', { version: '1.0.1' })).map(({ identity }) => identity.version);
  };
  assert.deepEqual(await install('1.0.10'), ['1.0.10'], 'newest first, and the newest contains 1.0.1');
  assert.deepEqual(await install(undefined), ['1.0.1'], 'without a bound the order stays');
});

test('PSResourceGet over v3 fails at a dependency without a range', async (t) => {
  let base = '';
  const dependencyGroups = [{ dependencies: [{ id: 'Demo.Needed' }] }];
  const items = [{ catalogEntry: { id: 'Demo.Trap', version: '1.0.0', dependencyGroups }, packageContent: 'x' }];
  base = await serve(t, (path) => ({
    text: JSON.stringify(
      path.endsWith('/v2/index.json')
        ? { resources: [{ '@type': 'RegistrationsBaseUrl', '@id': `${base}/registration/` }] }
        : { items: [{ upper: '1.0.0', items }] },
    ),
  }));
  await assert.rejects(registerPSResourceRepository({ uri: `${base}/index.json` }).find('Demo.Trap'), /has no range/);
});
