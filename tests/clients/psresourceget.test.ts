/**
 * PSResourceGet 1.1 and 1.2 against the v2 addresses, by a reader that follows its source and fails where the client would: finding by every
 * parameter, installing with dependencies, saving, updating, publishing.
 */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makePsModule } from '../packages/psmodule.ts';
import { makePsScript } from '../packages/psscript.ts';
import { registerPSResourceRepository } from './powershell/psresourceget.ts';
import { publishModule, publishModules, publishScript, untilSearchHas } from './powershell/publish.ts';
import { publishNupkg, unlist } from './runners/publish.ts';

let gallery: TestGallery;

/** The address that the documents name for this client, and one without its words. */
const alias = '/powershellgallery.com/api/v2';
const plain = '/powershell/api/v2';

const register = (root = alias, version: '1.1.1' | '1.2.0' = '1.2.0') =>
  registerPSResourceRepository({ uri: `${gallery.url}${root}`, version });

const named = (resources: readonly { name: string; normalizedVersion: string | undefined }[]) =>
  resources.map(({ name, normalizedVersion }) => `${name} ${normalizedVersion}`).toSorted();

const names = (resources: readonly { name: string }[]) => resources.map(({ name }) => name).toSorted();

const contents = (installed: readonly { identity: { id: string; version: string } }[]) =>
  installed.map(({ identity }) => `${identity.id} ${identity.version}`).toSorted();

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  for (const version of ['1.0.0', '1.1.0', '1.10.0', '2.0.0', '11.0.0']) {
    await publishModule(gallery, { id: 'Az.Demo', version, tags: ['Cloud', 'Storage'], functions: ['Get-AzDemo'] });
  }
  await publishModule(gallery, { id: 'Az.Demo', version: '12.0.0', prerelease: 'Beta2', tags: ['Cloud'] });
  await publishModule(gallery, {
    id: 'Az.Other',
    version: '1.0.0',
    cmdlets: ['Get-AzDemo', 'Set-AzOther'],
    tags: ['Cloudy'],
  });
  await publishModule(gallery, { id: 'xDemoDsc', version: '0.5.0', dscResources: ['xDemoFile'] });
  await publishScript(gallery, { id: 'Start-Az', version: '3.1.0', tags: ['Cloud'] });
  await publishScript(gallery, { id: 'Az-Clean', version: '1.0.0-rc1' });
  await publishNupkg(gallery, { id: 'Az.Library', version: '1.0.0', tags: 'Cloud' });
  await untilSearchHas(gallery, 6, 'IsAbsoluteLatestVersion');
});

for (const root of [alias, plain, '/api/v2']) {
  test(`Find-PSResource at ${root} finds by name and version`, async () => {
    const client = register(root);
    assert.deepEqual(named(await client.find('az.demo')), ['Az.Demo 11.0.0']);
    assert.deepEqual(named(await client.find('Az.Demo', { prerelease: true })), ['Az.Demo 12.0.0-Beta2']);
    assert.deepEqual(named(await client.find('Az.Demo', { version: '1.1.0' })), ['Az.Demo 1.1.0']);
    assert.deepEqual(named(await client.find('Az.Demo', { version: '1.1' })), ['Az.Demo 1.1.0']);
    assert.deepEqual(named(await client.find('Az.Demo', { version: '1.0.0.0' })), ['Az.Demo 1.0.0']);
    assert.deepEqual(named(await client.find('Az.Demo', { version: '12.0.0-beta2' })), ['Az.Demo 12.0.0-Beta2']);
    const within = await client.find('Az.Demo', { version: '[1.1.0,2.0.0]' });
    assert.deepEqual(
      within.map(({ version }) => version),
      ['2.0.0', '1.10.0', '1.1.0'],
      'the newest first',
    );
    assert.deepEqual(named(await client.find('Az.Demo', { version: '(1.1.0,2.0.0)' })), ['Az.Demo 1.10.0']);
    assert.equal((await client.find('Az.Demo', { version: '*' })).length, 5);
    assert.equal((await client.find('Az.Demo', { version: '*', prerelease: true })).length, 6);
    const upTo = await client.find('Az.Demo', { version: '[11.0.0,12.0.0]', prerelease: true });
    assert.deepEqual(named(upTo), ['Az.Demo 11.0.0', 'Az.Demo 12.0.0-Beta2']);
    assert.deepEqual(named(await client.find(['Az.Demo', 'Start-Az'])), ['Az.Demo 11.0.0', 'Start-Az 3.1.0']);
    assert.deepEqual(await client.find('Az.Demo', { version: '[90.0.0,]' }), []);
  });

  test(`what is not at ${root} is said to be not found`, async () => {
    const client = register(root);
    await assert.rejects(client.find('Az.Nobody'), { errorId: 'PackageNotFound', isNotFound: true });
    await assert.rejects(client.find('Az.Demo', { version: '9.9.9' }), { errorId: 'PackageNotFound' });
    await assert.rejects(client.find('Az.Demo', { tag: ['Winter'] }), { errorId: 'PackageNotFound' });
    await assert.rejects(client.find('Az-Clean'), { errorId: 'PackageNotFound' }, 'it has only prereleases');
    assert.deepEqual(await client.find('Nobody.*'), [], 'a wildcard that fits nothing is no error');
  });
}

