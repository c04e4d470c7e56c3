/** Makes the sealed access document from the catalogue; called after every change of feeds, roles and tokens. */
import { type AccessDocument, encodeAccess, type ReaderRight } from '../access/access-document.ts';
import type { SecretKey } from '../access/seal.ts';
import { accessKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../catalogue/database.ts';
import { exactNumber, type Int64 } from '../std/int64.ts';
import { holdersOf, mayReadFeed, rolesOf } from './rights.ts';

/**
 * When this has resolved, new requests are judged by the new rights (on every worker of this machine). Another process may
 * have changed rights between our reading and our writing, and written before us: then it is done once more.
 */
export async function writeAccessDocument(db: CatalogueDatabase, store: BlobStore, key: SecretKey): Promise<void> {
  for (;;) {
    const { serial, access } = await db.transaction().execute(async (transaction) => ({
      serial: await lastSerial(transaction),
      access: await readAccess(transaction),
    }));
    await store.put(accessKey, encodeAccess(key, access));
    if ((await lastSerial(db)) === serial) return;
  }
}

type Db = CatalogueDatabase | CatalogueTransaction;

/** Serial of the newest event that is about no package: feeds, roles and tokens are among these. */
async function lastSerial(db: Db): Promise<Int64> {
  const row = await db
    .selectFrom('events')
    .select('serial')
    .where('package_id', 'is', null)
    .orderBy('serial', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.serial ?? 0n;
}

async function readAccess(db: Db): Promise<AccessDocument> {
  const feeds = await db.selectFrom('feeds').selectAll().orderBy('name').execute();
  const privateFeeds = feeds.filter((feed) => feed.is_private === 1n);
  const tokens =
    privateFeeds.length === 0
      ? []
      : await db.selectFrom('tokens').selectAll().where('revoked_at', 'is', null).execute();
  const readers: ReaderRight[] = [];
  for (const token of tokens) {
    if (!(JSON.parse(token.scopes) as string[]).includes('read')) continue;
    const named = JSON.parse(token.feeds) as string[];
    const roles = await rolesOf(db, await holdersOf(db, token.principal_id));
    const readable = privateFeeds
      .filter((feed) => (named.includes('*') || named.includes(feed.name)) && mayReadFeed(roles, feed))
      .map((feed) => feed.name);
    if (readable.length === 0) continue;
    readers.push({
      digest: token.digest,
      feeds: readable,
      expiresAt: token.expires_at === null ? null : exactNumber(token.expires_at),
    });
  }
  const places = feeds.map((feed) => ({ name: feed.name, isPrivate: feed.is_private === 1n }));
  return { feeds: places, readers };
}
