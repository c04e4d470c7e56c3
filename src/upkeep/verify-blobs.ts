/** Looks for blobs, and reads them to the end to compare their digests. */
import { createHash } from 'node:crypto';
import { blobKey } from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import type { Gallery } from '../gallery.ts';
import type { Finding } from './findings.ts';

/** Up to so many bytes are read at once; a stream takes longer to begin than a small blob to be read. */
const readAtOnceBytesMax = 1024 * 1024;

/** @returns what is wrong with these blobs, and how many were looked at */
export async function verifyBlobs(
  gallery: Gallery,
  { digests, readsBlobs }: { readonly digests: readonly string[]; readonly readsBlobs: boolean },
): Promise<{ findings: Finding[]; checked: number }> {
  const findings: Finding[] = [];
  for (const sha256 of digests) {
    const key = blobKey(sha256);
    const isThere = (await gallery.store.state(key)) !== undefined;
    if (!isThere) findings.push({ kind: 'missing', key, about: 'a blob of a published file' });
    else if (readsBlobs && (await digestOf(gallery, key)) !== sha256)
      findings.push({ kind: 'wrong', key, about: 'its bytes do not have the digest of its name' });
  }
  return { findings, checked: digests.length };
}

/** @returns the SHA-256 of an object's bytes, hexadecimal */
export async function digestOf({ store }: Gallery, key: Key): Promise<string> {
  const hash = createHash('sha256');
  const state = await store.state(key);
  const whole = state && state.sizeBytes <= readAtOnceBytesMax ? await store.get(key) : undefined;
  if (whole) return hash.update(whole).digest('hex');
  for await (const chunk of store.stream(key)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
