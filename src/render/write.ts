/**
 * Puts rendered output into the store: leaves and links first, indexes after them, and never an older document over a newer
 * one. When `writeOutputs` has resolved, everything is durable and visible to every read worker of the machine.
 */
import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import { blobKey, documentKey, type FeedPlace, linkKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { completeText } from '../documents/complete-text.ts';
import { encodeDocument, headerBytesMax, readHeader } from '../documents/format.ts';
import type { Document, Link, Output } from '../documents/output.ts';
import type { Int64 } from '../std/int64.ts';

const writesAtOnceMax = 8;

export interface WriteRequest {
  readonly feed: FeedPlace;
  readonly outputs: readonly Output[];
  /** What the outputs were rendered from. */
  readonly serial: Int64;
  readonly baseUrl: string;
}

/**
 * Writes leaves and links, then indexes. An output that is in the store already, at this serial or newer, is left alone.
 * @param beforeIndexes asked once the leaves are written; throws when the indexes are another's to write by now
 */
export async function writeOutputs(
  store: BlobStore,
  request: WriteRequest,
  beforeIndexes: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  const limit = pLimit(writesAtOnceMax);
  const isIndex = (output: Output) => output.type === 'document' && output.rank === 'index';
  const leaves = request.outputs.filter((output) => !isIndex(output));
  const indexes = request.outputs.filter(isIndex);
  let leavesWritten = 0;
  await Promise.all(
    leaves.map((output) =>
      limit(async () => {
        await writeOutput(store, request, output);
        leavesWritten += 1;
      }),
    ),
  );
  assert.equal(leavesWritten, leaves.length, 'an index document must not be written before its leaves');
  await beforeIndexes();
  await Promise.all(indexes.map((output) => limit(() => writeOutput(store, request, output))));
}

async function writeOutput(store: BlobStore, request: WriteRequest, output: Output): Promise<void> {
  if (output.type === 'link') await writeLink(store, request.feed, output);
  else await writeDocument(store, request, output);
}

async function writeLink(store: BlobStore, feed: FeedPlace, link: Link): Promise<void> {
  await store.link(linkKey(feed, link.path), blobKey(link.sha256));
}

async function writeDocument(store: BlobStore, request: WriteRequest, document: Document): Promise<void> {
  const key = documentKey(request.feed, document.path);
  const stored = await storedSerial(store, key);
  if (stored !== undefined && stored > request.serial) return;
  const text = await completeText(store, document);
  await store.put(key, await encodeDocument(text, request.serial, request.baseUrl));
}

/** @returns the serial of the stored document, undefined when there is none or when it is damaged and must be replaced */
async function storedSerial(store: BlobStore, key: string): Promise<Int64 | undefined> {
  const state = await store.state(key);
  if (!state) return undefined;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of store.stream(key, { start: 0, end: headerBytesMax - 1 })) chunks.push(chunk as Buffer);
    return readHeader(Buffer.concat(chunks)).serial;
  } catch {
    return undefined;
  }
}

/** Removes documents and links that no longer belong to anything; what is not there is no error. */
export async function removePaths(store: BlobStore, feed: FeedPlace, paths: Iterable<string>): Promise<void> {
  for (const path of paths) {
    await store.delete(documentKey(feed, path));
    await store.delete(linkKey(feed, path));
  }
}
