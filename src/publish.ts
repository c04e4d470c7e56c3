/**
 * The write path, top to bottom. What is acknowledged is durable and visible: blob, catalogue, record and documents are
 * written in this order before the answer. What was not acknowledged is absent, or is completed later (upkeep/complete.ts).
 */
import type { Credentials } from './access/access-document.ts';
import { actorOf, authenticate, type Identity } from './accounts/authenticate.ts';
import { authorisePublish } from './accounts/find-allowed.ts';
import { append, packageOf } from './catalogue/append.ts';
import type { CatalogueTransaction } from './catalogue/database.ts';
import { AlreadyPublished, preparePublish } from './catalogue/publish-file.ts';
import { findFeed } from './catalogue/queries/find.ts';
import type { FeedRow } from './catalogue/tables.ts';
import type { Gallery } from './gallery.ts';
import type { Int64 } from './std/int64.ts';
import { isRefusal, type Refusal } from './std/refusals.ts';
import { putBlobs } from './upload/put-blobs.ts';
import { discard, type Received } from './upload/receive.ts';
import type { Candidate } from './validate/candidate.ts';

/** One upload, as its protocol understands it. */
export interface Upload {
  readonly feedName: string;
  readonly credentials: Credentials | undefined;
  /** Takes the body in. */
  receive(): Promise<Received | Refusal>;
  /** Reads the archive and holds it against the form around it. */
  inspect(received: Received): Promise<Candidate | Refusal>;
}

/** `isNew` is false when the very same file had been published and acknowledged before. */
export type Published = { candidate: Candidate; isNew: boolean; serial: Int64; packageId: Int64 };

/** Publishes one file; refuses, or fails when a part of the gallery is away. Either way nothing half done is visible. */
export async function publish(gallery: Gallery, upload: Upload): Promise<Published | Refusal> {
  const identity = await authenticate(gallery.db, upload.credentials, gallery.clock.now());
  if (isRefusal(identity)) return identity;
  const feed = await findFeed(gallery.db, upload.feedName);
  if (isRefusal(feed)) return feed;
  // Taken by who may publish only: strangers with slow bodies must not keep anybody out.
  const release = gallery.uploads.enter();
  if (isRefusal(release)) return release;
  try {
    return await receiveAndCommit(gallery, identity, feed, upload);
  } finally {
    release();
  }
}

async function receiveAndCommit(
  gallery: Gallery,
  identity: Identity,
  feed: FeedRow,
  upload: Upload,
): Promise<Published | Refusal> {
  const received = await upload.receive();
  if (isRefusal(received)) return received;
  const published = await commit(gallery, identity, feed, upload, received).finally(() => discard(received.file));
  if (isRefusal(published)) return published;
  // Nothing is waited for between here and the answer: what the finisher calls acknowledged must have been answered.
  // Somebody else's upload of the same bytes is no answer to whoever published them first.
  gallery.finisher.add({ ...published, acknowledgedFileId: published.isNew ? published.serial : null });
  return published;
}

async function commit(
  gallery: Gallery,
  identity: Identity,
  feed: FeedRow,
  upload: Upload,
  received: Received,
): Promise<Published | Refusal> {
  const candidate = await upload.inspect(received);
  if (isRefusal(candidate)) return candidate;
  const refusal = await authorisePublish(gallery.db, identity, feed, candidate);
  if (refusal) return refusal;
  const extracts = await putBlobs(gallery.store, received, candidate);
  const { packageBytesMax, pythonReleaseAgeMaxDays } = gallery.config;
  const limits = { packageBytesMax, pythonReleaseAgeMaxDays, now: gallery.clock.now() };
  const file = { feed, candidate, ...received.file, extracts, principalId: identity.principalId, limits };
  // Asked once more where it counts: somebody else may have taken a new name meanwhile.
  const prepare = async (transaction: CatalogueTransaction) =>
    (await authorisePublish(transaction, identity, feed, candidate)) ?? preparePublish(transaction, file);
  const event = await append(gallery, actorOf(identity), 'upload', prepare);
  if (event instanceof AlreadyPublished) {
    await gallery.renderer.renderPackage(event.packageId, event.serial);
    return { candidate, isNew: event.isRetry, serial: event.serial, packageId: event.packageId };
  }
  if (isRefusal(event)) return event;
  await gallery.renderer.renderPackage(packageOf(event), event.serial);
  return { candidate, isNew: true, serial: event.serial, packageId: packageOf(event) };
}
