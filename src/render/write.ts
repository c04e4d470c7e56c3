/**
 * Puts rendered output into the store: leaves and links first, indexes after them, and never an older document over a newer
 * one. When `writeOutputs` has resolved, everything is durable and visible to every read worker of the machine.
 */
import { blobKey, documentKey, type FeedPlace, linkKey } from '../blobs/keys.ts';
import type { BlobStore, NewObject } from '../blobs/store.ts';
import { completeText } from '../documents/complete-text.ts';
import { encodeDocument, headerBytesMax, readHeader } from '../documents/format.ts';
import type { Document, Output } from '../documents/output.ts';
import type { Int64 } from '../std/int64.ts';

/** Leaves and links that are made and written together, so that a package of ten thousand versions fits into memory. */
const leavesAtOnceMax = 200;

export interface WriteRequest {
  readonly feed: FeedPlace;
  readonly outputs: readonly Output[];
  /** What the outputs were rendered from. */
  readonly serial: Int64;
  readonly baseUrl: string;
  /** What must be stored before the indexes besides the leaves, such as records. */
  readonly first?: readonly NewObject[];
}

/**
 * Writes leaves and links, then indexes. An output that is in the store already, at a newer serial, is left alone.
 * @param goOn asked between two portions of many; throws when the documents are another's to write by now
 */
export async function writeOutputs(
  store: BlobStore,
  request: WriteRequest,
  goOn: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  const isIndex = (output: Output) => output.type === 'document' && output.rank === 'index';
  const leaves = request.outputs.filter((output) => !isIndex(output));
  let group = [...(request.first ?? [])];
  for (let at = 0; at < leaves.length; at += leavesAtOnceMax) {
    if (at > 0) {
      await store.putAll([group]);
      await goOn();
      group = [];
    }
    group.push(...(await objectsOf(store, request, leaves.slice(at, at + leavesAtOnceMax))));
  }
  await store.putAll([group, await objectsOf(store, request, request.outputs.filter(isIndex))]);
}

async function objectsOf(store: BlobStore, request: WriteRequest, outputs: readonly Output[]): Promise<NewObject[]> {
  const objects = await Promise.all(outputs.map((output) => objectOf(store, request, output)));
  return objects.filter((object) => object !== undefined);
}

/** @returns undefined where the store has a newer document */
async function objectOf(store: BlobStore, request: WriteRequest, output: Output): Promise<NewObject | undefined> {
  if (output.type === 'link') {
    return { key: linkKey(request.feed, output.path), link: blobKey(output.sha256) };
  }
  const key = documentKey(request.feed, output.path);
  const stored = await storedSerial(store, key);
  if (stored !== undefined && stored > request.serial) return undefined;
  return { key, bytes: await encode(store, request, output) };
}

async function encode(store: BlobStore, request: WriteRequest, document: Document): Promise<Uint8Array> {
  return encodeDocument(await completeText(store, document), request.serial, request.baseUrl);
}

/** @returns the serial of the stored document, undefined when there is none or when it is damaged and must be replaced */
async function storedSerial(store: BlobStore, key: string): Promise<Int64 | undefined> {
  const start = await store.getStart(key, headerBytesMax);
  if (start === undefined) return undefined;
  try {
    return readHeader(start).serial;
  } catch {
    return undefined;
  }
}

/** Removes documents and links that no longer belong to anything; what is not there is no error. */
export async function removePaths(store: BlobStore, feed: FeedPlace, paths: Iterable<string>): Promise<void> {
  for (const path of paths) {
    await Promise.all([store.delete(documentKey(feed, path)), store.delete(linkKey(feed, path))]);
  }
}
