/** A load of advisories that dies anywhere is completed by the next start: records, packages, and what every feed lists. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { announceAdvisories, loadAdvisories } from '../../src/advisories/load.ts';
import { readOsv } from '../../src/advisories/osv.ts';
import { openGallery } from '../../src/app.ts';
import { documentKey } from '../../src/blobs/keys.ts';
import { localStore } from '../../src/blobs/local.ts';
import { releaseLeasesOfRole } from '../../src/catalogue/queries/render-lease.ts';
import type { Config } from '../../src/config/load.ts';
import { readText } from '../../src/documents/format.ts';
import type { Gallery } from '../../src/gallery.ts';
import { lanes } from '../../src/jobs/lanes.ts';
import { claimJob, completeJob } from '../../src/jobs/queue.ts';
import { runWrite } from '../../src/roles/write.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { completeOutstanding } from '../../src/upkeep/complete.ts';
import { soleCrew } from '../../src/upkeep/crew.ts';
import { verify } from '../../src/upkeep/verify.ts';
import { osv } from '../advisories/osv-files.ts';
import { Died, dyingStore } from './dying-store.ts';
import { firstToken, freshConfig, publishFile } from './in-process.ts';
import { type PackageFile, packageFile } from './package-files.ts';

const place = { name: 'main', isPrivate: false };

const startedIn = process.cwd();
test.afterEach(() => process.chdir(startedIn));

/** @returns whether the load died on its way */
async function loadAndDie(config: Config, id: string, name: string, writesLeft: number): Promise<boolean> {
  const life = { writesLeft };
  const gallery = await openGallery(config, 'write', {
    store: (folders) => dyingStore(localStore(folders.store), life),
  });
  const advisory = readOsv(osv({ id, name, events: [{ introduced: '0' }] }));
  assert.ok(!isRefusal(advisory));
  try {
    await loadAdvisories(gallery, { system: 'test' }, [advisory]);
    await announceAdvisories(gallery);
    return false;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    return true;
  } finally {
    await gallery.db.destroy();
  }
}

/** What the work role does in its next rounds. */
async function work(gallery: Gallery): Promise<void> {
  await completeOutstanding(gallery, 0);
  for (const lane of lanes.filter(({ name }) => name === 'index')) {
    for (;;) {
      const job = await claimJob(gallery.db, lane.name, gallery.holder, gallery.clock.now(), lane.deadlineMs);
      if (!job) break;
      await lane.run(gallery, job);
      await completeJob(gallery.db, job, gallery.clock.now());
    }
  }
}

async function told(gallery: Gallery, path: string): Promise<string> {
  const bytes = await gallery.store.get(documentKey(place, path));
  assert.ok(bytes, path);
  return (await readText(bytes)).toString('utf8');
}

async function assertWhole(gallery: Gallery, file: PackageFile, id: string): Promise<void> {
  const url = `https://advisories.example.org/${id}`;
  assert.ok((await told(gallery, 'v3/vulnerabilities/all.json')).includes(url), `feeds list ${id}`);
  assert.ok((await told(gallery, 'v3/index.json')).includes('VulnerabilityInfo/6.7.0'));
  const leaf = `v3/registration-semver2/${file.normalizedName}/${file.version}.json`;
  assert.ok((await told(gallery, leaf)).includes(url), `the package tells of ${id}`);
  const report = await verify(gallery, soleCrew(gallery), { readsBlobs: true, onProgress: () => undefined });
  const findings = report.findings.filter(({ key }) => key !== 'search.sqlite');
  assert.deepEqual([report.outstandingEvents, findings], [0, []]);
}

test('wherever a load of advisories dies, the work role or the next start completes it', async (t) => {
  const config = await freshConfig(t);
  process.chdir(config.dataDir);
  await (await runWrite(config)).stop();
  const file = await packageFile(3);
  assert.equal(file.kind, 'nupkg');
  const gallery = await openGallery(config, 'work');
  await publishFile(gallery, firstToken(gallery), file);
  await gallery.finisher.flush();
  let deaths = 0;
  for (let writesLeft = 0; ; writesLeft += 1) {
    const id = `CRASH-${writesLeft}`;
    const hasDied = await loadAndDie(config, id, file.name, writesLeft);
    deaths += Number(hasDied);
    // One time a start does it; the other time the role that never stopped, once the lease of the dead process has run out.
    if (writesLeft % 2 === 0) await (await runWrite(config)).stop();
    else await releaseLeasesOfRole(gallery.db, 'write:');
    await work(gallery);
    await assertWhole(gallery, file, id);
    if (!hasDied && writesLeft > 0) break;
  }
  assert.ok(deaths > 10, `there are more steps than ${deaths}`);
  await gallery.close();
});
