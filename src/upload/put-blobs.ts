/** The first durable step of a publish: the uploaded file, and what was taken out of it, each under its digest. */
import { createHash } from 'node:crypto';
import { blobKey } from '../blobs/keys.ts';
import type { BlobStore, NewObject } from '../blobs/store.ts';
import type { Candidate, StoredExtract } from '../validate/candidate.ts';
import type { Received, ReceivedFile } from './receive.ts';

/** When this has resolved, all bytes of the publish are on stable storage; what nobody comes to need is cleaned up later. */
export async function putBlobs(store: BlobStore, received: Received, candidate: Candidate): Promise<StoredExtract[]> {
  const { objects, extracts } = blobsOf(received.file, candidate);
  await store.putAll([objects]);
  return extracts;
}

/** @returns what is to be put for a file, in no order, and how the catalogue knows what was taken out of it */
export function blobsOf(
  file: Pick<ReceivedFile, 'path' | 'digests'>,
  candidate: Candidate,
): { objects: NewObject[]; extracts: StoredExtract[] } {
  const extracts = candidate.extracts.map(({ name, bytes, contentType }) => ({
    bytes,
    stored: { name, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length, contentType },
  }));
  return {
    objects: [
      { key: blobKey(file.digests.sha256), file: file.path },
      ...extracts.map(({ bytes, stored }) => ({ key: blobKey(stored.sha256), bytes })),
    ],
    extracts: extracts.map(({ stored }) => stored),
  };
}
