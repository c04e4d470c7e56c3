/** What users of a drill tell is true: it calls good only what a client would, and notices one wrong byte. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Outcome, startUsers, type Users } from '../../src/drills/users.ts';
import { nupkgCanary, wheelCanary } from '../../src/status/canary/canary.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';

const deadlineMs = 5_000;

test('users publish packages, install them at once, and delete the oldest', async (t) => {
  const gallery = await startGallery(t);
  const users = startUsersFor(t, gallery, 20);
  await waitFor(() => goodPublishes(users) >= 10);
  await users.stop();
  assert.deepEqual(
    users.outcomes.filter(({ isGood }) => !isGood),
    [],
  );
  const projects = new Set(users.acknowledged().map(({ name }) => name));
  assert.equal(projects.size, 2, 'two projects are kept');
  const first = `holdfast-drill-${new Date().toISOString().slice(0, 10).replaceAll('-', '')}-1`;
  assert.ok(!projects.has(first));
  assert.equal((await fetch(`${gallery.url}/simple/${first}/`)).status, 404, 'the oldest project is gone');
  for (const canary of users.acknowledged()) assert.ok((await users.install(canary)).isGood);
});

test('users notice a wrong digest, a missing file, a missing entry, and a gallery that is away', async (t) => {
  const gallery = await startGallery(t);
  const users = startUsersFor(t, gallery, 60_000);
  await users.pausePublishing();
  for (const canary of [
    wheelCanary({ name: 'damaged', version: '1.0.0' }),
    nupkgCanary({ name: 'Damaged', version: '1.0.0' }),
  ]) {
    assert.ok((await users.publish(canary)).isGood);
    assert.ok((await users.install(canary)).isGood);
    const [file] = globSync(join(gallery.dataDir, 'store/l1/public/**', canary.filename.toLowerCase()));
    assert.ok(file !== undefined);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    const damaged = await users.install(canary);
    assert.match(damaged.message, /^damaged.* came with the digest [0-9a-f]{64} and not with [0-9a-f]{64}$/i);
    unlinkSync(file);
    assert.equal((await users.install(canary)).status, 404);
    const absent = await users.install({
      ...canary,
      version: '2.0.0',
      filename: canary.filename.replace('1.0.0', '2.0.0'),
    });
    assert.match(absent.message, /is not on its project's page|is not in the list of versions/);
  }
  await gallery.stop();
  const away = await users.publish(wheelCanary({ name: 'away', version: '1.0.0' }));
  assert.deepEqual(pick(away), { isGood: false, status: undefined, message: 'ECONNREFUSED' });
  assert.deepEqual(
    users.unacknowledged().map(({ name }) => name),
    ['away'],
  );
});

function startUsersFor(t: TestContext, gallery: TestGallery, everyMs: number): Users {
  const customer = { url: gallery.url, token: gallery.token, deadlineMs };
  const users = startUsers(customer, { everyMs, versionsMax: 3, projectsMax: 2 });
  t.after(() => users.stop());
  return users;
}

function goodPublishes({ outcomes }: Users): number {
  return outcomes.filter(({ action, isGood }) => action === 'publish' && isGood).length;
}

function pick({ isGood, status, message }: Outcome) {
  return { isGood, status, message };
}