test('a wildcard finds names that begin, end, or contain, and both ends', async () => {
  const client = register();
  assert.deepEqual(names(await client.find('Az*')), ['Az.Demo', 'Az.Other']);
  assert.deepEqual(named(await client.find('az*', { prerelease: true })), [
    'Az-Clean 1.0.0-rc1',
    'Az.Demo 12.0.0-Beta2',
    'Az.Other 1.0.0',
  ]);
  assert.deepEqual(names(await client.find('*az')), ['Start-Az']);
  assert.deepEqual(names(await client.find('*demo*')), ['Az.Demo', 'xDemoDsc']);
  assert.deepEqual(names(await client.find('a*r')), ['Az.Other']);
  assert.deepEqual(names(await register('/api/v2').find('Az*')), ['Az.Demo', 'Az.Library', 'Az.Other']);
  await assert.rejects(client.find('*a*b*'), { errorId: 'FindNameGlobbingFailure' });
});

test('a wildcard with a type or a tag works where the address has the words that the client looks for', async () => {
  const client = register();
  assert.deepEqual(names(await client.find('*Az*', { type: 'Script' })), ['Start-Az']);
  assert.deepEqual(names(await client.find('*Az*', { type: 'Module' })), ['Az.Demo', 'Az.Other']);
  assert.deepEqual(names(await client.find('*Az*', { tag: ['Storage'] })), ['Az.Demo']);
  await assert.rejects(register(plain).find('*Az*', { type: 'Script' }), {
    errorId: 'FindNameGlobbingNotSupportedForRepo',
  });
  await assert.rejects(register(plain).find('*Az*', { tag: ['Cloud'] }), { errorId: 'FindNameGlobbingAndTagFailure' });
});

test('everything is found once each, scripts and modules told apart', async () => {
  const client = register();
  const all = await client.find('*');
  assert.deepEqual(named(all), ['Az.Demo 11.0.0', 'Az.Other 1.0.0', 'Start-Az 3.1.0', 'xDemoDsc 0.5.0']);
  assert.deepEqual(
    all.filter(({ type }) => type === 'Script').map(({ name }) => name),
    ['Start-Az'],
  );
  assert.deepEqual(names(await client.find('*', { type: 'Script' })), ['Start-Az']);
  assert.deepEqual(names(await client.find('*', { type: 'Module' })), ['Az.Demo', 'Az.Other', 'xDemoDsc']);
  assert.equal((await client.find('*', { prerelease: true })).length, 5);
});

test('a tag finds modules and scripts that have its text among their tags, in any letter case', async () => {
  const client = register();
  // The filter is substringof, here as on the public gallery: Cloudy contains Cloud.
  assert.deepEqual(names(await client.find(undefined, { tag: ['cloud'] })), ['Az.Demo', 'Az.Other', 'Start-Az']);
  assert.deepEqual(names(await client.find(undefined, { tag: ['Cloudy'] })), ['Az.Other']);
  assert.deepEqual(names(await client.find(undefined, { tag: ['Cloud', 'Storage'] })), ['Az.Demo']);
  assert.deepEqual(named(await client.find('Az.Demo', { tag: ['Storage'] })), ['Az.Demo 11.0.0']);
  await assert.rejects(client.find(undefined, { tag: ['Winter'] }), { errorId: 'PackageWithSpecifiedTagsNotFound' });
  await assert.rejects(client.find(undefined, { tag: ['Cloud'], type: 'Script' }), {
    errorId: 'ErrorUsingTypeParameter',
  });
});

test('a command and a DSC resource lead to the module that has them, though nobody tagged it so', async () => {
  const client = register();
  assert.deepEqual(names(await client.findCommand('Get-AzDemo')), ['Az.Demo', 'Az.Other']);
  assert.deepEqual(names(await client.findCommand('get-azdemo', 'Set-AzOther')), ['Az.Other']);
  assert.deepEqual(names(await client.findDscResource('xDemoFile')), ['xDemoDsc']);
  await assert.rejects(client.findCommand('Get-Nothing'), { errorId: 'PackageWithSpecifiedCmdOrDSCNotFound' });
  const [found] = await client.find('Az.Other');
  assert.deepEqual(
    [found?.commands, found?.cmdlets],
    [
      ['Get-AzDemo', 'Set-AzOther'],
      ['Get-AzDemo', 'Set-AzOther'],
    ],
  );
});

