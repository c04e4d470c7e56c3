/**
 * Where the files of a nupkg lie inside a feed, and how an address becomes the path of what is stored. Both NuGet protocols lead
 * to these files: v3 shows these addresses as they are, v2 has addresses of its own that lead here.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { RenderContext } from '../documents/output.ts';

export const flatFolder = 'v3/flat';

/** File systems end a name at 255 bytes, and stores put `.gz` or a temporary suffix behind ours. */
const segmentBytesMax = 200;

export type FlatFile = 'nupkg' | 'snupkg' | 'nuspec' | 'readme' | 'icon' | 'icon.jpg' | 'license';

/** @returns the address of one file of a version; the id and the version are normalised. */
export function flatFile(id: string, version: string, file: FlatFile): string {
  const folder = `${flatFolder}/${id}/${version}`;
  if (file === 'nupkg' || file === 'snupkg') return `${folder}/${id}.${version}.${file}`;
  return file === 'nuspec' ? `${folder}/${id}.nuspec` : `${folder}/${file}`;
}

/**
 * The path inside the feed of what answers an address. It is the address itself, except where a segment is longer than a file
 * system takes: an id of a hundred letters can have three hundred bytes. Such a segment is stored as `~` and the SHA-256 of its
 * UTF-8, which no id or version can look like.
 */
export function storedPath(address: string): string {
  return address.split('/').map(storedSegment).join('/');
}

function storedSegment(segment: string): string {
  assert.ok(segment !== '' && segment !== '.' && segment !== '..', `not a path segment: ${segment}`);
  if (Buffer.byteLength(segment) <= segmentBytesMax) return segment;
  return `~${createHash('sha256').update(segment).digest('hex')}`;
}

/** @returns the absolute URL of an address, percent-encoded. */
export function urlOf(address: string, context: RenderContext): string {
  return `${context.feedUrl}/${address.split('/').map(encodeURIComponent).join('/')}`;
}
