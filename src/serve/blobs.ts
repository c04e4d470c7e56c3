/** Answers a request for a file: streamed from the store, whole or in part, never compressed, never changed. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlobStore, Key, StoredState } from '../blobs/store.ts';
import type { BlobTarget } from '../protocols/protocol.ts';
import { watchBody } from '../std/memory.ts';
import {
  cacheControl,
  type HeaderList,
  originHeaders,
  safetyHeaders,
  surrogateKeys,
  type Visibility,
} from './headers.ts';
import { isStillTag, matchesTag, readRange } from './range.ts';

/** A file of so many bytes is read at once: one piece of a stream would be as large. */
const wholeBytesMax = 256 * 1024;

/**
 * Writes the whole answer.
 * @returns the size of the body, in bytes, once it has been sent; rejects when the client or the store broke off
 */
export async function answerBlob(
  store: BlobStore,
  request: IncomingMessage,
  response: ServerResponse,
  visibility: Visibility,
  target: BlobTarget,
  key: Key,
  state: StoredState,
): Promise<number> {
  // What a name leads to never changes, so the name and the size are a strong validator, equal on every machine.
  const validator = target.isReplaceable ? `${key} ${state.identity}` : `${key} ${state.sizeBytes}`;
  const tag = `"${createHash('sha256').update(validator).digest('hex').slice(0, 32)}"`;
  const headers: HeaderList = [
    'Content-Type',
    target.contentType,
    'ETag',
    tag,
    'Accept-Ranges',
    'bytes',
    'Cache-Control',
    cacheControl(target.isReplaceable ? 'index' : 'immutable', visibility.isPrivate),
    'Surrogate-Key',
    surrogateKeys(visibility.feedName, target),
  ];
  const varies = [...(target.variesByAccept ? ['Accept'] : []), ...(visibility.isPrivate ? ['Authorization'] : [])];
  if (varies.length > 0) headers.push('Vary', varies.join(', '));
  if (target.allowsOrigins) headers.push(...originHeaders);
  headers.push(...safetyHeaders);
  if (!isStillTag(request.headers['if-match'], [tag])) {
    response.writeHead(412, [...headers, 'Content-Length', '0']).end();
    return 0;
  }
  if (matchesTag(request.headers['if-none-match'], [tag])) {
    response.writeHead(304, headers).end();
    return 0;
  }
  const ifRange = request.headers['if-range'];
  const isSame = ifRange === undefined || (typeof ifRange === 'string' && ifRange.trim() === tag);
  // RFC 9110 §14.2: a range is for GET and for nothing else.
  const mayBePart = isSame && request.method === 'GET';
  const range = readRange(mayBePart ? request.headers.range : undefined, state.sizeBytes);
  if (range.type === 'unsatisfiable') {
    response.writeHead(416, [...headers, 'Content-Range', `bytes */${state.sizeBytes}`, 'Content-Length', '0']).end();
    return 0;
  }
  const part = range.type === 'part' ? { start: range.start, end: range.end } : undefined;
  const length = part ? part.end - part.start + 1 : state.sizeBytes;
  headers.push('Content-Length', String(length));
  if (part) headers.push('Content-Range', `bytes ${part.start}-${part.end}/${state.sizeBytes}`);
  response.writeHead(part ? 206 : 200, headers);
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return 0;
  }
  if (!part && length <= wholeBytesMax) return answerWhole(store, response, key, length);
  const body = store.stream(key, part);
  const watch = watchBody();
  body.on('data', (chunk: Buffer) => watch(chunk.length));
  await pipeline(body, response);
  return length;
}

/** A stream of one piece costs more than the piece. */
async function answerWhole(store: BlobStore, response: ServerResponse, key: Key, length: number): Promise<number> {
  const bytes = await store.get(key);
  if (bytes?.length !== length) throw new Error(`${key} has ${bytes?.length} bytes and not ${length}`);
  await new Promise<void>((resolve, reject) => {
    finished(response, (error) => (error ? reject(error) : resolve()));
    response.end(bytes);
  });
  return length;
}
