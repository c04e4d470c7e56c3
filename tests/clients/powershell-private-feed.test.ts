/** A private feed for PowerShell: both clients with a credential, which .NET sends only after it was asked for one; and without. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makePsModule } from '../packages/psmodule.ts';
import { registerPSRepository } from './powershell/psget2.ts';
import { registerPSResourceRepository } from './powershell/psresourceget.ts';
import { publishModule, publishScript, untilSearchHas } from './powershell/publish.ts';

let gallery: TestGallery;
let team: string;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  assert.equal((await gallery.command('feed', 'create', 'team', '--private')).exitCode, 0);
  team = `${gallery.url}/feeds/team`;
  const place = { url: team, token: gallery.token };
  await publishModule(place, { id: 'Team.Needed', version: '1.0.0' });
  await publishModule(place, {
    id: 'Team.Demo',
    version: '1.0.0',
    requiredModules: [{ ModuleName: 'Team.Needed', ModuleVersion: '1.0' }],
  });
  await publishScript(place, { id: 'Start-Team', version: '1.0.0' });
});

const credential = () => ({ user: 'any', password: gallery.token });
const names = (found: readonly { name: string }[]) => found.map(({ name }) => name).toSorted();

for (const path of ['/powershell/api/v2', '/powershellgallery.com/api/v2', '/v3/index.json']) {
  test(`PSResourceGet reads a private feed at ${path} with a credential, and says what is missing without`, async () => {
    const uri = `${team}${path}`;
    const client = registerPSResourceRepository({ uri, credential: credential() });
    assert.deepEqual(names(await client.find(['Team.Demo', 'Start-Team'])), ['Start-Team', 'Team.Demo']);
    assert.deepEqual(names(await client.install('Team.Demo')), ['Team.Demo', 'Team.Needed']);
    const stranger = registerPSResourceRepository({ uri });
    await assert.rejects(stranger.find('Team.Demo'), {
      errorId: 'UnauthorizedRequest',
      message: /401 \(.+\).*-Credential/,
    });
    const elsewhere = registerPSResourceRepository({ uri: uri.replace('/feeds/team', '') });
    await assert.rejects(elsewhere.find('Team.Demo'), { errorId: 'PackageNotFound' });
  });
}

test('PSResourceGet with the user name "token" sends its password at once', async () => {
  const uri = `${team}/powershell/api/v2`;
  const client = registerPSResourceRepository({ uri, credential: { user: 'token', password: gallery.token } });
  assert.deepEqual(names(await client.find('Team.Demo')), ['Team.Demo']);
});

test('PowerShellGet 2 registers and reads a private feed with a credential, and not without', async () => {
  const sourceLocation = `${team}/powershell/api/v2`;
  const client = await registerPSRepository({ sourceLocation, credential: credential() });
  assert.deepEqual(names(await client.findModule('Team.Demo')), ['Team.Demo']);
  assert.deepEqual(names(await client.findScript('Start-Team')), ['Start-Team']);
  assert.deepEqual(names(await client.installModule('Team.Demo')), ['Team.Demo', 'Team.Needed']);
  await assert.rejects(registerPSRepository({ sourceLocation }), { errorId: 'SpecifiedLocationCannotBeRegistered' });
  await client.publishModule(await makePsModule({ id: 'Team.Sent', version: '1.0.0' }), { nuGetApiKey: gallery.token });
  assert.deepEqual(names(await client.findModule('Team.Sent')), ['Team.Sent']);
});

test('a wildcard in a private feed finds what is in it, and nothing of it is found outside', async () => {
  await untilSearchHas(gallery, 0, "startswith(Id, 'Team.')");
  const uri = `${team}/powershellgallery.com/api/v2`;
  const client = registerPSResourceRepository({ uri, credential: credential() });
  await waitFor(async () => (await client.find('*Team*')).length === 4);
  assert.deepEqual(names(await client.find('*Team*')), ['Start-Team', 'Team.Demo', 'Team.Needed', 'Team.Sent']);
});
