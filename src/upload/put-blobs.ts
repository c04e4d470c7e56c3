/** The first durable step of a publish: the uploaded file, and what was taken out of it, each under its digest. */
import { createHash } from 'node:crypto';
import { blobKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Candidate, StoredExtract } from '../validate/candidate.ts';
import type { Received } from './receive.ts';

/** When this has resolved, all bytes of the publish are on stable storage; what nobody comes to need is cleaned up later. */
export async function putBlobs(store: BlobStore, received: Received, candidate: Candidate): Promise<StoredExtract[]> {
  const extracts = candidate.extracts.map(({ name, bytes, contentType }) => ({
    bytes,
    stored: { name, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length, contentType },
  }));
  const file = { key: blobKey(received.file.digests.sha256), file: received.file.path };
  await store.putAll([[file, ...extracts.map(({ bytes, stored }) => ({ key: blobKey(stored.sha256), bytes }))]]);
  return extracts.map(({ stored }) => stored);
}
