/** The catalogue can be made again from the store alone: same rows, same ids, same serials, and the gallery goes on. */
import assert from 'node:assert/strict';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { osv } from '../advisories/osv-files.ts';
import { runCommand, startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { callApi, pushNupkg, uploadPython } from '../publish/upload.ts';

/** Tables that the records must give back, and the columns that are this machine's own. */
const tables: Record<string, string> = {
  feeds: '*',
  principals: '*',
  roles: '*',
  memberships: '*',
  tokens: 'id, principal_id, digest, scopes, feeds, packages, description, created_at, expires_at, revoked_at',
  packages: '*',
  versions: '*',
  files: '*',
  symbols: '*',
  advisories: '*',
  tombstones: '*',
  events: '*',
  serial: '*',
};

function dump(file: string): Record<string, unknown[]> {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = Object.entries(tables).map(([table, columns]) => {
    const statement = db.prepare(`select ${columns} from ${table} order by 1, 2`);
    statement.setReadBigInts(true);
    return [table, statement.all().map((row) => ({ ...row }))];
  });
  db.close();
  return Object.fromEntries(rows);
}

async function fill(gallery: TestGallery): Promise<void> {
  await gallery.command('feed', 'create', 'team', '--private');
  await gallery.command('token', 'create', '--feed', 'team', '--expires', '30');
  await gallery.command('token', 'revoke', '4');
  for (const version of ['1.0.0', '1.1.0', '2.0.0rc1']) {
    assert.equal(
      (await uploadPython(gallery, await makeWheel({ name: 'demo', version }), { feed: 'team' })).status,
      200,
    );
  }
  for (const version of ['1.0.0', '1.1.0-beta.2+meta']) {
    assert.equal(
      (await pushNupkg(gallery, (await makeNupkg({ id: 'Demo.Lib', version, readme: 'hi' })).bytes)).status,
      201,
    );
  }
  await uploadPython(gallery, await makeWheel({ name: 'gone', version: '1.0.0' }));
  assert.equal(
    (await callApi(gallery, 'POST', '/api/feeds/team/python/demo/1.0.0/unlist', { reason: 'broken "here"' })).status,
    200,
  );
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/team/python/demo/1.1.0')).status, 200);
  const deprecation = { reasons: ['Other'], message: 'not "this" one', alternatePackage: { id: 'Demo.New' } };
  assert.equal((await callApi(gallery, 'POST', '/api/feeds/main/nupkg/demo.lib/deprecate', deprecation)).status, 200);
  for (const id of ['GHSA-1-1-1', 'GHSA-2-2-2']) {
    assert.equal((await callApi(gallery, 'PUT', `/api/advisories/${id}`, osv({ id }))).status, 200);
  }
  assert.equal((await callApi(gallery, 'DELETE', '/api/advisories/GHSA-2-2-2')).status, 200);
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/python/gone')).status, 200);
  await changeFilesAndStatuses(gallery);
}

/** Every state that a package can be left in, some of them by way of another. */
async function changeFilesAndStatuses(gallery: TestGallery): Promise<void> {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await callApi(gallery, method, `/api/feeds/main/python/${path}`, body);
    assert.equal(answer.status, 200, `${method} ${path}: ${await answer.text()}`);
  };
  for (const name of ['closed', 'held', 'old', 'back']) {
    const wheel = await makeWheel({ name, version: '1.0.0' });
    const sdist = await makeSdist({ name, version: '1.0.0' });
    for (const file of [wheel, sdist]) assert.equal((await uploadPython(gallery, file)).status, 200);
    await call('POST', `${name}/1.0.0/files/${wheel.filename}/yank`, { reason: 'wrong "machine"' });
    if (name === 'old') await call('DELETE', `${name}/1.0.0/files/${sdist.filename}`);
    if (name === 'back') await call('POST', `${name}/1.0.0/files/${wheel.filename}/unyank`);
  }
  await call('POST', 'closed/status', { status: 'archived', reason: 'use "open"' });
  await call('POST', 'held/status', { status: 'quarantined', reason: 'reported' });
  await call('POST', 'old/status', { status: 'deprecated' });
  await call('POST', 'back/status', { status: 'quarantined', reason: 'reported' });
  await call('POST', 'back/status', { status: 'active' });
  const lib = '/api/feeds/main/nupkg/Demo.Lib/status';
  assert.equal((await callApi(gallery, 'POST', lib, { status: 'quarantined', reason: 'reported' })).status, 200);
}

