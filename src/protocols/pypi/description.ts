/**
 * A version's long description. It is the largest text of a package and stands in two documents only, so the catalogue does not
 * hold it: whoever writes such a document takes it out of the metadata blob (docs/decisions/0014-long-descriptions.md).
 */
import type { Inlay } from '../../documents/output.ts';
import type { VersionView } from '../../documents/package-view.ts';
import { isRefusal } from '../../std/refusals.ts';
import { parseCoreMetadata } from '../../validate/python/core-metadata.ts';

/** What is longer is cut in documents, and whole in the file. In characters. */
export const descriptionLengthMax = 256 * 1024;

/**
 * Says where a version's description goes. It is that of the file that was published first, as all metadata of a version is.
 * @param at where in the document's text an empty JSON string stands for it
 * @returns undefined when no file of the version has metadata
 */
export function descriptionInlay(version: VersionView, at: number): Inlay | undefined {
  const inOrder = [...version.files].sort(
    (a, b) => a.uploadedAt - b.uploadedAt || (a.filename < b.filename ? -1 : a.filename > b.filename ? 1 : 0),
  );
  for (const { extracts } of inOrder) {
    const metadata = extracts.find(({ name }) => name === 'core-metadata' || name === 'pkg-info');
    if (metadata !== undefined) return { at, sha256: metadata.sha256, read: readDescription };
  }
  return undefined;
}

/** @returns the description in METADATA or PKG-INFO; empty when there is none */
export function readDescription(bytes: Uint8Array): string {
  const parsed = parseCoreMetadata(bytes, 'METADATA');
  // Published by an earlier version of the gallery, whose rules were others: no reason to refuse the document.
  if (isRefusal(parsed)) return '';
  const description = parsed.description ?? '';
  return description.length > descriptionLengthMax ? shortened(description) : description;
}

/** Cut at the end of a line where there is one, and it says so. */
function shortened(description: string): string {
  const start = description.slice(0, descriptionLengthMax);
  const lineEnd = start.lastIndexOf('\n');
  const kept = lineEnd > 0 ? start.slice(0, lineEnd) : start;
  return `${kept.toWellFormed()}\n\n[The description goes on; all of it is in the package.]\n`;
}
