/**
 * PSResourceGet against `…/v3/index.json`, by a reader that follows its source: what it finds, what it installs, and that asking for one
 * version never gives another.
 */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makePsModule } from '../packages/psmodule.ts';
import { registerPSResourceRepository } from './powershell/psresourceget.ts';
import { publishModule, publishScript } from './powershell/publish.ts';
import { unlist } from './runners/publish.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const register = (version: '1.1.1' | '1.2.0' = '1.2.0') =>
  registerPSResourceRepository({ uri: `${gallery.url}/v3/index.json`, version });

const publishVersions = async (id: string, ...versions: string[]) => {
  for (const version of versions) {
    const [numbers = '', prerelease] = version.split('-');
    await publishModule(gallery, prerelease === undefined ? { id, version } : { id, version: numbers, prerelease });
  }
};

const named = (resources: readonly { name: string; normalizedVersion: string | undefined }[]) =>
  resources.map(({ name, normalizedVersion }) => `${name} ${normalizedVersion}`);

const contents = (installed: readonly { identity: { id: string; version: string } }[]) =>
  installed.map(({ identity }) => `${identity.id} ${identity.version}`);

test('Find-PSResource over v3 finds a module by name, by exact version and by range, in any letter case', async () => {
  await publishVersions('V3.Find', '1.0.0', '1.2.0', '1.10.0', '2.0.0-beta');
  const client = register();
  assert.deepEqual(named(await client.find('v3.find')), ['V3.Find 1.10.0']);
  assert.deepEqual(named(await client.find('V3.Find', { prerelease: true })), ['V3.Find 2.0.0-beta']);
  assert.deepEqual(named(await client.find('V3.Find', { version: '1.2.0' })), ['V3.Find 1.2.0']);
  assert.deepEqual(named(await client.find('V3.Find', { version: '1.2' })), ['V3.Find 1.2.0']);
  assert.deepEqual(named(await client.find('V3.Find', { version: '2.0.0-BETA' })), ['V3.Find 2.0.0-beta']);
  const range = await client.find('V3.Find', { version: '[1.0.0,2.0.0)' });
  assert.deepEqual(named(range), ['V3.Find 1.10.0', 'V3.Find 1.2.0', 'V3.Find 1.0.0']);
  const all = await client.find('V3.Find', { version: '*', prerelease: true });
  assert.deepEqual(named(all), ['V3.Find 2.0.0-beta', 'V3.Find 1.10.0', 'V3.Find 1.2.0', 'V3.Find 1.0.0']);
});

test('what a module says of itself arrives over v3', async () => {
  const options = { id: 'V3.Told', version: '1.0.0', author: 'Ada', description: 'Tells', copyright: '(c) Ada' };
  await publishModule(gallery, {
    ...options,
    tags: ['Winter', 'Linux'],
    releaseNotes: 'First',
    projectUri: 'https://example.org/',
  });
  const [found] = await register().find('V3.Told', { tag: ['winter'] });
  assert.deepEqual(
    [found?.author, found?.description, found?.copyright, found?.releaseNotes, found?.projectUri],
    ['Ada', 'Tells', '(c) Ada', 'First', 'https://example.org/'],
  );
  assert.deepEqual(found?.tags.toSorted(), ['Linux', 'PSModule', 'Winter']);
  await assert.rejects(register().find('V3.Told', { tag: ['summer'] }), /V3\.Told.*could not be found/);
});

test('Install-PSResource over v3 brings what a module depends on', async () => {
  await publishVersions('V3.Needed', '1.0.0', '1.5.0', '2.0.0');
  await publishVersions('V3.Exact', '1.0.0', '1.1.0');
  await publishVersions('V3.Any', '1.0.0', '3.0.0');
  const requiredModules = [
    { ModuleName: 'V3.Needed', ModuleVersion: '1.2.0' },
    { ModuleName: 'V3.Exact', RequiredVersion: '1.0.0' },
    'V3.Any',
  ];
  await publishModule(gallery, { id: 'V3.App', version: '1.0.0', requiredModules });
  const client = register();
  const installed = contents(await client.install('V3.App')).toSorted();
  assert.deepEqual(installed, ['V3.Any 3.0.0', 'V3.App 1.0.0', 'V3.Exact 1.0.0', 'V3.Needed 1.5.0']);
  assert.deepEqual(contents(await client.install('V3.App')), [], 'it is there already');
  assert.deepEqual(contents(await register().save('V3.App', { skipDependencyCheck: true })), ['V3.App 1.0.0']);
});

/** Each row is a package's versions: with stable ones that contain each other as text, and with prereleases of a stable one. */
const versionSets = [
  ['1.0.0', '11.0.0'],
  ['1.0.0-beta', '1.0.0'],
  ['1.0.0-Beta', '1.0.0'],
  ['1.0.1', '1.0.10', '1.0.11'],
  ['1.0.0', '1.0.0.1', '21.0.0'],
  ['0.9.0', '1.0.0-alpha', '1.0.0-beta', '1.0.0', '1.0.1-beta'],
] as const;