test('what a module says of itself arrives', async () => {
  const uris = {
    projectUri: 'https://example.org/p',
    licenseUri: 'https://example.org/l',
    iconUri: 'https://example.org/i.png',
  };
  const words = {
    author: 'Ada, Bob',
    companyName: 'Demo & Co',
    copyright: '(c) 2026',
    description: 'a < b\nsecond line',
    releaseNotes: '* "first"',
  };
  await publishModule(gallery, { id: 'Told.All', version: '1.2.3.4', ...uris, ...words });
  const [found] = await register().find('Told.All');
  assert.deepEqual(
    {
      author: found?.author,
      companyName: found?.companyName,
      copyright: found?.copyright,
      description: found?.description,
      releaseNotes: found?.releaseNotes,
    },
    words,
  );
  assert.deepEqual({ projectUri: found?.projectUri, licenseUri: found?.licenseUri, iconUri: found?.iconUri }, uris);
  assert.deepEqual([found?.version, found?.normalizedVersion, found?.type], ['1.2.3.4', '1.2.3.4', 'Module']);
});

for (const root of [alias, plain, '/api/v2']) {
  test(`Install-PSResource at ${root} brings what a module depends on`, async () => {
    const id = `Needs${root.replaceAll(/\W/g, '')}`;
    const requiredModules = [
      { ModuleName: 'Az.Demo', ModuleVersion: '1.0.1' },
      { ModuleName: 'Az.Other', RequiredVersion: '1.0.0' },
      'xDemoDsc',
    ];
    await publishModule(gallery, { id: `${id}.Middle`, version: '1.0.0', requiredModules });
    await publishModule(gallery, {
      id,
      version: '1.0.0',
      requiredModules: [{ ModuleName: `${id}.Middle`, ModuleVersion: '0.9' }],
    });
    const client = register(root);
    // Of a range the client takes the lowest version that fits.
    const all = ['Az.Demo 1.1.0', 'Az.Other 1.0.0', `${id} 1.0.0`, `${id}.Middle 1.0.0`, 'xDemoDsc 0.5.0'].toSorted();
    assert.deepEqual(contents(await client.install(id)), all);
    assert.deepEqual(contents(await client.install(id)), []);
    assert.deepEqual(contents(await client.save(id, { skipDependencyCheck: true })), [`${id} 1.0.0`]);
    assert.deepEqual(named(await client.find(id, { includeDependencies: true })).length, 5);
  });
}

test('the version that is asked for is installed, be it stable, a prerelease or of a range', async () => {
  const install = async (version: string, prerelease = false) =>
    contents(await register().install('Az.Demo', { version, prerelease }));
  for (const version of ['1.0.0', '1.1.0', '1.10.0', '11.0.0', '12.0.0-Beta2'])
    assert.deepEqual(await install(version), [`Az.Demo ${version}`]);
  assert.deepEqual(await install('1.*'), ['Az.Demo 1.10.0']);
  assert.deepEqual(await install('[1.0.0,2.0.0)'), ['Az.Demo 1.10.0']);
  assert.deepEqual(await install('[11.0.0,12.0.0]', true), ['Az.Demo 12.0.0-Beta2']);
  await assert.rejects(
    install('12.*', true),
    { errorId: 'InstallPackageFailure' },
    'a prerelease is below its version',
  );
  assert.deepEqual(contents(await register().install('Az.Demo', { prerelease: true })), ['Az.Demo 12.0.0-Beta2']);
  await assert.rejects(register().install('Az.Demo', { version: '9.9.9' }), { errorId: 'InstallPackageFailure' });
  await assert.rejects(register().install('Az.Nobody'), /'Az\.Nobody' could not be installed/);
});

test('a script is installed as a script, with the modules that it needs', async () => {
  await publishScript(gallery, {
    id: 'Use-Az',
    version: '1.0.0',
    requiredModules: [{ ModuleName: 'Az.Other', ModuleVersion: '1.0.0' }],
  });
  const installed = await register().install('Use-Az');
  assert.deepEqual(contents(installed), ['Az.Other 1.0.0', 'Use-Az 1.0.0']);
  assert.deepEqual(installed.map(({ name, kind }) => `${name} ${kind}`).toSorted(), [
    'Az.Other module',
    'Use-Az script',
  ]);
});

