/**
 * PowerShellGet 2.2.5 against the v2 addresses, by a reader that follows its source and that of its NuGet provider, and fails where they
 * would: registering, finding by every parameter, installing with dependencies, saving, updating, publishing.
 */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makePsModule } from '../packages/psmodule.ts';
import { makePsScript } from '../packages/psscript.ts';
import { registerPSRepository } from './powershell/psget2.ts';
import { publishModule, publishModules, publishScript, untilSearchHas } from './powershell/publish.ts';
import { publishNupkg, unlist } from './runners/publish.ts';

let gallery: TestGallery;

const main = '/powershell/api/v2';

const register = (root = main) => registerPSRepository({ sourceLocation: `${gallery.url}${root}` });

const named = (items: readonly { name: string; version: string }[]) =>
  items.map(({ name, version }) => `${name} ${version}`).toSorted();

const contents = (installed: readonly { identity: { id: string; version: string } }[]) =>
  installed.map(({ identity }) => `${identity.id} ${identity.version}`);

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  for (const version of ['1.0.0', '1.1.0', '1.10.0', '2.0.0']) {
    await publishModule(gallery, {
      id: 'Az.Demo',
      version,
      tags: ['Cloud', 'Storage'],
      functions: ['Get-AzDemo'],
      companyName: 'Demo Ltd',
    });
  }
  await publishModule(gallery, { id: 'Az.Demo', version: '3.0.0', prerelease: 'Beta2', tags: ['Cloud'] });
  await publishModule(gallery, {
    id: 'Az.Other',
    version: '1.0.0',
    cmdlets: ['Get-AzDemo', 'Set-AzOther'],
    tags: ['Cloudy'],
  });
  await publishModule(gallery, {
    id: 'xDemoDsc',
    version: '0.5.0',
    dscResources: ['xDemoFile'],
    roleCapabilities: ['DemoAdmin'],
  });
  await publishScript(gallery, { id: 'Start-Az', version: '3.1.0', tags: ['Cloud'] });
  await publishNupkg(gallery, { id: 'Az.Library', version: '1.0.0', tags: 'Cloud' });
  await untilSearchHas(gallery, 5, 'IsAbsoluteLatestVersion');
});

for (const root of [main, `${main}/`, '/powershellgallery.com/api/v2', '/api/v2', '']) {
  test(`Register-PSRepository takes ${root || 'the address of the gallery'}, with its addresses for scripts and for publishing`, async () => {
    const { repository } = await register(root);
    const base = `${gallery.url}${root === '' ? '/api/v2' : root.replace(/\/$/, '')}`;
    assert.equal(repository.sourceLocation.replace(/\/$/, ''), base);
    assert.equal(repository.scriptSourceLocation, `${base}/items/psscript/`);
    assert.equal(repository.publishLocation, `${base}/package/`);
  });
}

test('Register-PSRepository refuses an address where no gallery answers', async () => {
  await assert.rejects(register('/nowhere/api/v2'), { errorId: 'InvalidWebUri' });
});

for (const root of [main, '/powershellgallery.com/api/v2', '/api/v2']) {
  test(`Find-Module at ${root} finds by name and version`, async () => {
    const client = await register(root);
    assert.deepEqual(named(await client.findModule('az.demo')), ['Az.Demo 2.0.0']);
    assert.deepEqual(named(await client.findModule('Az.Demo', { allowPrerelease: true })), ['Az.Demo 3.0.0-Beta2']);
    assert.deepEqual(named(await client.findModule('Az.Demo', { requiredVersion: '1.1.0' })), ['Az.Demo 1.1.0']);
    assert.deepEqual(named(await client.findModule('Az.Demo', { requiredVersion: '1.1' })), ['Az.Demo 1.1.0']);
    assert.deepEqual(
      named(await client.findModule('Az.Demo', { requiredVersion: '3.0.0-beta2', allowPrerelease: true })),
      ['Az.Demo 3.0.0-Beta2'],
    );
    assert.deepEqual(named(await client.findModule('Az.Demo', { minimumVersion: '1.1.0' })), ['Az.Demo 2.0.0']);
    assert.deepEqual(named(await client.findModule('Az.Demo', { minimumVersion: '1.0.5', maximumVersion: '1.99' })), [
      'Az.Demo 1.10.0',
    ]);
    assert.equal((await client.findModule('Az.Demo', { allVersions: true })).length, 4);
    assert.equal((await client.findModule('Az.Demo', { allVersions: true, allowPrerelease: true })).length, 5);
    await assert.rejects(client.findModule('Az.Nobody'), { errorId: 'NoMatchFoundForCriteria' });
    await assert.rejects(client.findModule('Az.Demo', { requiredVersion: '9.9.9' }), {
      errorId: 'NoMatchFoundForCriteria',
    });
  });

  test(`a wildcard at ${root} finds modules, and scripts only as scripts`, async () => {
    const client = await register(root);
    const libraries = root === '/api/v2' ? ['Az.Library 1.0.0'] : [];
    assert.deepEqual(named(await client.findModule('Az*')), ['Az.Demo 2.0.0', ...libraries, 'Az.Other 1.0.0']);
    assert.deepEqual(named(await client.findModule('*Demo*')), ['Az.Demo 2.0.0', 'xDemoDsc 0.5.0']);
    assert.deepEqual(named(await client.findModule('?z.D[a-f]mo')), ['Az.Demo 2.0.0']);
    assert.deepEqual(named(await client.findModule('Az.D*', { allowPrerelease: true })), ['Az.Demo 3.0.0-Beta2']);
    assert.deepEqual(named(await client.findModule()), [
      'Az.Demo 2.0.0',
      ...libraries,
      'Az.Other 1.0.0',
      'xDemoDsc 0.5.0',
    ]);
    assert.deepEqual(named(await client.findScript()), ['Start-Az 3.1.0']);
    assert.deepEqual(named(await client.findScript('*Az*')), ['Start-Az 3.1.0']);
    assert.deepEqual(await client.findModule('Nobody*'), []);
  });
}