for (const [number, versions] of versionSets.entries()) {
  test(`of ${versions.join(', ')} each is installed over v3 when it is asked for, and the newest without asking`, async () => {
    const id = `V3.Set${number}`;
    await publishVersions(id, ...versions);
    for (const version of versions) {
      assert.deepEqual(contents(await register().install(id, { version })), [`${id} ${version}`]);
    }
    const newest = versions.filter((version) => !version.includes('-')).at(-1);
    if (newest !== undefined) assert.deepEqual(contents(await register().install(id)), [`${id} ${newest}`]);
  });
}

/** Here no order is right for all: the client begins at one end, and there is one version too many that contains another. */
const mixedSets = [
  ['2.0.0-rc1', '2.0.0-rc10', '2.0.0'],
  ['1.0.0-beta', '1.0.0', '1.0.1', '1.0.10', '11.0.0-rc', '11.0.0'],
] as const;

for (const [number, versions] of mixedSets.entries()) {
  test(`of ${versions.join(', ')} no other is installed over v3 than the one that is asked for`, async () => {
    const id = `V3.Mixed${number}`;
    await publishVersions(id, ...versions);
    for (const version of versions.filter((each) => !each.includes('-'))) {
      assert.deepEqual(contents(await register().install(id, { version })), [`${id} ${version}`]);
    }
    for (const version of versions.filter((each) => each.includes('-'))) {
      const said = await register()
        .install(id, { version })
        .then(contents, (error: Error) => [error.message]);
      assert.match(said.join(), new RegExp(`^(${id} ${version}|.*version '${version}' could not be found.*)$`));
    }
  });
}

test('an unlisted version is not found over v3', async () => {
  await publishVersions('V3.Unlisted', '1.0.0', '1.1.0');
  await unlist(gallery, 'nupkg', 'V3.Unlisted', '1.1.0');
  assert.deepEqual(named(await register().find('V3.Unlisted')), ['V3.Unlisted 1.0.0']);
  assert.deepEqual(named(await register().find('V3.Unlisted', { version: '*' })), ['V3.Unlisted 1.0.0']);
  await assert.rejects(register().find('V3.Unlisted', { version: '1.1.0' }), /could not be found/);
  assert.deepEqual(contents(await register().install('V3.Unlisted')), ['V3.Unlisted 1.0.0']);
});

test('over v3 a script is told from a module when it is unpacked, not before', async () => {
  await publishVersions('V3.Module', '1.0.0');
  await publishScript(gallery, { id: 'V3-Script', version: '1.0.0' });
  const client = register();
  assert.deepEqual(
    (await client.find(['V3.Module', 'V3-Script'])).map(({ type }) => type),
    ['None', 'None'],
  );
  const kinds = [...(await client.install('V3.Module')), ...(await client.install('V3-Script'))].map(
    ({ kind }) => kind,
  );
  assert.deepEqual(kinds, ['module', 'script']);
});

test('Update-PSResource over v3 brings the newer version once', async () => {
  await publishVersions('V3.Update', '1.0.0');
  const client = register();
  await client.install('V3.Update');
  assert.deepEqual(contents(await client.update('V3.Update')), []);
  await publishVersions('V3.Update', '1.1.0');
  assert.deepEqual(contents(await client.update('V3.Update')), ['V3.Update 1.1.0']);
});

test('what is not there, and what v3 cannot do for PowerShell, is said', async () => {
  const client = register();
  await assert.rejects(client.find('V3.Nobody'), /V3\.Nobody' could not be found/);
  await assert.rejects(client.install('V3.Nobody'), /V3\.Nobody' could not be installed/);
  await assert.rejects(client.find('*'), /Find all is not supported/);
  await assert.rejects(client.findCommand('Get-Nothing'), /is not supported/);
});

test('Publish-PSResource over v3 takes the right key, and says what was wrong with another', async () => {
  const made = await makePsModule({ id: 'V3.Published', version: '1.0.0' });
  const client = register();
  await assert.rejects(client.publish(made, { apiKey: 'wrong' }), { errorId: '403Error' });
  await assert.rejects(client.publish(made, {}), { errorId: '401ApiKeyError' });
  await client.publish(made, { apiKey: gallery.token });
  const changed = await makePsModule({ id: 'V3.Published', version: '1.0.0', description: 'Changed after the fact' });
  await assert.rejects(
    client.publish(changed, { apiKey: gallery.token }),
    /409 \(V3\.Published 1\.0\.0 already exists/,
  );
  assert.deepEqual(contents(await client.install('V3.Published')), ['V3.Published 1.0.0']);
});
