/**
 * The contract of a blob store: flat keys, whole objects, durable when a call has resolved. Every implementation and every
 * decorator passes tests/contract/blob-store.test.ts. Nothing here relies on conditional puts: not every engine has them.
 */
import type { Readable } from 'node:stream';

/** Keys are made by keys.ts only: segments of printable text between slashes, none empty, none `.` or `..`. */
export type Key = string;

export interface StoredState {
  readonly sizeBytes: number;
  /** UTC milliseconds. */
  readonly modifiedAt: number;
  /** Changes whenever the object is replaced; equal means the same bytes. */
  readonly identity: string;
}

export interface ByteRange {
  /** First byte, from 0. */
  readonly start: number;
  /** Last byte, included. */
  readonly end: number;
}

export interface BlobStore {
  /** Writes or replaces a whole object. When this has resolved, the object survives a power cut. */
  put(key: Key, bytes: Uint8Array): Promise<void>;
  /** Stores a finished local file under the key; the file is the store's from then on, whether it was moved or copied. */
  putFile(key: Key, path: string): Promise<void>;
  /** Gives a stored object a second key, durably, without its bytes passing through. Refuses (throws) when it is missing. */
  link(key: Key, existing: Key): Promise<void>;
  state(key: Key): Promise<StoredState | undefined>;
  /** The whole object; only for what is small. Undefined when there is none. */
  get(key: Key): Promise<Uint8Array | undefined>;
  /** The object's bytes, or a part of them; fails when there is none. */
  stream(key: Key, range?: ByteRange): Readable;
  /** @returns false when there was nothing to delete. */
  delete(key: Key): Promise<boolean>;
  /** Every key that begins with `folder + '/'`, in byte order. */
  list(folder: Key): AsyncIterable<{ key: Key; sizeBytes: number; modifiedAt: number }>;
  /** The names directly inside a folder, in byte order. */
  names(folder: Key): Promise<string[]>;
}
