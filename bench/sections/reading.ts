/** The gallery that documents and files are read from, and where its things are. */
import { join } from 'node:path';
import { documentKey, linkKey } from '../../src/blobs/keys.ts';
import { flatFile, registrationIndex, semVer2Hive } from '../../src/protocols/nuget-v3/keys.ts';
import { projectJson } from '../../src/protocols/pypi/keys.ts';
import { makeNupkg } from '../../tests/packages/nupkg.ts';
import { galleryOf } from '../galleries.ts';
import type { BenchContext } from '../section.ts';

const smallBlobBytes = 100_000;
const main = { name: 'main', isPrivate: false };
export const jsonType = 'application/vnd.pypi.simple.v1+json';

export interface StoredThing {
  readonly name: string;
  /** The address at the gallery. */
  readonly address: string;
  /** Absolute. */
  readonly file: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReadingGallery {
  readonly dataDir: string;
  /** What a file server is given. */
  readonly publicFolder: string;
  readonly smallDocument: StoredThing;
  readonly largeDocument: StoredThing;
  readonly smallBlob: StoredThing;
  readonly largeBlob: StoredThing;
}

export async function readingGallery(context: BenchContext): Promise<ReadingGallery> {
  const { documentVersions, largeBlobBytes } = context.sizes;
  const dataDir = await galleryOf(
    context,
    `reading-${documentVersions}-${largeBlobBytes}`,
    [
      { ecosystem: 'nupkg', name: 'Read.Small', versions: 1 },
      { ecosystem: 'python', name: 'read-large', versions: documentVersions },
    ],
    async () => {
      const files = new Map<string, Uint8Array>();
      for (const [id, sizeBytes] of [
        ['Blob.Small', smallBlobBytes],
        ['Blob.Large', largeBlobBytes],
      ] as const) {
        const made = await makeNupkg({ id, version: '1.0.0', sizeBytes });
        files.set(made.filename, made.bytes);
      }
      return files;
    },
  );
  const store = join(dataDir, 'store');
  const document = (name: string, path: string, address: string, accept: string): StoredThing => ({
    name,
    address,
    file: join(store, documentKey(main, path)),
    headers: { 'Accept-Encoding': 'gzip', Accept: accept },
  });
  const blob = (name: string, id: string): StoredThing => {
    const path = flatFile(id, '1.0.0', 'nupkg');
    return { name, address: `/${path}`, file: join(store, linkKey(main, path)), headers: {} };
  };
  const small = registrationIndex(semVer2Hive, 'read.small');
  const large = projectJson('read-large');
  return {
    dataDir,
    publicFolder: join(store, 'l1', 'public', 'd1'),
    smallDocument: document('registration of 1 version', small, `/${small}`, '*/*'),
    largeDocument: document(`project page of ${documentVersions} versions`, large, '/simple/read-large/', jsonType),
    smallBlob: blob('100 KB', 'blob.small'),
    largeBlob: blob(largeBlobBytes >= 1e7 ? '10 MB' : `${largeBlobBytes} bytes`, 'blob.large'),
  };
}
