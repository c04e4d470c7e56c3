/**
 * A killed process leaves what the kernel has in memory; a power cut does not. Here every step that publishing takes on the
 * disk is recorded, and after each of them it is worked out what a power cut would leave. The SQLite file is outside of this:
 * it is opened with synchronous=FULL, and SQLite answers for its own order of writes.
 */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { found } from '../../src/accounts/found.ts';
import { openGallery } from '../../src/app.ts';
import { localStore } from '../../src/blobs/local.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { DiskAfterPowerCut } from './disk-after-power-cut.ts';
import { firstToken, freshConfig, publishFile } from './in-process.ts';
import { packageFile } from './package-files.ts';
import { type Acknowledged, Promises } from './promises.ts';
import { type Omission, recordingDisk, type Step } from './recording-disk.ts';

const files = 40;
const publishers = 10;
interface Recording {
  readonly root: string;
  readonly steps: readonly Step[];
  /** By the number in their step. */
  readonly acknowledged: readonly Acknowledged[];
}

async function record(t: TestContext, omission?: Omission): Promise<Recording> {
  const config = await freshConfig(t);
  const steps: Step[] = [];
  const acknowledged: Acknowledged[] = [];
  const disk = recordingDisk(steps, omission);
  const gallery = await openGallery(config, 'write', { store: (folders) => localStore(folders.store, disk) });
  await found(gallery);
  const token = firstToken(gallery);
  const waiting = await Promise.all(Array.from({ length: files }, (_, number) => packageFile(number)));
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const published = await publishFile(gallery, token, file);
      assert.ok(!isRefusal(published), `${file.filename} was refused`);
      steps.push({ did: 'acknowledge', number: acknowledged.length });
      acknowledged.push({ file, serial: 0n });
    }
  };
  await Promise.all(Array.from({ length: publishers }, work));
  const rows = await gallery.db.selectFrom('files').select(['id', 'sha256']).execute();
  await gallery.close();
  const serials = new Map(rows.map((row) => [row.sha256, row.id]));
  return {
    root: gallery.folders.store,
    steps,
    acknowledged: acknowledged.map(({ file }) => ({ file, serial: serials.get(file.sha256) ?? 0n })),
  };
}

/** Cuts the power after every step. @returns the first moment at which something would be broken, and what */
function firstBroken(recording: Recording): { step: number; problems: readonly string[] } | undefined {
  const disk = new DiskAfterPowerCut(recording.root);
  const promises = new Promises(recording.root);
  const answered: Acknowledged[] = [];
  for (const [step, done] of recording.steps.entries()) {
    disk.apply(done);
    if (done.did === 'acknowledge') answered.push(recording.acknowledged[done.number]!);
    const problems = promises.broken(disk, answered);
    if (problems.length > 0) return { step, problems };
  }
  return undefined;
}

test('a power cut at any moment loses nothing acknowledged and leaves nothing half there', async (t) => {
  const recording = await record(t);
  assert.equal(recording.acknowledged.length, files);
  assert.ok(recording.steps.length > files * 20, 'publishing takes many steps on the disk');
  const broken = firstBroken(recording);
  assert.equal(broken, undefined, `after step ${broken?.step}: ${broken?.problems.slice(0, 5).join('\n')}`);
  t.diagnostic(`${recording.steps.length} power cuts during ${files} publishes`);
});

const omissions: readonly (readonly [Omission, RegExp])[] = [
  ['file sync', /half-written/],
  ['folder sync', /can be gone/],
  ['folder making', /can be gone/],
];

for (const [omission, complaint] of omissions) {
  test(`a gallery that forgets the ${omission} is caught by the same power cuts`, async (t) => {
    const broken = firstBroken(await record(t, omission));
    assert.match(broken?.problems.join('\n') ?? '', complaint);
  });
}
