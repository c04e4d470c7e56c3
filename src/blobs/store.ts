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

/** An object to be written, or to take the place of the one that has its key. */
export type NewObject =
  | { readonly key: Key; readonly bytes: Uint8Array }
  /** A finished local file; it is the store's from then on, whether it was moved or copied. */
  | { readonly key: Key; readonly file: string }
  /** The bytes of an object that is stored already, under a second key, without their passing through. */
  | { readonly key: Key; readonly link: Key };

export interface BlobStore {
  /** Writes or replaces a whole object. When this has resolved, the object survives a power cut. */
  put(key: Key, bytes: Uint8Array): Promise<void>;
  /**
   * Writes many objects, group after group: nothing of a group can be seen before all of the groups before it would survive a power
   * cut. Within a group there is no order. When this has resolved, everything survives a power cut. When it fails, any part of it may
   * be there, but never something of a group without all of those before. Throws when a link leads to nothing.
   */
  putAll(groups: readonly (readonly NewObject[])[]): Promise<void>;
  state(key: Key): Promise<StoredState | undefined>;
  /** The whole object; only for what is small. Undefined when there is none. */
  get(key: Key): Promise<Uint8Array | undefined>;
  /** The object's first bytes, at most so many. Undefined when there is none, which is the usual answer and the quickest. */
  getStart(key: Key, bytesMax: number): Promise<Uint8Array | undefined>;
  /** The object's bytes, or a part of them; fails when there is none. */
  stream(key: Key, range?: ByteRange): Readable;
  /** @returns false when there was nothing to delete. */
  delete(key: Key): Promise<boolean>;
  /** Every key that begins with `folder + '/'`, in byte order. */
  list(folder: Key): AsyncIterable<{ key: Key; sizeBytes: number; modifiedAt: number }>;
  /** The names directly inside a folder, in byte order. */
  names(folder: Key): Promise<string[]>;
}
