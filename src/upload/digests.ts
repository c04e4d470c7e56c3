/** All five digests of an upload in one pass over its bytes. */
import { createHash } from 'node:crypto';
import { createBLAKE2b } from 'hash-wasm';
import type { Digests } from '../documents/package-view.ts';

export interface DigestStream {
  update(chunk: Uint8Array): void;
  finish(): Digests;
}

type Blake2b = Awaited<ReturnType<typeof createBLAKE2b>>;

/** Each has 64 KiB of memory of its own; making one takes longer than hashing a small package. */
const idle: Blake2b[] = [];
const idleMax = 16;

/** node:crypto has no BLAKE2b of 256 bits, so that one comes from hash-wasm. */
export async function startDigests(): Promise<DigestStream> {
  const native = {
    sha256: createHash('sha256'),
    sha512: createHash('sha512'),
    md5: createHash('md5'),
    sha1: createHash('sha1'),
  };
  const blake2b = idle.pop() ?? (await createBLAKE2b(256));
  blake2b.init();
  return {
    update(chunk) {
      for (const hash of Object.values(native)) hash.update(chunk);
      blake2b.update(chunk);
    },
    finish() {
      const blake2b256 = blake2b.digest('hex');
      if (idle.length < idleMax) idle.push(blake2b);
      return {
        sha256: native.sha256.digest('hex'),
        sha512: native.sha512.digest('hex'),
        blake2b256,
        md5: native.md5.digest('hex'),
        sha1: native.sha1.digest('hex'),
      };
    },
  };
}