test('with the database lost, the records give back every row, and publishing goes on', async (t) => {
  const gallery = await startGallery(t);
  const other = (await callApi(gallery, 'POST', '/api/tokens', {
    scopes: ['read', 'push-new', 'push-version', 'unlist', 'administer'],
  }).then((answer) => answer.json())) as { token: string };
  const target = { ...gallery, token: other.token };
  await fill(target);
  await waitFor(
    async () =>
      ((await (await fetch(`${gallery.url}/api/health`)).json()) as { outstandingEvents: number }).outstandingEvents ===
      0,
  );
  await gallery.stop();
  const file = join(gallery.dataDir, 'catalogue', 'holdfast.sqlite');
  const before = dump(file);
  const refused = await runCommand(gallery.environment, gallery.dataDir, ['rebuild', '--catalogue']);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /exists; move it away first/);

  renameSync(file, join(gallery.dataDir, 'lost.sqlite'));
  // What a crash leaves beside a database must not get into the new one.
  writeFileSync(`${file}-wal`, 'left over');
  const rebuilt = await runCommand(gallery.environment, gallery.dataDir, ['rebuild', '--catalogue']);
  assert.equal(rebuilt.exitCode, 0, rebuilt.stderr);
  assert.match(rebuilt.stdout, /\d+ events replayed/);
  assert.deepEqual(dump(file), before);

  const again = await startGallery(t, { HOLDFAST_PORT: String(gallery.port) }, gallery.dataDir);
  const target2 = { ...again, token: other.token };
  assert.equal(
    (await uploadPython(target2, await makeWheel({ name: 'demo', version: '3.0.0' }), { feed: 'team' })).status,
    200,
  );
  assert.equal((await uploadPython(target2, await makeWheel({ name: 'gone', version: '1.0.0' }))).status, 400);
  for (const [name, status] of [
    ['old', 400],
    ['closed', 403],
    ['held', 403],
    ['back', 200],
  ] as const) {
    const file =
      name === 'old' ? await makeSdist({ name, version: '1.0.0' }) : await makeWheel({ name, version: '2.0.0' });
    assert.equal((await uploadPython(target2, file)).status, status, name);
  }
  await waitFor(async () => {
    const health = (await (await fetch(`${again.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  const verified = await again.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout);
});

test('a catalogue is not made again beside a write service that goes on with the old one', async (t) => {
  const gallery = await startGallery(t);
  const file = join(gallery.dataDir, 'catalogue', 'holdfast.sqlite');
  const lost = join(gallery.dataDir, 'lost.sqlite');
  await gallery.stop();
  const again = await startGallery(t, { HOLDFAST_PORT: String(gallery.port) }, gallery.dataDir);
  renameSync(file, lost);
  const rebuilt = await again.command('rebuild', '--catalogue');
  if (rebuilt.exitCode !== 0) assert.match(rebuilt.stderr, /write service is running/);
  // Whoever had the file open starts anew and finds nothing (or the new one); nothing is acknowledged into the lost file.
  const push = await uploadPython(gallery, await makeWheel({ name: 'between', version: '1.0.0' }));
  if (push.status === 200) assert.equal(rebuilt.exitCode, 0);
  else assert.equal(push.status, 503);
});

test('an old copy of the database is not taken for the catalogue', async (t) => {
  const gallery = await startGallery(t);
  await uploadPython(gallery, await makeWheel({ name: 'first', version: '1.0.0' }));
  await gallery.stop();
  const file = join(gallery.dataDir, 'catalogue', 'holdfast.sqlite');
  const { copyFileSync } = await import('node:fs');
  copyFileSync(file, join(gallery.dataDir, 'old.sqlite'));
  const again = await startGallery(t, { HOLDFAST_PORT: String(gallery.port) }, gallery.dataDir);
  await uploadPython(again, await makeWheel({ name: 'second', version: '1.0.0' }));
  await again.stop();
  copyFileSync(join(gallery.dataDir, 'old.sqlite'), file);
  const role = await runCommand(gallery.environment, gallery.dataDir, ['write']);
  assert.equal(role.exitCode, 1);
  assert.match(role.stderr, /it is an old copy.*rebuild --catalogue/);
});

test('a data folder that was in use and lost its database is never started empty', async (t) => {
  const gallery = await startGallery(t);
  await gallery.stop();
  const folder = join(gallery.dataDir, 'catalogue');
  rmSync(folder, { recursive: true });
  const tokens = await runCommand(gallery.environment, gallery.dataDir, ['token', 'list']);
  assert.equal(tokens.exitCode, 1);
  assert.match(tokens.stderr, /missing although this data folder has been in use.*rebuild --catalogue/);
  assert.equal(existsSync(join(folder, 'holdfast.sqlite')), false);
});

test('with the installation key lost, sealed records are not readable and the command says so', async (t) => {
  const gallery = await startGallery(t);
  await gallery.stop();
  rmSync(join(gallery.dataDir, 'catalogue'), { recursive: true });
  writeFileSync(join(gallery.dataDir, 'installation-key'), 'f'.repeat(64));
  const rebuilt = await runCommand(gallery.environment, gallery.dataDir, ['rebuild', '--catalogue']);
  assert.equal(rebuilt.exitCode, 1);
  assert.match(rebuilt.stderr, /cannot be read/);
  assert.equal(existsSync(join(gallery.dataDir, 'catalogue', 'holdfast.sqlite')), false);
});
