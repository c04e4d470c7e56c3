/** A large upload passes through: neither the read worker nor the write process keeps it in memory. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeWheel } from '../packages/wheel.ts';
import { pushNupkg, uploadPython } from './upload.ts';

const mebibyte = 1024 * 1024;
const uploadBytes = 200 * mebibyte;
const growthBytesMax = 60 * mebibyte;

/** Lets the kernel forget the highest memory that the process ever had (proc(5), clear_refs). */
function forgetPeaks(gallery: TestGallery): Map<string, number> {
  const resident = new Map<string, number>();
  for (const [role, id] of gallery.processes()) {
    writeFileSync(`/proc/${id}/clear_refs`, '5');
    resident.set(role, statusOf(id, 'VmRSS'));
  }
  return resident;
}

function statusOf(id: number, field: 'VmRSS' | 'VmHWM'): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${id}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

function assertFlat(gallery: TestGallery, before: ReadonlyMap<string, number>): void {
  for (const [role, id] of gallery.processes()) {
    const growth = statusOf(id, 'VmHWM') - (before.get(role) ?? 0);
    assert.ok(growth < growthBytesMax, `${role} grew by ${Math.round(growth / mebibyte)} MiB during the upload`);
  }
}

test('an upload of 200 MB adds less than 60 MB of memory to any process', async (t) => {
  const gallery = await startGallery(t);
  // What is loaded and compiled at the first upload is no part of the question.
  await pushNupkg(gallery, (await makeNupkg({ id: 'Warm.Up', version: '1.0.0', sizeBytes: 8 * mebibyte })).bytes);
  await uploadPython(gallery, await makeWheel({ name: 'warm-up', version: '1.0.0', sizeBytes: 8 * mebibyte }));

  const nupkg = await makeNupkg({ id: 'Large.Package', version: '1.0.0', sizeBytes: uploadBytes });
  let before = forgetPeaks(gallery);
  assert.equal((await pushNupkg(gallery, nupkg.bytes)).status, 201);
  assertFlat(gallery, before);

  const wheel = await makeWheel({ name: 'large-package', version: '1.0.0', sizeBytes: uploadBytes });
  before = forgetPeaks(gallery);
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  assertFlat(gallery, before);

  before = forgetPeaks(gallery);
  const download = await fetch(`${gallery.url}/v3/flat/large.package/1.0.0/large.package.1.0.0.nupkg`);
  assert.equal((await download.arrayBuffer()).byteLength, nupkg.bytes.length);
  assertFlat(gallery, before);
});

test('an upload that is too large is refused with 413, and nothing of it is kept', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_UPLOAD_BYTES_MAX: String(mebibyte) });
  const made = await makeNupkg({ id: 'Too.Large', version: '1.0.0', sizeBytes: 3 * mebibyte });
  const refused = await pushNupkg(gallery, made.bytes);
  assert.equal(refused.status, 413);
  assert.match(refused.statusText, /larger than this gallery takes/);
  const wheel = await makeWheel({ name: 'too-large', version: '1.0.0', sizeBytes: 3 * mebibyte });
  assert.equal((await uploadPython(gallery, wheel)).status, 413);
  assert.equal((await pushNupkg(gallery, (await makeNupkg({ id: 'Small', version: '1.0.0' })).bytes)).status, 201);
});
