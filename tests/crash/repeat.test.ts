/**
 * Whoever got no answer asks again, with the same bytes and the same token, and must succeed: wherever the first try died,
 * and whatever others did meanwhile. Only what was answered may be called a duplicate.
 */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { found } from '../../src/accounts/found.ts';
import { scopes } from '../../src/accounts/scopes.ts';
import { createToken, settle } from '../../src/accounts/tokens.ts';
import { openGallery } from '../../src/app.ts';
import { localStore } from '../../src/blobs/local.ts';
import { append, type MakeChange } from '../../src/catalogue/append.ts';
import type { Config } from '../../src/config/load.ts';
import type { Gallery } from '../../src/gallery.ts';
import { runWrite } from '../../src/roles/write.ts';
import { systemClock } from '../../src/std/clock.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { soleCrew } from '../../src/upkeep/crew.ts';
import { verify } from '../../src/upkeep/verify.ts';
import { Died, dyingStore } from './dying-store.ts';
import { firstToken, freshConfig, publishFile } from './in-process.ts';
import { type PackageFile, packageFile } from './package-files.ts';

const system = { system: 'test' };

/** @returns whether the publish died on its way */
async function publishAndDie(config: Config, file: PackageFile, writesLeft: number): Promise<boolean> {
  const gallery = await openGallery(config, 'write', {
    store: (folders) => dyingStore(localStore(folders.store), { writesLeft }),
  });
  try {
    await publishFile(gallery, firstToken(gallery), file);
    return false;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    return true;
  } finally {
    await gallery.db.destroy();
  }
}

async function startAndStop(config: Config): Promise<void> {
  // Sockets are named relative to the data folder.
  process.chdir(config.dataDir);
  const running = await runWrite(config);
  await running.stop();
}

async function isNew(gallery: Gallery, token: string, file: PackageFile): Promise<boolean> {
  const published = await publishFile(gallery, token, file);
  assert.ok(!isRefusal(published), isRefusal(published) ? published.message : '');
  return published.isNew;
}

/** A second person who may do everything. */
async function colleague(gallery: Gallery): Promise<string> {
  const happen = async (make: MakeChange) => {
    const event = await append(gallery, system, 'test', async () => make);
    assert.ok(!isRefusal(event));
    await settle(gallery, event);
    return event.serial;
  };
  const principal = { kind: 'person' as const, name: 'colleague' };
  const id = await happen((serial, at) => ({
    kind: 'principal.created',
    principal: { ...principal, id: serial, created_at: at },
  }));
  const role = { principal_id: id, feed_id: null, package_id: null, role: 'administrator' as const };
  await happen((serial, at) => ({ kind: 'role.granted', role: { ...role, id: serial, created_at: at } }));
  const wanted = {
    principalName: 'colleague',
    scopes,
    feeds: ['*'],
    packages: ['*'],
    description: '',
    expiresAt: null,
  };
  const created = await createToken(gallery, system, wanted);
  assert.ok(!isRefusal(created));
  return created.token;
}

const startedIn = process.cwd();
test.afterEach(() => process.chdir(startedIn));

test('a publish that dies at any step succeeds when it is repeated, and leaves nothing half there', async (t) => {
  const config = await freshConfig(t);
  await startAndStop(config);
  // Numbers of a wheel, a source distribution and a NuGet package of a first version; by fives to the next.
  for (const kind of [0, 2, 3]) {
    let deaths = 0;
    for (let isDying = true; isDying; ) {
      const file = await packageFile(kind + 5 * deaths);
      isDying = await publishAndDie(config, file, deaths);
      await startAndStop(config);
      const gallery = await openGallery(config, 'write');
      const moment = `${file.filename} after a death before write ${deaths + 1}`;
      const { findings } = await verify(gallery, soleCrew(gallery), { readsBlobs: true, onProgress: () => undefined });
      assert.deepEqual(findings, [], moment);
      if (isDying) assert.ok(await isNew(gallery, firstToken(gallery), file), moment);
      await gallery.close();
      deaths += 1;
    }
    assert.ok(deaths > 5, `a publish of this kind has only ${deaths} steps`);
  }
});

test('a publish is called acknowledged only when its answer is on its way', async (t) => {
  const config = await freshConfig(t);
  // Nobody waits longer than for the next turn of the event loop, so that whatever could come too early does.
  const clock = { ...systemClock, sleep: () => setImmediate() };
  const gallery = await openGallery(config, 'write', { clock });
  await found(gallery);
  const token = firstToken(gallery);
  const other = new DatabaseSync(gallery.folders.database, { readOnly: true });
  const look = other.prepare('select is_acknowledged from files where sha256 = ?');
  const waiting = await Promise.all(Array.from({ length: 60 }, (_, number) => packageFile(number)));
  const early: string[] = [];
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await publishFile(gallery, token, file);
      if (look.get(file.sha256)?.is_acknowledged !== 0) early.push(file.filename);
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
  assert.deepEqual(early, []);
  await gallery.finisher.flush();
  const { left } = other.prepare('select count(*) as left from files where is_acknowledged = 0').get() as {
    left: number;
  };
  assert.equal(left, 0);
  other.close();
  await gallery.close();
});

test('the same bytes from somebody else do not turn a repeat into a duplicate', async (t) => {
  const config = await freshConfig(t);
  await startAndStop(config);
  const file = await packageFile(3);
  // Blobs, then the record: dies after the catalogue has the publish.
  assert.ok(await publishAndDie(config, file, 3));
  await startAndStop(config);
  const gallery = await openGallery(config, 'write');
  const token = firstToken(gallery);
  assert.equal(await isNew(gallery, await colleague(gallery), file), false);
  await gallery.finisher.flush();
  assert.equal(await isNew(gallery, token, file), true);
  await gallery.finisher.flush();
  assert.equal(await isNew(gallery, token, file), false);
  await gallery.close();
});