test('a script is no module, and a module no script', async () => {
  const client = await register();
  assert.deepEqual(named(await client.findScript('start-az')), ['Start-Az 3.1.0']);
  await assert.rejects(client.findModule('Start-Az'), { errorId: 'NoMatchFoundForCriteria' });
  await assert.rejects(client.findScript('Az.Demo'), { errorId: 'NoMatchFoundForCriteria' });
});

test('a tag, a word, a command, a DSC resource and a role capability lead to modules', async () => {
  const client = await register();
  assert.deepEqual(named(await client.findModule(undefined, { tag: ['cloud'] })), ['Az.Demo 2.0.0']);
  assert.deepEqual(named(await client.findModule('Az*', { tag: ['Cloudy'] })), ['Az.Other 1.0.0']);
  assert.deepEqual(
    named(await client.findModule(undefined, { tag: ['Cloud', 'Cloudy'] })),
    ['Az.Demo 2.0.0', 'Az.Other 1.0.0'],
    'either',
  );
  assert.deepEqual(named(await client.findScript(undefined, { tag: ['Cloud'] })), ['Start-Az 3.1.0']);
  assert.deepEqual(named(await client.findModule(undefined, { filter: 'demo' })), ['Az.Demo 2.0.0', 'xDemoDsc 0.5.0']);
  assert.deepEqual([...new Set(await client.findCommand('Get-AzDemo'))].toSorted(), [
    'Az.Demo Get-AzDemo',
    'Az.Other Get-AzDemo',
  ]);
  assert.deepEqual([...new Set(await client.findCommand('set-azother'))], ['Az.Other Set-AzOther']);
  assert.deepEqual([...new Set(await client.findDscResource('xDemoFile'))], ['xDemoDsc xDemoFile']);
  assert.deepEqual([...new Set(await client.findDscResource())], ['xDemoDsc xDemoFile']);
  assert.deepEqual([...new Set(await client.findRoleCapability('DemoAdmin'))], ['xDemoDsc DemoAdmin']);
  assert.deepEqual(named(await client.findModule(undefined, { includes: ['DscResource'] })), ['xDemoDsc 0.5.0']);
  assert.deepEqual(named(await client.findModule('Az*', { command: ['Set-*'] })), ['Az.Other 1.0.0']);
  assert.deepEqual(await client.findCommand('Get-Nothing'), []);
});

test('what a module says of itself arrives', async () => {
  const [found] = await (await register()).findModule('Az.Demo');
  assert.deepEqual([found?.type, found?.companyName, found?.author], ['Module', 'Demo Ltd', 'Test Author']);
  assert.deepEqual(found?.tags.toSorted(), ['Cloud', 'PSModule', 'Storage']);
  assert.equal(found?.additionalMetadata.get('NormalizedVersion'), '2.0.0');
  assert.equal(found?.additionalMetadata.get('CompanyName'), 'Demo Ltd');
  assert.ok(found?.includes.Function.includes('Get-AzDemo'));
});

for (const root of [main, '/powershellgallery.com/api/v2', '/api/v2']) {
  test(`Install-Module at ${root} brings what a module depends on, what is needed first`, async () => {
    const id = `Needs${root.replaceAll(/\W/g, '')}`;
    const requiredModules = [
      { ModuleName: 'Az.Demo', ModuleVersion: '1.0.1' },
      { ModuleName: 'Az.Other', RequiredVersion: '1.0.0' },
      'xDemoDsc',
    ];
    await publishModule(gallery, { id, version: '1.0.0', requiredModules });
    const client = await register(root);
    const installed = await client.installModule(id);
    assert.deepEqual(contents(installed), ['Az.Demo 2.0.0', 'Az.Other 1.0.0', 'xDemoDsc 0.5.0', `${id} 1.0.0`]);
    assert.deepEqual(
      installed.map(({ downloads, isHashRight }) => [downloads, isHashRight]),
      installed.map(() => [1, true]),
    );
    assert.deepEqual(await client.installModule(id), []);
    assert.equal((await client.saveModule(id)).length, 4);
  });
}

