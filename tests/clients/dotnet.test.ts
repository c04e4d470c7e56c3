/** dotnet, the real one, against a running gallery: pack, push, restore, add, unlist, tools, and what a refusal says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Dotnet, prepareDotnet } from './runners/dotnet.ts';
import { ask, publishNupkg } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const prepare = (): Promise<Dotnet> => prepareDotnet({ source: `${gallery.url}/v3/index.json` });

test('what dotnet packs and pushes, dotnet restores', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using author = await prepare();
  await using user = await prepare();
  const packed = succeeded(await author.pack({ id: 'Demo.Packed', version: '1.1.0' }));

  succeeded(await author.push(packed.files[0] ?? '', { apiKey: gallery.token }));
  const stored = await ask(`${gallery.url}/v3/flat/demo.packed/1.1.0/demo.packed.1.1.0.nupkg`);
  assert.deepEqual(stored.body, readFileSync(packed.files[0] ?? ''));
  succeeded(await user.restore({ 'Demo.Packed': '1.1.0' }));
  assert.deepEqual(await user.restoredPackages(), ['demo.packed/1.1.0']);
});

test('a duplicate is refused in words, and --skip-duplicate passes it by', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  const first = await publishNupkg(gallery, { id: 'Demo.Twice', version: '1.0.0' });
  await using dotnet = await prepare();
  const changed = await makeNupkg({ id: 'Demo.Twice', version: '1.0.0', description: 'Changed after the fact' });

  // Also the very same bytes are a duplicate: dotnet knows one by the status 409 alone.
  for (const made of [first, changed]) {
    const file = await dotnet.addFile(made);
    assert.match(
      refused(await dotnet.push(file, { apiKey: gallery.token })),
      /409 \(Demo\.Twice 1\.0\.0 already exists/,
    );
    const skipped = succeeded(await dotnet.push(file, { apiKey: gallery.token, skipDuplicate: true }));
    assert.match(skipped.stdout, /already exists at feed/);
  }
  const stored = await ask(`${gallery.url}/v3/flat/demo.twice/1.0.0/demo.twice.1.0.0.nupkg`);
  assert.deepEqual(stored.body, first.bytes, 'what is published never changes');
});

test('a wrong key, and no key, are refused in words', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepare();
  const file = await dotnet.addFile(await makeNupkg({ id: 'Demo.Intruder', version: '1.0.0' }));

  const wrong = refused(await dotnet.push(file, { apiKey: `${gallery.token}x` }));
  assert.match(wrong, /403 \(.*the API key is wrong, revoked or expired\.\)/);
  const missing = refused(await dotnet.push(file));
  assert.match(missing, /401 \(This needs an API key/);
  assert.equal((await ask(`${gallery.url}/v3/flat/demo.intruder/index.json`)).status, 404);
});

test('a package that breaks the rules is refused in words', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepare();
  const broken = await makeNupkg({ id: 'Demo.Broken', version: '1.0.0', icon: Buffer.from('GIF89a, not a PNG') });

  const said = refused(await dotnet.push(await dotnet.addFile(broken), { apiKey: gallery.token }));
  assert.match(said, /400 \(The embedded icon is neither a PNG nor a JPEG image\.\)/);
});

test('dotnet restores a package with what it depends on', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await publishNupkg(gallery, { id: 'Demo.Needed', version: '1.0.0' });
  await publishNupkg(gallery, { id: 'Demo.Needed', version: '2.0.0' });
  const dependencies = [{ id: 'Demo.Needed', range: '[1.0.0, 2.0.0)' }];
  await publishNupkg(gallery, { id: 'Demo.App', version: '1.0.0', dependencies });
  await using dotnet = await prepare();

  succeeded(await dotnet.restore({ 'Demo.App': '1.0.0' }));
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.app/1.0.0', 'demo.needed/1.0.0']);
});

test('dotnet adds the newest version, or the one it is told, and finds an id in any letter case', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const version of ['1.2.0', '1.10.0', '2.0.0-beta.1']) await publishNupkg(gallery, { id: 'Demo.Many', version });
  await using dotnet = await prepare();

  succeeded(await dotnet.addPackage('Demo.Many'));
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.many/1.10.0']);
  succeeded(await dotnet.addPackage('DEMO.many', { version: '1.2.0' }));
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.many/1.10.0', 'demo.many/1.2.0']);
  succeeded(await dotnet.addPackage('Demo.Many', { hasPrereleases: true }));
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.many/1.10.0', 'demo.many/1.2.0', 'demo.many/2.0.0-beta.1']);
});

test('dotnet finds its versions where a registration is written so that PSResourceGet finds the right one', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  const packages = {
    'Demo.Betas': ['1.0.0-beta', '1.0.0'],
    'Demo.Tens': ['1.0.1', '1.0.10', '11.0.1'],
    'Demo.Mixed': ['1.0.0-rc', '1.0.0', '11.0.0'],
  };
  await using dotnet = await prepare();
  for (const [id, versions] of Object.entries(packages)) {
    for (const version of versions) await publishNupkg(gallery, { id, version });
    succeeded(await dotnet.addPackage(id, { version: versions[0] ?? '' }));
    succeeded(await dotnet.addPackage(id));
  }
  const restored = ['demo.betas/1.0.0', 'demo.betas/1.0.0-beta', 'demo.mixed/1.0.0-rc', 'demo.mixed/11.0.0'];
  assert.deepEqual(await dotnet.restoredPackages(), [...restored, 'demo.tens/1.0.1', 'demo.tens/11.0.1']);
});

test('a version that was deleted with dotnet is passed by, and still restored by who names it', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id: 'Demo.Unlisted', version });
  await using author = await prepare();
  await using user = await prepare();

  const intruder = refused(await author.delete('Demo.Unlisted', '1.1.0', { apiKey: `${gallery.token}x` }));
  assert.match(intruder, /403 \(.*the API key is wrong, revoked or expired\.\)/);
  succeeded(await author.delete('Demo.Unlisted', '1.1.0', { apiKey: gallery.token }));
  succeeded(await user.addPackage('Demo.Unlisted'));
  assert.deepEqual(await user.restoredPackages(), ['demo.unlisted/1.0.0']);
  succeeded(await user.restore({ 'Demo.Unlisted': '[1.1.0]' }));
  assert.deepEqual(await user.restoredPackages(), ['demo.unlisted/1.0.0', 'demo.unlisted/1.1.0']);
});

test('dotnet installs a tool that then runs', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await publishNupkg(gallery, { id: 'Demo.Tool', version: '1.2.0', tool: true });
  await using dotnet = await prepare();

  succeeded(await dotnet.toolInstall('Demo.Tool'));
  assert.equal((await dotnet.runTool('demo.tool')).stdout, 'Demo.Tool 1.2.0\n');
});

test('dotnet says that there is no such package, and no such version', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await publishNupkg(gallery, { id: 'Demo.Single', version: '1.0.0' });
  await using dotnet = await prepare();

  const result = await dotnet.restore({ 'Demo.Nowhere': '1.0.0', 'Demo.Single': '3.0.0' });
  assert.equal(result.exitCode, 1, describeResult(result));
  assert.match(result.stdout, /NU1101: Unable to find package Demo\.Nowhere/);
  assert.match(result.stdout, /NU1102: Unable to find package Demo\.Single with version \(>= 3\.0\.0\)/);
});

test('readme, icon and licence are at the addresses that the registration gives', async () => {
  const icon = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from('an image')]);
  const files = { readme: '# Demo\n\n<script>alert(1)</script>\n', icon, licenseFile: 'Do as you like.\n' };
  await publishNupkg(gallery, { id: 'Demo.Shown', version: '1.0.0', ...files });
  const leaf = JSON.parse((await ask(`${gallery.url}/v3/registration/demo.shown/1.0.0.json`)).body.toString());

  for (const [address, content, type] of [
    [leaf.readmeUrl, Buffer.from(files.readme), /^text\/(markdown|plain)/],
    [leaf.iconUrl, icon, /^image\/png$/],
    [leaf.licenseUrl, Buffer.from(files.licenseFile), /^text\/plain/],
  ] as const) {
    const shown = await ask(address);
    assert.equal(shown.status, 200, address);
    assert.deepEqual(shown.body, content);
    assert.match(shown.headers['content-type'] ?? '', type);
    assert.equal(shown.headers['x-content-type-options'], 'nosniff');
  }
});

test('the readme of a version is at the address that the service index tells', async () => {
  await publishNupkg(gallery, { id: 'Demo.Readme', version: '1.0.0-RC.1', readme: '# Demo\n' });
  await publishNupkg(gallery, { id: 'Demo.Readme', version: '1.0.0' });
  const index = JSON.parse((await ask(`${gallery.url}/v3/index.json`)).body.toString()) as {
    resources: { '@id': string; '@type': string }[];
  };
  const template = index.resources.find((resource) => resource['@type'] === 'ReadmeUriTemplate/6.13.0')?.['@id'] ?? '';
  const readme = (version: string) =>
    ask(template.replace('{lower_id}', 'demo.readme').replace('{lower_version}', version));
  const found = await readme('1.0.0-rc.1');
  assert.deepEqual([found.status, found.body.toString()], [200, '# Demo\n']);
  assert.match(found.headers['content-type'] ?? '', /^text\/markdown/);
  assert.equal((await readme('1.0.0')).status, 404);
});

/** @returns what dotnet printed, on one line */
function refused(result: RunResult): string {
  assert.equal(result.exitCode, 1, describeResult(result));
  return `${result.stdout}${result.stderr}`.replaceAll(/\s+/g, ' ');
}

function succeeded<T extends RunResult>(result: T): T {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
