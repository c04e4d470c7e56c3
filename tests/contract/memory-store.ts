/** A blob store in memory: passes the contract suite, and stands in where a test is about something else. */

import { readFile, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { BlobStore, Key } from '../../src/blobs/store.ts';

export function memoryStore(): BlobStore {
  const objects = new Map<Key, { bytes: Uint8Array; identity: string; modifiedAt: number }>();
  let generation = 0;
  const set = (key: Key, bytes: Uint8Array) => {
    if (key.split('/').some((segment) => segment === '' || segment === '.' || segment === '..'))
      throw new Error('not a store key');
    generation += 1;
    objects.set(key, { bytes: Uint8Array.from(bytes), identity: String(generation), modifiedAt: Date.now() });
  };
  const sorted = () => [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    async put(key, bytes) {
      set(key, bytes);
    },
    async putFile(key, path) {
      set(key, await readFile(path));
      await unlink(path);
    },
    async link(key, existing) {
      const found = objects.get(existing);
      if (!found) throw new Error(`${existing} is not in the store`);
      set(key, found.bytes);
    },
    async state(key) {
      const found = objects.get(key);
      return found && { sizeBytes: found.bytes.length, modifiedAt: found.modifiedAt, identity: found.identity };
    },
    async get(key) {
      return objects.get(key)?.bytes;
    },
    stream(key, range) {
      const found = objects.get(key);
      if (!found) return Readable.from(failing(key));
      return Readable.from([Buffer.from(range ? found.bytes.slice(range.start, range.end + 1) : found.bytes)]);
    },
    async delete(key) {
      return objects.delete(key);
    },
    async *list(folder) {
      for (const [key, { bytes, modifiedAt }] of sorted()) {
        if (key.startsWith(`${folder}/`)) yield { key, sizeBytes: bytes.length, modifiedAt };
      }
    },
    async names(folder) {
      const below = sorted().filter(([key]) => key.startsWith(`${folder}/`));
      return [...new Set(below.map(([key]) => key.slice(folder.length + 1).split('/')[0] ?? ''))];
    },
  };
}

async function* failing(key: Key): AsyncGenerator<Buffer> {
  yield* [];
  throw new Error(`${key} is not in the store`);
}
