/**
 * Published files as they are sent: compressed once, with their ETag and headers made once. A request then costs a look-up and a
 * write. What did not change since the last publication keeps its buffers; what names its sources is made at its first request.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { PublishedFile } from './published-file.ts';

export interface Representation {
  readonly body: Buffer;
  readonly headers: readonly string[];
}

export interface PackedFile {
  readonly file: PublishedFile;
  readonly etag: string;
  readonly plain: Representation;
  /** Undefined when it would not be smaller. */
  readonly gzip: Representation | undefined;
  /** Of an answer 304. */
  readonly notModifiedHeaders: readonly string[];
}

export type Publication = ReadonlyMap<string, PackedFile>;

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/** Smaller ones are sent as they are, in bytes. */
const gzipBytesMin = 500;

/** @param earlier the publication before, whose unchanged files are kept as they are */
export function pack(files: readonly PublishedFile[], earlier: Publication = new Map()): Publication {
  return new Map(
    files.map((file) => {
      const known = earlier.get(file.path);
      if (known !== undefined && isSame(known.file, file)) return [file.path, known];
      return [file.path, file.sources === undefined ? packOne(file) : packedWhenAsked(file)];
    }),
  );
}

function isSame(one: PublishedFile, other: PublishedFile): boolean {
  if (one.status !== other.status) return false;
  const { sources } = other;
  if (sources === undefined || one.sources === undefined) return one.body.equals(other.body);
  return sources.length === one.sources.length && sources.every((source, index) => source === one.sources?.[index]);
}

/** Nothing is made of the file until it is answered for the first time. */
function packedWhenAsked(file: PublishedFile): PackedFile {
  let packed: PackedFile | undefined;
  const made = () => {
    packed ??= packOne(file);
    return packed;
  };
  return {
    file,
    get etag() {
      return made().etag;
    },
    get plain() {
      return made().plain;
    },
    get gzip() {
      return made().gzip;
    },
    get notModifiedHeaders() {
      return made().notModifiedHeaders;
    },
  };
}

function packOne(file: PublishedFile): PackedFile {
  const etag = createHash('sha256').update(file.body).digest('base64url').slice(0, 22);
  const compressed = file.body.length < gzipBytesMin ? undefined : gzipSync(file.body, { level: 6 });
  const isSmaller = compressed !== undefined && compressed.length < file.body.length;
  const common = headersOf(file);
  return {
    file,
    etag: `"${etag}"`,
    plain: { body: file.body, headers: [...common, 'ETag', `"${etag}"`, 'Content-Length', String(file.body.length)] },
    gzip: isSmaller
      ? {
          body: compressed,
          headers: [
            ...common,
            'ETag',
            `"${etag}"`,
            'Content-Encoding',
            'gzip',
            'Content-Length',
            String(compressed.length),
          ],
        }
      : undefined,
    notModifiedHeaders: [...common, 'ETag', `"${etag}"`],
  };
}

/** What is only for people needs a policy; what machines read may be read from any page. */
function headersOf({ contentType, maxAgeSeconds, status }: PublishedFile): string[] {
  // A cache must not show what was true before as true now (RFC 5861 §3: must-revalidate forbids stale answers).
  const headers = ['Content-Type', contentType, 'Cache-Control', `public, max-age=${maxAgeSeconds}, must-revalidate`];
  headers.push('Vary', 'Accept-Encoding', 'X-Content-Type-Options', 'nosniff', 'Access-Control-Allow-Origin', '*');
  if (contentType.startsWith('text/html'))
    headers.push('Content-Security-Policy', policy, 'Referrer-Policy', 'no-referrer');
  if (status === 503) headers.push('Retry-After', '60');
  return headers;
}
