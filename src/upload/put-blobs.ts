/** The first durable step of a publish: the uploaded file, and what was taken out of it, each under its digest. */
import { createHash } from 'node:crypto';
import { blobKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Candidate, StoredExtract } from '../validate/candidate.ts';
import type { Received } from './receive.ts';

/** When this has resolved, all bytes of the publish are on stable storage; what nobody comes to need is cleaned up later. */
export async function putBlobs(store: BlobStore, received: Received, candidate: Candidate): Promise<StoredExtract[]> {
  await store.putFile(blobKey(received.file.digests.sha256), received.file.path);
  return Promise.all(
    candidate.extracts.map(async ({ name, bytes, contentType }) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await store.put(blobKey(sha256), bytes);
      return { name, sha256, sizeBytes: bytes.length, contentType };
    }),
  );
}
