/**
 * The write path, top to bottom. What is acknowledged is durable and visible: blob, catalogue, record and documents are
 * written in this order before the answer. What was not acknowledged is absent, or is completed later by complete.ts.
 */
import { createHash } from 'node:crypto';
import type { Credentials } from './access/access-document.ts';
import { authenticate, type Identity } from './accounts/authenticate.ts';
import { authorise } from './accounts/rights.ts';
import { blobKey } from './blobs/keys.ts';
import type { BlobStore } from './blobs/store.ts';
import { append, subjectOf } from './catalogue/append.ts';
import { AlreadyPublished, preparePublish, type StoredExtract } from './catalogue/publish-file.ts';
import { findFeed, findPackage } from './catalogue/queries/find.ts';
import type { FinishedEvent } from './catalogue/queries/finish-events.ts';
import { writeRecord } from './catalogue/records.ts';
import type { FeedRow } from './catalogue/tables.ts';
import type { Gallery } from './gallery.ts';
import type { Int64 } from './std/int64.ts';
import { isRefusal, type Refusal } from './std/refusals.ts';
import { completePackage } from './upkeep/complete.ts';
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

export interface Published {
  readonly candidate: Candidate;
  /** False when the very same file had been published and acknowledged before. */
  readonly isNew: boolean;
}

/** Written whole, and what is to be struck off once the answer is sent. */
interface Committed {
  readonly published: Published;
  readonly finished: FinishedEvent;
}

/** Publishes one file; refuses, or fails when a part of the gallery is away. Either way nothing half done is visible. */
export async function publish(gallery: Gallery, upload: Upload): Promise<Published | Refusal> {
  const identity = await authenticate(gallery.db, upload.credentials, gallery.clock.now());
  if (isRefusal(identity)) return identity;
  const feed = await findFeed(gallery.db, upload.feedName);
  if (isRefusal(feed)) return feed;
  const received = await upload.receive();
  if (isRefusal(received)) return received;
  const committed = await judge(gallery, identity, feed, upload, received).finally(() => discard(received.file));
  if (isRefusal(committed)) return committed;
  // Nothing is waited for between here and the answer: what the finisher calls acknowledged must have been answered.
  gallery.finisher.add(committed.finished);
  return committed.published;
}

async function judge(gallery: Gallery, identity: Identity, feed: FeedRow, upload: Upload, received: Received) {
  const candidate = await upload.inspect(received);
  if (isRefusal(candidate)) return candidate;
  const refusal = await authoriseFor(gallery, identity, feed, candidate);
  return refusal ?? commit(gallery, identity, feed, received, candidate);
}

/** A new package and a new version of a package that exists are different rights. */
async function authoriseFor(gallery: Gallery, identity: Identity, feed: FeedRow, candidate: Candidate) {
  const found = await findPackage(gallery.db, feed.id, candidate.ecosystem, candidate.normalizedName);
  const intent = { feed, packageName: candidate.name };
  if (found) return authorise(gallery.db, identity, { ...intent, scope: 'push-version', packageId: found.id });
  return authorise(gallery.db, identity, { ...intent, scope: 'push-new' });
}

async function commit(
  gallery: Gallery,
  identity: Identity,
  feed: FeedRow,
  received: Received,
  candidate: Candidate,
): Promise<Committed | Refusal> {
  const { digests, sizeBytes } = received.file;
  const extracts = await putBlobs(gallery.store, received, candidate);
  const file = { feed, candidate, digests, sizeBytes, extracts, principalId: identity.principalId };
  const actor = { principalId: identity.principalId, tokenId: identity.tokenId };
  const event = await append(gallery.db, gallery.clock, gallery.holder, actor, 'upload', (transaction) =>
    preparePublish(transaction, file),
  );
  if (event instanceof AlreadyPublished) {
    const { serial, packageId, isRetry } = event;
    await completePackage(gallery, packageId, serial);
    // Somebody else's upload of the same bytes must not turn the repeat of whoever got no answer into a conflict.
    const acknowledgedFileId = isRetry ? serial : null;
    return { published: { candidate, isNew: isRetry }, finished: { serial, packageId, acknowledgedFileId } };
  }
  if (isRefusal(event)) return event;
  const packageId = subjectOf(event.change).package_id as Int64;
  await writeRecord(gallery.store, gallery.key, event);
  await gallery.renderer.renderPackage(packageId, event.serial);
  const finished = { serial: event.serial, packageId, acknowledgedFileId: event.serial };
  return { published: { candidate, isNew: true }, finished };
}

/** The file and what was taken out of it, each under its digest. */
async function putBlobs(store: BlobStore, received: Received, candidate: Candidate): Promise<StoredExtract[]> {
  await store.putFile(blobKey(received.file.digests.sha256), received.file.path);
  const extracts: StoredExtract[] = [];
  for (const { name, bytes, contentType } of candidate.extracts) {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await store.put(blobKey(sha256), bytes);
    extracts.push({ name, sha256, sizeBytes: bytes.length, contentType });
  }
  return extracts;
}
