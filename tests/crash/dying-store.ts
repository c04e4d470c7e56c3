/** A store whose process dies at a given write: from then on nothing is done any more. */
import type { BlobStore } from '../../src/blobs/store.ts';

export class Died extends Error {}

export interface Life {
  /** Writes that are still done before the death. */
  writesLeft: number;
}

export function dyingStore(store: BlobStore, life: Life): BlobStore {
  const whileAlive = async (write: () => Promise<void>) => {
    if (life.writesLeft === 0) throw new Died();
    life.writesLeft -= 1;
    await write();
  };
  return {
    ...store,
    put: (key, bytes) => whileAlive(() => store.put(key, bytes)),
    async putAll(groups) {
      for (const object of groups.flat()) await whileAlive(() => store.putAll([[object]]));
    },
  };
}
