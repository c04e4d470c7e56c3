/**
 * Answers that a read worker makes from one stored document: the queries of NuGet v2 about one package. What a document says and
 * what was made of it are kept in memory, both bounded, so that the same question again costs as little as a document.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { RenderContext } from '../documents/output.ts';
import type { DerivedTarget } from '../protocols/protocol.ts';
import { reasonPhrase } from '../std/refusals.ts';
import { acceptsGzip, inflate, type LoadedDocument } from './documents.ts';
import { cacheControl, type HeaderList, safetyHeaders, surrogateKeys, type Visibility, varyOf } from './headers.ts';
import { matchesTag } from './range.ts';
import { type SendingRoom, sendingRoom } from './sending-room.ts';

/** An answer as it can be sent. */
interface Ready {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: HeaderList;
  readonly tag: string;
  readonly plain: Buffer;
  /** Undefined for one that is hardly smaller. */
  readonly gzipped: Buffer | undefined;
}

export interface DerivedMemory {
  readonly documents: LRUCache<string, { readonly value: unknown; readonly bytes: number }>;
  readonly answers: LRUCache<string, Ready>;
  readonly room: SendingRoom;
}

/** What a document takes in memory once it is read, in bytes for each byte of its text: NuGet's took one; letters beyond Latin take two. */
const readFactor = 2;
const entryBytes = 1_024;
/** An answer that takes more than this share of the memory for answers is not kept. */
const shareMax = 8;
const compressedFromBytes = 1_024;
const compress = promisify(gzip);
/** Answers that are being sent by one process; one that is kept in memory counts once. */
const sendingBytesMax = 256 * 1024 * 1024;
const manySentence = 'Too many large answers are being sent at once; try again in a moment.';

/**
 * @param bytesMax for documents that were read and for answers, together
 * @param sendingMax for answers that are being sent, in bytes
 */
export function derivedMemory(bytesMax: number, sendingMax = sendingBytesMax): DerivedMemory {
  const half = Math.max(1, Math.floor(bytesMax / 2));
  return {
    room: sendingRoom(sendingMax),
    documents: new LRUCache({ maxSize: half, sizeCalculation: ({ bytes }) => entryBytes + bytes * readFactor }),
    answers: new LRUCache({
      maxSize: half,
      maxEntrySize: Math.ceil(half / shareMax),
      sizeCalculation: ({ plain, gzipped }, key) => entryBytes + key.length + plain.length + (gzipped?.length ?? 0),
    }),
  };
}

/** Writes the whole answer; returns the size of its body, in bytes. */
export async function answerDerived(
  memory: DerivedMemory,
  request: IncomingMessage,
  response: ServerResponse,
  visibility: Visibility,
  target: DerivedTarget,
  about: { readonly document: LoadedDocument | undefined; readonly context: RenderContext },
): Promise<number> {
  const ready = await readyAnswer(memory, target, about.document, about.context);
  const isGzip = ready.gzipped !== undefined && acceptsGzip(request.headers['accept-encoding']);
  const headers: HeaderList = [
    ...ready.headers,
    'ETag',
    isGzip ? `"${ready.tag}-gz"` : `"${ready.tag}"`,
    'Cache-Control',
    cacheControl('index', visibility.isPrivate),
    'Vary',
    varyOf(target.variesBy, visibility),
    'Surrogate-Key',
    surrogateKeys(visibility.feedName, target),
    ...safetyHeaders,
  ];
  if (ready.status === 200 && matchesTag(request.headers['if-none-match'], [`"${ready.tag}-gz"`, `"${ready.tag}"`])) {
    response.writeHead(304, headers).end();
    return 0;
  }
  const body = isGzip && ready.gzipped !== undefined ? ready.gzipped : ready.plain;
  const isHead = request.method === 'HEAD';
  if (!isHead && !memory.room.hold(response, ready, ready.plain.length + (ready.gzipped?.length ?? 0))) {
    return refuseForNow(response);
  }
  if (isGzip) headers.push('Content-Encoding', 'gzip');
  headers.push('Content-Length', String(body.length));
  if (ready.reason !== undefined) response.statusMessage = ready.reason;
  response.writeHead(ready.status, headers);
  response.end(isHead ? undefined : body);
  return isHead ? 0 : body.length;
}

function refuseForNow(response: ServerResponse): number {
  const body = `${manySentence}\n`;
  const headers = ['Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store', 'Retry-After', '5'];
  response.writeHead(503, manySentence, [...headers, 'Content-Length', String(body.length)]).end(body);
  return body.length;
}

async function readyAnswer(
  { documents, answers }: DerivedMemory,
  target: DerivedTarget,
  document: LoadedDocument | undefined,
  context: RenderContext,
): Promise<Ready> {
  const identity = document?.header.sha256 ?? '';
  const key = `${identity} ${context.feedUrl} ${target.key}`;
  const known = answers.get(key);
  if (known) return known;
  const value = document && readDocument(documents, identity, target, document);
  const { status, reason, contentType, body, headers } = target.answer(value, context);
  const plain = Buffer.from(body);
  const ready: Ready = {
    status,
    reason: reason === undefined ? undefined : reasonPhrase(reason),
    headers: ['Content-Type', contentType, ...headers],
    tag: createHash('sha256').update(plain).digest('hex').slice(0, 32),
    plain,
    gzipped: plain.length < compressedFromBytes ? undefined : await compress(plain, { level: 1 }),
  };
  answers.set(key, ready);
  return ready;
}

function readDocument(
  documents: DerivedMemory['documents'],
  identity: string,
  target: DerivedTarget,
  document: LoadedDocument,
): unknown {
  const known = documents.get(identity);
  if (known) return known.value;
  const value = target.read(inflate(document).toString('utf8'));
  documents.set(identity, { value, bytes: document.header.sizeBytes });
  return value;
}
