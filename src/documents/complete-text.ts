/**
 * A document's whole text: what was rendered, with the blob's text in the place that rendering left for it. The catalogue stays
 * small, and the document is still a function of the catalogue, because the blob is named by its digest.
 */
import assert from 'node:assert/strict';
import { blobKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { writeJson } from '../std/json.ts';
import type { Document } from './output.ts';

/**
 * @returns the text to store. A blob that is missing leaves its place empty: that is damage, which `verify` reports, but no reason
 * to refuse the next publish
 */
export async function completeText(store: BlobStore, { text, inlay }: Document): Promise<string> {
  if (inlay === undefined) return text;
  const end = inlay.at + 2;
  assert.equal(text.slice(inlay.at, end), '""', 'an inlay takes the place of an empty JSON string');
  const bytes = await store.get(blobKey(inlay.sha256));
  if (bytes === undefined) return text;
  return `${text.slice(0, inlay.at)}${writeJson(inlay.read(bytes))}${text.slice(end)}`;
}
