/** Answers a request for a document: from memory where it can, compressed as it is stored, with strong validators. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { type DocumentHeader, readHeader } from '../documents/format.ts';
import type { DocumentTarget } from '../protocols/protocol.ts';
import {
  cacheControl,
  type HeaderList,
  originHeaders,
  safetyHeaders,
  surrogateKeys,
  type Visibility,
  varyOf,
} from './headers.ts';
import { isStillTag, matchesTag } from './range.ts';

/** A document in memory, in the forms that were asked for. */
export interface LoadedDocument {
  readonly header: DocumentHeader;
  readonly gzipped: Buffer;
  plain: Buffer | undefined;
}

const compress = promisify(gzip);

/** The cache's decoder: keeps the stored bytes, reads what the header says. */
export function decodeDocument(bytes: Uint8Array): LoadedDocument {
  const gzipped = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { header: readHeader(gzipped), gzipped, plain: undefined };
}

/** Room for the inflated form is counted from the start, so that memory stays within its limit whatever is asked for. */
export function sizeOfDocument(document: LoadedDocument): number {
  return document.gzipped.length + document.header.sizeBytes;
}

/** Documents whose absolute URLs were changed to the address that the client used. */
export type RebasedDocuments = LRUCache<string, LoadedDocument>;

export function rebasedDocuments(bytesMax: number): RebasedDocuments {
  return new LRUCache({ maxSize: bytesMax, sizeCalculation: (document) => 512 + sizeOfDocument(document) });
}

/** @returns whether the document's absolute URLs, if it has any, begin with this address */
export function isAt(document: LoadedDocument, baseUrl: string): boolean {
  return document.header.baseUrl === '' || document.header.baseUrl === baseUrl;
}

/**
 * A document's absolute URLs begin with the address it was rendered for. A client that came by another address gets them
 * with that one instead; only documents that hold absolute URLs differ.
 */
export async function rebase(
  documents: RebasedDocuments,
  document: LoadedDocument,
  baseUrl: string,
): Promise<LoadedDocument> {
  const key = `${document.header.sha256} ${baseUrl}`;
  const known = documents.get(key);
  if (known) return known;
  const text = inflate(document).toString('utf8');
  const plain = Buffer.from(text.replaceAll(document.header.baseUrl, baseUrl));
  const sha256 = createHash('sha256').update(plain).digest('hex');
  const header = { ...document.header, sha256, sizeBytes: plain.length, baseUrl };
  const rebased = { header, gzipped: await compress(plain, { level: 1 }), plain };
  documents.set(key, rebased);
  return rebased;
}

/** @returns the document's text, which is then kept with it */
export function inflate(document: LoadedDocument): Buffer {
  document.plain ??= gunzipSync(document.gzipped, { maxOutputLength: document.header.sizeBytes + 1 });
  return document.plain;
}

/** Writes the whole answer; returns the size of its body, in bytes. */
export function answerDocument(
  request: IncomingMessage,
  response: ServerResponse,
  visibility: Visibility,
  target: DocumentTarget,
  document: LoadedDocument,
): number {
  const isGzip = target.alwaysGzip === true || acceptsGzip(request.headers['accept-encoding']);
  const tag = document.header.sha256.slice(0, 32);
  const headers: HeaderList = [
    'Content-Type',
    target.contentType,
    'ETag',
    isGzip ? `"${tag}-gz"` : `"${tag}"`,
    'Cache-Control',
    cacheControl('index', visibility.isPrivate),
    'Vary',
    varyOf(target.variesByAccept ? ['Accept'] : [], visibility),
    'Surrogate-Key',
    surrogateKeys(visibility.feedName, target),
  ];
  if (target.serialHeader !== undefined) headers.push(target.serialHeader, document.header.serial.toString());
  if (target.allowsOrigins) headers.push(...originHeaders);
  headers.push(...safetyHeaders);
  const tags = [`"${tag}-gz"`, `"${tag}"`];
  if (!isStillTag(request.headers['if-match'], tags)) {
    response.writeHead(412, [...headers, 'Content-Length', '0']).end();
    return 0;
  }
  if (matchesTag(request.headers['if-none-match'], tags)) {
    response.writeHead(304, headers).end();
    return 0;
  }
  const body = isGzip ? document.gzipped : inflate(document);
  if (isGzip) headers.push('Content-Encoding', 'gzip');
  headers.push('Content-Length', String(body.length));
  response.writeHead(200, headers);
  const isHead = request.method === 'HEAD';
  response.end(isHead ? undefined : body);
  return isHead ? 0 : body.length;
}

/** RFC 9110 §12.5.3: gzip or a wildcard, unless it is given the weight zero. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  const text = Array.isArray(header) ? header.join(',') : header;
  if (!text.includes('gzip') && !text.includes('*')) return false;
  const weights = new Map<string, number>();
  for (const entry of text.split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)) || 0);
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}
