/** A blob store in memory: passes the contract suite, and stands in where a test is about something else. */

import { readFile, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { BlobStore, Key, NewObject } from '../../src/blobs/store.ts';

export function memoryStore(): BlobStore {
  const objects = new Map<Key, { bytes: Uint8Array; identity: string; modifiedAt: number }>();
  let generation = 0;
  const set = (key: Key, bytes: Uint8Array) => {
    if (key.split('/').some((segment) => segment === '' || segment === '.' || segment === '..'))
      throw new Error('not a store key');
    generation += 1;
    objects.set(key, { bytes: Uint8Array.from(bytes), identity: String(generation), modifiedAt: Date.now() });
  };
  const putOne = async (object: NewObject) => {
    if ('bytes' in object) {
      set(object.key, object.bytes);
    } else if ('file' in object) {
      set(object.key, await readFile(object.file));
      await unlink(object.file);
    } else {
      const found = objects.get(object.link);
      if (!found) throw new Error(`${object.link} is not in the store`);
      set(object.key, found.bytes);
    }
  };
  const sorted = () => [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    async put(key, bytes) {
      set(key, bytes);
    },
    async putAll(groups) {
      for (const object of groups.flat()) await putOne(object);
    },
    async state(key) {
      const found = objects.get(key);
      return found && { sizeBytes: found.bytes.length, modifiedAt: found.modifiedAt, identity: found.identity };
    },
    async get(key) {
      return objects.get(key)?.bytes;
    },
    async getStart(key, bytesMax) {
      return objects.get(key)?.bytes.slice(0, bytesMax);
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
