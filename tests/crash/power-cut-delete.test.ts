/**
 * Power cuts while packages are closed and deleted: what was acknowledged as gone is gone for certain, and until then no index leads to
 * something that can be gone. Recorded and worked out as in power-cut.test.ts.
 */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { operator } from '../../src/accounts/authenticate.ts';
import { found } from '../../src/accounts/found.ts';
import { openGallery } from '../../src/app.ts';
import { localStore } from '../../src/blobs/local.ts';
import { type DeleteAddress, deletePackage } from '../../src/delete.ts';
import type { Gallery } from '../../src/gallery.ts';
import { setStatus } from '../../src/package-status.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { DiskAfterPowerCut } from './disk-after-power-cut.ts';
import { firstToken, freshConfig, publishFile } from './in-process.ts';
import { type PackageFile, packageFile } from './package-files.ts';
import { Promises } from './promises.ts';
import { type Omission, recordingDisk, type Step } from './recording-disk.ts';

const files = 12;

/** `until` is the number of the step with which it may come back. */
interface Gone {
  readonly paths: readonly string[];
  until?: number;
}

interface Recording {
  readonly root: string;
  readonly steps: readonly Step[];
  /** What must be gone from a step on, by the number in that step. */
  readonly gone: readonly Gone[];
}

/** Publishes, closes a package and opens it again, deletes a file, a version and a package. */
async function record(t: TestContext, omission?: Omission): Promise<Recording> {
  const config = await freshConfig(t);
  const steps: Step[] = [];
  const gone: Gone[] = [];
  const disk = recordingDisk(steps, omission);
  const gallery = await openGallery(config, 'write', { store: (folders) => localStore(folders.store, disk) });
  await found(gallery);
  const made = await Promise.all(Array.from({ length: files }, (_, number) => packageFile(number)));
  for (const file of made) assert.ok(!isRefusal(await publishFile(gallery, firstToken(gallery), file)));
  const note = async (change: () => Promise<unknown>) => {
    const before = await stored(gallery);
    assert.equal(await change(), undefined);
    const after = new Set(await stored(gallery));
    steps.push({ did: 'acknowledge', number: gone.length });
    gone.push({ paths: before.filter((key) => !after.has(key)).map((key) => `${gallery.folders.store}/${key}`) });
  };
  const [wheel, , , lib] = made;
  const about = (file: typeof wheel): DeleteAddress => ({
    feedName: 'main',
    ecosystem: isNupkg(file!) ? 'nupkg' : 'python',
    normalizedName: file!.normalizedName,
  });
  for (const file of [wheel, lib]) {
    await note(() => setStatus(gallery, operator, about(file), { status: 'quarantined', reason: '' }));
    const closed = gone.at(-1)!;
    assert.ok(closed.paths.length > 1, 'quarantine takes files away');
    closed.until = gone.length;
    steps.push({ did: 'acknowledge', number: gone.length });
    gone.push({ paths: [] });
    assert.equal(await setStatus(gallery, operator, about(file), { status: 'active', reason: '' }), undefined);
    const version = { ...about(file), normalizedVersion: file!.version };
    await note(() =>
      deletePackage(gallery, operator, {
        ...version,
        filename: isNupkg(file!) ? file!.filename.toLowerCase() : file!.filename,
      }),
    );
    await note(() => deletePackage(gallery, operator, version));
    await note(() => deletePackage(gallery, operator, about(file)));
  }
  await gallery.close();
  return { root: gallery.folders.store, steps, gone };
}

const isNupkg = ({ kind }: PackageFile) => kind === 'nupkg';

async function stored(gallery: Gallery): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of gallery.store.list('l1/public')) keys.push(key);
  return keys;
}

/** Cuts the power after every step. @returns what would be broken at the first moment at which something would be */
function firstBroken({ root, steps, gone }: Recording): readonly string[] {
  const disk = new DiskAfterPowerCut(root);
  const promises = new Promises(root);
  let acknowledged = -1;
  for (const step of steps) {
    disk.apply(step);
    if (step.did === 'acknowledge') acknowledged = step.number;
    const mustBeGone = gone.slice(0, acknowledged + 1).filter(({ until = Infinity }) => until > acknowledged);
    const back = mustBeGone
      .flatMap(({ paths }) => paths)
      .filter((path) => disk.possible(path).some((file) => file !== undefined));
    const problems = [...promises.broken(disk, []), ...back.map((path) => `${path} can come back`)];
    if (problems.length > 0) return problems;
  }
  return [];
}

test('a power cut brings nothing back that was deleted, and no index leads to what was', async (t) => {
  const recording = await record(t);
  assert.deepEqual(firstBroken(recording).slice(0, 5), []);
  const paths = recording.gone.flatMap((one) => one.paths).length;
  assert.ok(paths > 20, `only ${paths} paths were deleted`);
  t.diagnostic(`${recording.steps.length} power cuts, ${paths} paths deleted`);
});

test('a gallery that forgets to force folders to disk is caught by the same power cuts', async (t) => {
  assert.match(firstBroken(await record(t, 'folder sync')).join('\n'), /can come back|can be gone/);
});
