/**
 * Puts rendered output into the store: leaves and links first, indexes after them, and never an older document over a newer
 * one. When `writeOutputs` has resolved, everything is durable and visible to every read worker of the machine.
 */
import { blobKey, documentKey, type FeedPlace, linkKey, renderVersion } from '../blobs/keys.ts';
import type { BlobStore, Key, NewObject } from '../blobs/store.ts';
import { completeText } from '../documents/complete-text.ts';
import {
  baseUrlOf,
  type DocumentHeader,
  encodeDocument,
  headerBytesMax,
  readHeader,
  readText,
} from '../documents/format.ts';
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
  /** Leaves alone what the store has to the letter, at whatever serial: reads are cheaper than writes, and harm nobody. */
  readonly keepsEqual?: boolean;
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

function isIndex(output: Output): boolean {
  return output.type === 'document' && output.rank === 'index';
}

/** Outputs of one package that `objectsInOrder` takes. */
export const outputsTogetherMax = leavesAtOnceMax;

/** @returns two groups for the store's `putAll`, leaves and links before indexes; for packages of few outputs, several together */
export async function objectsInOrder(
  store: BlobStore,
  request: WriteRequest,
): Promise<[leaves: NewObject[], indexes: NewObject[]]> {
  const leaves = request.outputs.filter((output) => !isIndex(output));
  return [
    [...(request.first ?? []), ...(await objectsOf(store, request, leaves))],
    await objectsOf(store, request, request.outputs.filter(isIndex)),
  ];
}

async function objectsOf(store: BlobStore, request: WriteRequest, outputs: readonly Output[]): Promise<NewObject[]> {
  const objects = await Promise.all(outputs.map((output) => objectOf(store, request, output)));
  return objects.filter((object) => object !== undefined);
}

/** @returns undefined where nothing is to be written: the store has a newer document, or an equal one that may stay */
async function objectOf(store: BlobStore, request: WriteRequest, output: Output): Promise<NewObject | undefined> {
  if (output.type === 'link') {
    const key = linkKey(request.feed, output.path);
    const link = blobKey(output.sha256);
    return request.keepsEqual && (await isSameObject(store, key, link)) ? undefined : { key, link };
  }
  const key = documentKey(request.feed, output.path);
  if (request.keepsEqual) return changedDocument(store, request, key, output);
  const stored = await storedSerial(store, key);
  if (stored !== undefined && stored > request.serial) return undefined;
  return { key, bytes: await encode(request, await completeText(store, output)) };
}

/** A copy, as file systems without hard links have it, is not known to be the same. */
async function isSameObject(store: BlobStore, key: Key, other: Key): Promise<boolean> {
  const state = await store.state(key);
  return state !== undefined && state.identity === (await store.state(other))?.identity;
}

/** Compares the whole text and not its digest, so that damage on the disk is mended. */
async function changedDocument(
  store: BlobStore,
  request: WriteRequest,
  key: Key,
  document: Document,
): Promise<NewObject | undefined> {
  const bytes = await store.get(key);
  const header = bytes && tryReadHeader(bytes);
  if (header && header.serial > request.serial) return undefined;
  const text = await completeText(store, document);
  if (bytes && header?.renderVersion === renderVersion && header.baseUrl === baseUrlOf(text, request.baseUrl)) {
    const stored = await readText(bytes).catch(() => undefined);
    if (stored?.equals(Buffer.from(text))) return undefined;
  }
  return { key, bytes: await encode(request, text) };
}

async function encode(request: WriteRequest, text: string): Promise<Uint8Array> {
  return encodeDocument(text, request.serial, request.baseUrl);
}

/** @returns the serial of the stored document, undefined when there is none or when it is damaged and must be replaced */
async function storedSerial(store: BlobStore, key: string): Promise<Int64 | undefined> {
  const start = await store.getStart(key, headerBytesMax);
  return start && tryReadHeader(start)?.serial;
}

function tryReadHeader(start: Uint8Array): DocumentHeader | undefined {
  try {
    return readHeader(start);
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