test('the version that is asked for is installed', async () => {
  const install = async (options: { requiredVersion?: string; maximumVersion?: string; allowPrerelease?: boolean }) =>
    contents(await (await register()).installModule('Az.Demo', options));
  assert.deepEqual(await install({ requiredVersion: '1.1.0' }), ['Az.Demo 1.1.0']);
  assert.deepEqual(await install({ maximumVersion: '1.9.9' }), ['Az.Demo 1.1.0']);
  assert.deepEqual(await install({ requiredVersion: '3.0.0-Beta2', allowPrerelease: true }), ['Az.Demo 3.0.0-Beta2']);
  assert.deepEqual(await install({ allowPrerelease: true }), ['Az.Demo 3.0.0-Beta2']);
});

test('Install-Script brings the modules that a script needs', async () => {
  await publishScript(gallery, {
    id: 'Use-Az',
    version: '1.0.0',
    requiredModules: [{ ModuleName: 'Az.Other', ModuleVersion: '1.0.0' }],
  });
  const installed = await (await register()).installScript('Use-Az');
  assert.deepEqual(contents(installed), ['Az.Other 1.0.0', 'Use-Az 1.0.0']);
  assert.deepEqual(
    installed.map(({ type }) => type),
    ['Module', 'Script'],
  );
});

test('an unlisted version is for who names it', async () => {
  for (const version of ['1.0.0', '1.1.0']) await publishModule(gallery, { id: 'Gone.Demo', version });
  await unlist(gallery, 'nupkg', 'Gone.Demo', '1.1.0');
  await untilSearchHas(gallery, 1, "startswith(Id, 'Gone.') and IsLatestVersion and Version eq '1.0.0'");
  const client = await register();
  assert.deepEqual(named(await client.findModule('Gone.Demo')), ['Gone.Demo 1.0.0']);
  assert.deepEqual(named(await client.findModule('Gone*')), ['Gone.Demo 1.0.0']);
  assert.deepEqual(named(await client.findModule('Gone.Demo', { allVersions: true })), ['Gone.Demo 1.0.0']);
  assert.deepEqual(contents(await client.installModule('Gone.Demo', { requiredVersion: '1.1.0' })), [
    'Gone.Demo 1.1.0',
  ]);
});

test('Update-Module brings what is newer', async () => {
  const client = await register();
  await publishModule(gallery, { id: 'Up.Demo', version: '1.0.0' });
  await client.installModule('Up.Demo');
  assert.deepEqual(await client.updateModule('Up.Demo'), []);
  await publishModule(gallery, { id: 'Up.Demo', version: '1.2.0' });
  assert.deepEqual(contents(await client.updateModule('Up.Demo')), ['Up.Demo 1.2.0']);
});

test('Publish-Module and Publish-Script take the right key, and print what was wrong with another', async () => {
  const client = await register();
  const made = await makePsModule({ id: 'Sent.Demo', version: '1.0.0', hasClientTags: true, functions: ['Get-Sent'] });
  await assert.rejects(
    client.publishModule(made, { nuGetApiKey: 'wrong' }),
    /403 \(.*the API key is wrong, revoked or expired/,
  );
  await client.publishModule(made, { nuGetApiKey: gallery.token });
  assert.deepEqual(named(await client.findModule('Sent.Demo')), ['Sent.Demo 1.0.0']);
  await assert.rejects(client.publishModule(made, { nuGetApiKey: gallery.token }), {
    errorId: 'VersionIsAlreadyAvailableInTheGallery',
  });
  const script = await makePsScript({ id: 'Send-Demo', version: '1.0.0' });
  await client.publishScript(script, { nuGetApiKey: gallery.token });
  await client.publishScript(await makePsScript({ id: 'Send-Demo', version: '1.1.0' }), { nuGetApiKey: gallery.token });
  assert.deepEqual(named(await client.findScript('Send-Demo')), ['Send-Demo 1.1.0']);
  const taken = await makePsModule({ id: 'Send-Demo', version: '2.0.0' });
  await assert.rejects(client.publishModule(taken, { nuGetApiKey: gallery.token }), {
    errorId: 'SpecifiedNameIsAlearyUsed',
  });
});

for (const count of [39, 40, 41, 81, 205]) {
  test(`of a package with ${count} versions all are found, forty at a time`, async () => {
    const id = `Pages.Of${count}`;
    await publishModules(
      gallery,
      Array.from({ length: count }, (_, minor) => ({ id, version: `1.${minor}.0` })),
    );
    const client = await register();
    const all = named(await client.findModule(id, { allVersions: true }));
    assert.deepEqual([all.length, new Set(all).size], [count, count]);
    assert.deepEqual(named(await client.findModule(id)), [`${id} 1.${count - 1}.0`]);
  });
}

test('more names than a page holds are found whole', async () => {
  const modules = Array.from({ length: 95 }, (_, number) => ({
    id: `Crowd.Member${number}`,
    version: '1.0.0',
    tags: ['Crowd'],
  }));
  await publishModules(gallery, modules);
  await untilSearchHas(gallery, 95, "startswith(Id, 'Crowd.')");
  const client = await register();
  assert.equal((await client.findModule('Crowd.*')).length, 95);
  assert.equal((await client.findModule(undefined, { tag: ['Crowd'] })).length, 95);
});
