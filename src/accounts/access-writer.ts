/** Makes the sealed access document from the catalogue; called after every change of feeds, roles and tokens. */
import { encodeAccess, type ReaderRight } from '../access/access-document.ts';
import type { SecretKey } from '../access/seal.ts';
import { accessKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { CatalogueDatabase } from '../catalogue/database.ts';
import { exactNumber } from '../std/int64.ts';
import { mayReadFeed, rolesOf } from './rights.ts';

/** When this has resolved, new requests are judged by the new rights (on every worker of this machine). */
export async function writeAccessDocument(db: CatalogueDatabase, store: BlobStore, key: SecretKey): Promise<void> {
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
    const roles = await rolesOf(db, token.principal_id);
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
  await store.put(accessKey, encodeAccess(key, { feeds: places, readers }));
}
