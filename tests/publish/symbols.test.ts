/** Symbols in a gallery: who may push them, where debuggers find them, what replaces what, and what deleting takes away. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makePdb, makeSnupkg } from '../packages/snupkg.ts';
import { callApi, pushNupkg } from './upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as never);
  assert.equal((await gallery.command('feed', 'create', 'other')).exitCode, 0);
});

let guids = 0;
const newGuid = () => {
  guids += 1;
  return `${guids.toString(16).padStart(8, '0')}${'c0ffee00'.repeat(3)}`;
};
const address = (name: string, guid: string) => `/v3/symbols/${name}/${guid}ffffffff/${name}`;

async function pushPackage(id: string, version = '1.0.0', feed?: string): Promise<void> {
  const options = feed === undefined ? {} : { feed };
  assert.equal((await pushNupkg(gallery, (await makeNupkg({ id, version })).bytes, options)).status, 201);
}

async function pushSymbols(
  id: string,
  files: Record<string, Uint8Array>,
  options: { version?: string; feed?: string; token?: string; path?: string } = {},
): Promise<Response> {
  const { version = '1.0.0', path = '/v3/symbolpackage/', ...rest } = options;
  return pushNupkg(gallery, (await makeSnupkg({ id, version, files })).bytes, { path, ...rest });
}

const get = async (path: string): Promise<Buffer | number> => {
  const answer = await fetch(`${gallery.url}${path}`);
  const body = Buffer.from(await answer.arrayBuffer());
  return answer.status === 200 ? body : answer.status;
};

const sentence = async (answer: Response): Promise<[number, string]> => [answer.status, (await answer.text()).trim()];

const expectSound = async () => {
  const verified = await gallery.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout);
};

test('a debugger finds symbols by name and id in any letter case, mirrors find the symbol package', async () => {
  await pushPackage('Demo.Found');
  const guid = 'abcdef0123456789abcdef0123456789';
  const pdb = makePdb(guid, 'found');
  const made = await makeSnupkg({ id: 'Demo.Found', version: '1.0.0', files: { 'lib/net10.0/Demo.Found.pdb': pdb } });
  assert.equal((await pushNupkg(gallery, made.bytes, { path: '/v3/symbolpackage' })).status, 201);

  assert.deepEqual(await get(address('demo.found.pdb', guid)), pdb);
  assert.deepEqual(await get(`/v3/symbols/Demo.Found.pdb/${guid.toUpperCase()}FFFFFFFF/DEMO.FOUND.PDB`), pdb);
  assert.equal(await get(`/v3/symbols/demo.found.pdb/${guid}1/demo.found.pdb`), 404);
  assert.equal(await get(`/v3/symbols/demo.found.pdb/${guid}ffffffff/other.pdb`), 404);
  assert.equal(await get(`/feeds/other${address('demo.found.pdb', guid)}`), 404);
  assert.deepEqual(await get('/v3/flat/demo.found/1.0.0/demo.found.1.0.0.snupkg'), made.bytes);
  assert.deepEqual(await get('/v3/flat/Demo.Found/1.0/Demo.Found.1.0.snupkg'), made.bytes);
  const index = JSON.parse(String(await get('/v3/index.json'))) as { resources: Record<string, string>[] };
  const resource = index.resources.find((one) => one['@type'] === 'SymbolPackagePublish/4.9.0');
  assert.equal(resource?.['@id'], `${gallery.url}/v3/symbolpackage`);
});

test('symbols without their package are refused, and so are strangers, and packages that take no uploads', async () => {
  const files = { 'lib/demo.pdb': makePdb(newGuid()) };
  const missing = /^There is no Demo\.Lonely 1\.0\.0 here; push the package before its symbols\.$/;
  for (const prepare of [async () => undefined, () => pushPackage('Demo.Lonely', '2.0.0')]) {
    await prepare();
    const [status, said] = await sentence(await pushSymbols('Demo.Lonely', files));
    assert.equal(status, 404);
    assert.match(said, missing);
  }
  const made = await callApi(gallery, 'POST', '/api/tokens', { scopes: ['push-new', 'read'] });
  const { token } = (await made.json()) as { token: string };
  assert.equal((await pushSymbols('Demo.Lonely', files, { version: '2.0.0', token })).status, 403);
  assert.equal((await pushSymbols('Demo.Lonely', files, { version: '2.0.0', token: 'nonsense' })).status, 403);
  await callApi(gallery, 'POST', '/api/feeds/main/nupkg/demo.lonely/status', { status: 'archived' });
  assert.equal((await pushSymbols('Demo.Lonely', files, { version: '2.0.0' })).status, 403);
});

test('a second symbol package takes the place of the first, and the same one again changes nothing', async () => {
  await pushPackage('Demo.Twice');
  const [kept, gone, added] = [newGuid(), newGuid(), newGuid()];
  const first = { 'lib/kept.pdb': makePdb(kept), 'lib/gone.pdb': makePdb(gone) };
  const second = { 'lib/kept.pdb': makePdb(kept, 'corrected'), 'lib/added.pdb': makePdb(added) };
  assert.equal((await pushSymbols('Demo.Twice', first)).status, 201);
  const earlier = await fetch(`${gallery.url}/v3/flat/demo.twice/1.0.0/demo.twice.1.0.0.snupkg`);
  for (let round = 0; round < 2; round += 1) {
    assert.equal((await pushSymbols('Demo.Twice', second)).status, 201);
    assert.deepEqual(await get(address('kept.pdb', kept)), second['lib/kept.pdb']);
    assert.equal(await get(address('gone.pdb', gone)), 404);
    assert.deepEqual(await get(address('added.pdb', added)), second['lib/added.pdb']);
  }
  // A cache that keeps the earlier one has to ask again, and hears that it has changed.
  const tag = earlier.headers.get('etag') ?? '';
  assert.match(earlier.headers.get('cache-control') ?? '', /must-revalidate/);
  const now = await fetch(earlier.url, { headers: { 'If-None-Match': tag } });
  assert.equal(now.status, 200);
  assert.equal((await fetch(earlier.url, { headers: { 'If-None-Match': now.headers.get('etag') ?? '' } })).status, 304);
  await expectSound();
});

test('a symbol file that two packages hold stays for as long as one of them needs it', async () => {
  const guid = newGuid();
  const shared = { 'lib/shared.pdb': makePdb(guid, 'shared') };
  const path = address('shared.pdb', guid);
  for (const id of ['Demo.One', 'Demo.Two', 'Demo.Three']) {
    await pushPackage(id);
    assert.equal((await pushSymbols(id, shared)).status, 201);
  }
  await pushPackage('Demo.One', '1.1.0');
  assert.equal((await pushSymbols('Demo.One', shared, { version: '1.1.0' })).status, 201);
  const there = async () => assert.deepEqual(await get(path), shared['lib/shared.pdb']);

  // Replaced, deleted and put into quarantine: each time somebody else still needs the file.
  assert.equal((await pushSymbols('Demo.Two', { 'lib/own.pdb': makePdb(newGuid()) })).status, 201);
  await there();
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/nupkg/demo.one/1.0.0')).status, 200);
  await there();
  assert.equal(await get('/v3/flat/demo.one/1.0.0/demo.one.1.0.0.snupkg'), 404);
  const status = (name: string, wanted: string) =>
    callApi(gallery, 'POST', `/api/feeds/main/nupkg/${name}/status`, { status: wanted });
  assert.equal((await status('demo.three', 'quarantined')).status, 200);
  await there();
  await expectSound();

  // Now nobody does, apart from the package in quarantine.
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/nupkg/demo.one')).status, 200);
  assert.equal(await get(path), 404);
  await expectSound();
  assert.equal((await status('demo.three', 'active')).status, 200);
  await there();
  const rebuilt = await gallery.command('rebuild');
  assert.equal(rebuilt.exitCode, 0, rebuilt.stderr);
  await there();
  // However old, its blob is one that clean-up leaves alone.
  const sha256 = createHash('sha256').update(shared['lib/shared.pdb']).digest('hex');
  const blob = join(gallery.dataDir, 'store', 'l1', 'blobs', 'sha256', sha256.slice(0, 2), sha256);
  utimesSync(blob, 1_700_000_000, 1_700_000_000);
  await expectSound();
});

test('nobody can give a debugger other bytes for the symbols of somebody else', async () => {
  const guid = newGuid();
  await pushPackage('Demo.Owner');
  await pushPackage('Demo.Rival');
  assert.equal((await pushSymbols('Demo.Owner', { 'lib/mine.pdb': makePdb(guid, 'mine') })).status, 201);
  const [status, said] = await sentence(await pushSymbols('Demo.Rival', { 'lib/MINE.pdb': makePdb(guid, 'forged') }));
  assert.equal(status, 409);
  assert.equal(said, 'Demo.Owner 1.0.0 has mine.pdb of the same id with other bytes.');
  assert.deepEqual(await get(address('mine.pdb', guid)), makePdb(guid, 'mine'));

  const twice = { 'lib/a/mine.pdb': makePdb(guid, 'one'), 'lib/b/mine.pdb': makePdb(guid, 'two') };
  assert.match((await sentence(await pushSymbols('Demo.Rival', twice)))[1] ?? '', /two files mine\.pdb of one id/);
});

test('symbols that several publish and delete at once are there in the end for whoever is left', async () => {
  const guid = newGuid();
  const shared = { 'lib/busy.pdb': makePdb(guid, 'busy') };
  const names = Array.from({ length: 6 }, (_, index) => `Demo.Busy${index}`);
  for (const name of names) await pushPackage(name);
  assert.equal((await pushSymbols('Demo.Busy0', shared)).status, 201);
  const remove = (name: string) => callApi(gallery, 'DELETE', `/api/feeds/main/nupkg/${name.toLowerCase()}`);
  for (let index = 1; index < names.length; index += 1) {
    const [pushed, removed] = await Promise.all([pushSymbols(names[index]!, shared), remove(names[index - 1]!)]);
    assert.deepEqual([pushed.status, removed.status], [201, 200]);
    assert.deepEqual(await get(address('busy.pdb', guid)), shared['lib/busy.pdb'], names[index] ?? '');
  }
  await expectSound();
});