test('an unlisted version is for who names it: version 1.1 of the client never shows it, 1.2 by its exact version', async () => {
  for (const version of ['1.0.0', '1.1.0']) await publishModule(gallery, { id: 'Gone.Demo', version });
  await unlist(gallery, 'nupkg', 'Gone.Demo', '1.1.0');
  await untilSearchHas(gallery, 1, "startswith(Id, 'Gone.') and IsLatestVersion and Version eq '1.0.0'");
  assert.deepEqual(named(await register().find('Gone.Demo')), ['Gone.Demo 1.0.0']);
  assert.deepEqual(named(await register().find('Gone*')), ['Gone.Demo 1.0.0']);
  assert.deepEqual(named(await register().find('Gone.Demo', { version: '1.1.0' })), ['Gone.Demo 1.1.0']);
  assert.deepEqual(contents(await register().install('Gone.Demo', { version: '1.1.0' })), ['Gone.Demo 1.1.0']);
  await assert.rejects(register(alias, '1.1.1').find('Gone.Demo', { version: '1.1.0' }), {
    errorId: 'PackageNotFound',
  });
  await unlist(gallery, 'nupkg', 'Gone.Demo', '1.0.0');
  await assert.rejects(register().find('Gone.Demo'), { errorId: 'PackageNotFound' });
});

test('Update-PSResource brings what is newer', async () => {
  const client = register();
  await publishModule(gallery, { id: 'Up.Demo', version: '1.0.0' });
  await client.install('Up.Demo');
  assert.deepEqual(await client.update('Up.Demo'), []);
  await publishModule(gallery, { id: 'Up.Demo', version: '1.2.0' });
  assert.deepEqual(contents(await client.update('Up.Demo')), ['Up.Demo 1.2.0']);
});

for (const root of [alias, plain, '/api/v2']) {
  test(`Publish-PSResource at ${root} takes the right key, and says what was wrong with another`, async () => {
    const id = `Sent${root.replaceAll(/\W/g, '')}`;
    const made = await makePsModule({ id, version: '1.0.0', functions: ['Get-Sent'] });
    const client = register(root);
    await assert.rejects(client.publish(made, { apiKey: 'wrong' }), {
      errorId: '403Error',
      message: /403 \(.*API key is wrong/,
    });
    await assert.rejects(client.publish(made, {}), { errorId: '401ApiKeyError' });
    await client.publish(made, { apiKey: gallery.token });
    assert.deepEqual(named(await client.find(id)), [`${id} 1.0.0`]);
    const changed = await makePsModule({ id, version: '1.0.0', description: 'Changed after the fact' });
    await assert.rejects(client.publish(changed, { apiKey: gallery.token }), {
      errorId: '409Error',
      message: /already exists/,
    });
    await client.publish(await makePsScript({ id: `Send-${id}`, version: '1.0.0' }), { apiKey: gallery.token });
    assert.deepEqual(
      (await client.find(`Send-${id}`)).map(({ type }) => type),
      ['Script'],
    );
  });
}

test('at /nuget this client publishes and reads nothing, whoever answers: it looks for properties inside properties', async () => {
  const client = register('/nuget');
  await client.publish(await makePsModule({ id: 'Sent.Nuget', version: '1.0.0' }), { apiKey: gallery.token });
  assert.deepEqual(named(await register().find('Sent.Nuget')), ['Sent.Nuget 1.0.0']);
  for (const name of ['Az.Demo', 'Az*', '*']) await assert.rejects(client.find(name), /IsPrerelease is missing/);
  await assert.rejects(client.install('Az.Demo'), /IsPrerelease is missing/);
});

test('more than a hundred versions, and more than a hundred names, are found whole', async () => {
  const numbers = Array.from({ length: 105 }, (_, number) => number);
  const tagged = { tags: ['Crowd'], functions: ['Join-Crowd'] };
  await publishModules(
    gallery,
    numbers.map((minor) => ({ id: 'Many.Versions', version: `1.${minor}.0` })),
  );
  await publishModules(
    gallery,
    numbers.map((number) => ({ id: `Crowd.Member${number}`, version: '1.0.0', ...tagged })),
  );
  await untilSearchHas(gallery, 105, "startswith(Id, 'Crowd.')");
  const client = register();
  const versions = await client.find('Many.Versions', { version: '*' });
  assert.deepEqual([versions.length, new Set(named(versions)).size], [105, 105]);
  assert.equal((await client.find('Crowd.*')).length, 105);
  assert.equal((await client.find(undefined, { tag: ['Crowd'] })).length, 105);
  assert.equal((await client.findCommand('Join-Crowd')).length, 105);
  const all = await client.find('*', { type: 'Module' });
  assert.equal(new Set(names(all)).size, all.length);
  assert.ok(all.length > 105);
});
