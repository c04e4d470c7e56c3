/** What the events say of a feed's versions, also those that earlier programs wrote, which knew no statuses and no deprecation. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CatalogueDatabase, openDatabase } from '../../src/catalogue/database.ts';
import { migrate } from '../../src/catalogue/migrations/migrate.ts';
import { readHistory } from '../../src/catalogue/queries/package-history.ts';
import { systemClock } from '../../src/std/clock.ts';
import { writeJson } from '../../src/std/json.ts';
import { temporaryFolder } from '../gallery.ts';

async function freshDatabase(t: TestContext): Promise<CatalogueDatabase> {
  const db = openDatabase(join(await temporaryFolder(t), 'test.sqlite'), 1_000, true);
  t.after(() => db.destroy());
  await migrate(db, systemClock);
  return db;
}

const row = (status?: string) => ({
  id: 5n,
  feed_id: 1n,
  ecosystem: 'nupkg',
  name: 'Demo.Old',
  normalized_name: 'demo.old',
  ...(status === undefined ? {} : { status, status_reason: '' }),
});

/** A version as the first program wrote it: its row has no column of later migrations. */
function published(serial: bigint, version: string, ecosystem = 'nupkg') {
  const metadata = writeJson({ normalizedVersion: version });
  const versionRow = { id: serial, version, normalized_version: version, is_listed: 1n, unlisted_reason: '', metadata };
  const file = { kind: 'nupkg', metadata: '{}', extracts: '[]', uploaded_at: 1n };
  return {
    kind: 'file.published',
    package: { ...row(), ecosystem },
    version: { ...versionRow, is_prerelease: 0n, created_at: 1n },
    file,
  };
}

async function insert(
  db: CatalogueDatabase,
  serial: bigint,
  change: { kind: string; versionId?: bigint; version?: { id: bigint } },
) {
  const about = { package_id: 5n, version_id: change.version?.id ?? change.versionId ?? null };
  await db
    .insertInto('events')
    .values({
      serial,
      at: serial,
      kind: change.kind,
      feed_id: 1n,
      ...about,
      actor: '{}',
      cause: '',
      change: writeJson(change),
    })
    .execute();
}

async function history(db: CatalogueDatabase, after = 0n, upTo = 100n): Promise<string[]> {
  const told: string[] = [];
  const about = { feedId: 1n, ecosystem: 'nupkg' as const, fileKind: 'nupkg' as const };
  for await (const { serial, versions } of readHistory(db, about, after, upTo)) {
    for (const { what, version } of versions) {
      const state = version.isListed ? '' : ' unlisted';
      told.push(`${serial} ${what} ${version.normalizedVersion}${state}${version.deprecation ? ' deprecated' : ''}`);
    }
  }
  return told;
}

test('every event tells each version as it was then', async (t) => {
  const db = await freshDatabase(t);
  const change = (kind: string, more: object, status?: string) => ({ kind, package: row(status), ...more });
  const deprecation = writeJson({ reasons: ['Legacy'], message: '', alternatePackage: null });
  const changes = [
    published(10n, '1.0.0'),
    published(11n, '1.1.0'),
    change('version.listing', { versionId: 10n, isListed: 0n, reason: '' }),
    change('version.deprecation', { versionId: 10n, deprecation }, 'active'),
    change('package.status', {}, 'deprecated'),
    change('package.status', {}, 'quarantined'),
    change('version.listing', { versionId: 10n, isListed: 1n, reason: '' }, 'quarantined'),
    change('package.status', {}, 'active'),
    change('version.deleted', { versionId: 11n }, 'active'),
    change('package.touched', {}, 'active'),
    change('package.deleted', {}, 'active'),
  ];
  let serial = 10n;
  for (const one of changes) {
    await insert(db, serial, one as never);
    serial += 1n;
  }
  const expected = [
    '10 published 1.0.0',
    '11 published 1.1.0',
    '12 changed 1.0.0 unlisted',
    '13 changed 1.0.0 unlisted deprecated',
    '15 gone 1.0.0 unlisted deprecated',
    '15 gone 1.1.0',
    '17 changed 1.0.0 deprecated',
    '17 changed 1.1.0',
    '18 gone 1.1.0',
    '20 gone 1.0.0 deprecated',
  ];
  assert.deepEqual(await history(db), expected);
  // Read in two parts at any place, it is the same.
  for (let cut = 9n; cut <= 21n; cut += 1n) {
    assert.deepEqual([...(await history(db, 0n, cut)), ...(await history(db, cut))], expected, `cut at ${cut}`);
  }
});

test('other ecosystems of the feed are no part of it', async (t) => {
  const db = await freshDatabase(t);
  await insert(db, 10n, published(10n, '1.0.0', 'python') as never);
  assert.deepEqual(await history(db), []);
});
