/**
 * The first start makes the default feed, the administrator with the first token, and the token of canaries, which older galleries get
 * in the same way. Here it dies at each of its steps in the
 * store, one after another, and the next start must bring the gallery to where an undisturbed one is.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { authenticate } from '../../src/accounts/authenticate.ts';
import { found } from '../../src/accounts/found.ts';
import { authorise } from '../../src/accounts/rights.ts';
import { openGallery } from '../../src/app.ts';
import { localStore } from '../../src/blobs/local.ts';
import { findFeed } from '../../src/catalogue/queries/find.ts';
import type { Config } from '../../src/config/load.ts';
import { runWrite } from '../../src/roles/write.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { soleCrew } from '../../src/upkeep/crew.ts';
import { verify } from '../../src/upkeep/verify.ts';
import { Died, dyingStore } from './dying-store.ts';
import { firstToken, freshConfig } from './in-process.ts';

/** @returns whether the first start died before it was through */
async function startAndDie(config: Config, writesLeft: number): Promise<boolean> {
  const gallery = await openGallery(config, 'write', {
    store: (folders) => dyingStore(localStore(folders.store), { writesLeft }),
  });
  try {
    await found(gallery);
    return false;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    return true;
  } finally {
    await gallery.db.destroy();
  }
}

async function assertFounded(config: Config, moment: string): Promise<void> {
  const gallery = await openGallery(config, 'command');
  const token = firstToken(gallery);
  const identity = await authenticate(gallery.db, { token, from: 'bearer' }, gallery.clock.now());
  assert.ok(!isRefusal(identity), `${moment}, the first token must hold`);
  const feed = await findFeed(gallery.db, 'main');
  assert.ok(!isRefusal(feed));
  assert.equal(
    await authorise(gallery.db, identity, { scope: 'administer', feed }),
    undefined,
    `${moment}, it may do all`,
  );
  const canaryToken = readFileSync(gallery.folders.canaryToken, 'utf8').trim();
  const prober = await authenticate(gallery.db, { token: canaryToken, from: 'bearer' }, gallery.clock.now());
  assert.ok(!isRefusal(prober), `${moment}, the token of canaries must hold`);
  const canary = { scope: 'push-new' as const, feed, packageName: 'holdfast-canary-1' };
  assert.equal(await authorise(gallery.db, prober, canary), undefined, `${moment}, it may publish canaries`);
  const { findings, outstandingEvents } = await verify(gallery, soleCrew(gallery), {
    readsBlobs: true,
    onProgress: () => undefined,
  });
  assert.deepEqual(findings, [], `${moment}, the gallery must be as it ought to be`);
  assert.equal(outstandingEvents, 0);
  await gallery.close();
}

test('a first start that dies at any step is finished by the next start', async (t) => {
  const startedIn = process.cwd();
  t.after(() => process.chdir(startedIn));
  let deaths = 0;
  for (let isDying = true; isDying; ) {
    const config = await freshConfig(t);
    isDying = await startAndDie(config, deaths);
    // Sockets are named relative to the data folder.
    process.chdir(config.dataDir);
    const running = await runWrite(config);
    await running.stop();
    await assertFounded(config, `after a death before write ${deaths + 1}`);
    if (isDying) deaths += 1;
  }
  assert.ok(deaths >= 12, `the first start has only ${deaths} steps`);
});
