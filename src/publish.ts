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

/** Publishes one file; refuses, or fails when a part of the gallery is away. Either way nothing half done is visible. */
export async function publish(gallery: Gallery, upload: Upload): Promise<Published | Refusal> {
  const identity = await authenticate(gallery.db, upload.credentials, gallery.clock.now());
  if (isRefusal(identity)) return identity;
  const feed = await findFeed(gallery.db, upload.feedName);
  if (isRefusal(feed)) return feed;
  const received = await upload.receive();
  if (isRefusal(received)) return received;
  try {
    const candidate = await upload.inspect(received);
    if (isRefusal(candidate)) return candidate;
    const refusal = await authoriseFor(gallery, identity, feed, candidate);
    if (refusal) return refusal;
    return await commit(gallery, identity, feed, received, candidate);
  } finally {
    await discard(received.file);
  }
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
): Promise<Published | Refusal> {
  const { digests, sizeBytes } = received.file;
  const extracts = await putBlobs(gallery.store, received, candidate);
  const file = { feed, candidate, digests, sizeBytes, extracts, principalId: identity.principalId };
  const actor = { principalId: identity.principalId, tokenId: identity.tokenId };
  const event = await append(gallery.db, gallery.clock, gallery.holder, actor, 'upload', (transaction) =>
    preparePublish(transaction, file),
  );
  if (event instanceof AlreadyPublished) {
    await completePackage(gallery, event.packageId, event.serial);
    gallery.finisher.add({ serial: event.serial, packageId: event.packageId, acknowledgedFileId: event.serial });
    return { candidate, isNew: event.isRetry };
  }
  if (isRefusal(event)) return event;
  const packageId = subjectOf(event.change).package_id as Int64;
  await writeRecord(gallery.store, gallery.key, event);
  await gallery.renderer.renderPackage(packageId, event.serial);
  gallery.finisher.add({ serial: event.serial, packageId, acknowledgedFileId: event.serial });
  return { candidate, isNew: true };
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
