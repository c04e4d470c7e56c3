/**
 * The read worker's HTTP server: address → key → bytes. It needs the store and nothing else; what is not a document or a
 * file is handed to the write service. This file reads as the order in which a request is judged.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { accessKey, documentKey, type FeedPlace, feedPath, linkKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { AccessLog } from '../observe/access-log.ts';
import type { Log } from '../observe/log.ts';
import type { RequestTimes } from '../observe/request-times.ts';
import type { BlobTarget, DocumentTarget, Protocol, Target } from '../protocols/protocol.ts';
import type { Clock } from '../std/clock.ts';
import type { Origin, ReadOrigin } from './base-url.ts';
import { answerBlob } from './blobs.ts';
import { answerDerived, type DerivedMemory } from './derived.ts';
import { answerDocument, isAt, type LoadedDocument, type RebasedDocuments, rebase } from './documents.ts';
import type { Forwarder } from './forward.ts';
import { answerMisframed, framingProblem, readAbsoluteForm } from './framing.ts';
import { cacheControl, originHeaders, surrogateKeys } from './headers.ts';
import { type AccessCache, admit } from './reader-access.ts';
import { type Address, parseAddress, urlLengthMax } from './request.ts';
import type { TrustedCache } from './trusted-cache.ts';

export interface ReadParts {
  readonly store: BlobStore;
  readonly protocols: readonly Protocol[];
  readonly documents: TrustedCache<LoadedDocument>;
  readonly rebased: RebasedDocuments;
  readonly derived: DerivedMemory;
  readonly access: AccessCache;
  readonly forwarder: Forwarder;
  readonly accessLog: AccessLog;
  readonly times: RequestTimes;
  readonly readOrigin: ReadOrigin;
  /** How long the headers of a request may take, in milliseconds. */
  readonly headersMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often within their time it is looked whether the headers of a request have arrived. */
const headersChecks = 6;

/** What the access log says about a request beyond the request itself. */
interface Noted {
  feed?: string;
  target?: Target;
  /** Bytes of the body that is sent. */
  bytes: number;
}

type Exchange = {
  readonly parts: ReadParts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly origin: Origin;
  readonly noted: Noted;
};

export function createReadServer(parts: ReadParts): Server {
  const options = {
    keepAliveTimeout: 75_000,
    headersTimeout: parts.headersMs,
    connectionsCheckingInterval: Math.ceil(parts.headersMs / headersChecks),
    requestTimeout: 0,
    // Judged in framing.ts, which says why.
    requireHostHeader: false,
  };
  const begin = (request: IncomingMessage, response: ServerResponse) => {
    readAbsoluteForm(request);
    const origin = parts.readOrigin(request);
    const exchange: Exchange = { parts, request, response, origin, noted: { bytes: 0 } };
    const startedAt = performance.now();
    response.once('close', () => note(exchange, startedAt));
    answer(exchange).catch((error: unknown) => fail(exchange, error));
  };
  const server = createServer(options, begin);
  // Who waits for 100 is told to go on by the write service, once it has seen the credentials.
  server.on('checkContinue', begin);
  answerMisframed(server);
  return server;
}

async function answer(exchange: Exchange): Promise<void> {
  const { parts, request, response } = exchange;
  const misframed = framingProblem(request);
  if (misframed) return say(response, misframed.status, misframed.sentence, ['Connection', 'close']);
  if (request.url === '*' && request.method === 'OPTIONS') return allowOrigins(response);
  if ((request.url ?? '').length > urlLengthMax) return tooLong(response);
  const address = parseAddress(request.url ?? '');
  if (!address) return notFound(response);
  exchange.noted.feed = address.feedName;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const target = route(parts.protocols, request, address);
  if (target?.type === 'forward' || (!target && isOwnAddress(address.path))) {
    exchange.noted.target = { type: 'forward' };
    return parts.forwarder.forward(request, response, exchange.origin, target?.isSearch === true);
  }
  // A body that was announced and held back is not wanted here, and may come or not.
  if (request.headers.expect !== undefined) response.setHeader('Connection', 'close');
  if (request.method === 'OPTIONS' && target) return allowOrigins(response);
  if (!isRead)
    return target ? notAllowed(response) : parts.forwarder.forward(request, response, exchange.origin, false);
  if (!target) return notFound(response);
  exchange.noted.target = target;
  const rules = (parts.access.peek(accessKey) ?? { value: await parts.access.get(accessKey) }).value;
  if (!rules) return unavailable(response, 'The gallery is starting; try again in a moment.');
  const admission = admit(rules, address.feedName, request.headers, parts.clock.now());
  if (admission.type === 'unknown') return notFound(response);
  if (admission.type === 'challenge') return challenge(response);
  return answerTarget(exchange, admission.feed, target);
}

/** Pages and the gallery's own API, below every feed's address; its metrics at the root. */
function isOwnAddress(path: string): boolean {
  return path === '' || path.startsWith('api/') || path.startsWith('assets/') || path === 'metrics';
}

function route(protocols: readonly Protocol[], request: IncomingMessage, address: Address): Target | undefined {
  const read = {
    method: request.method ?? 'GET',
    path: address.path,
    query: address.query,
    search: address.search,
    headers: request.headers,
    accept: request.headers.accept ?? '*/*',
  };
  for (const protocol of protocols) {
    const target = protocol.route(read);
    if (target) return target;
  }
  return undefined;
}

async function answerTarget(
  exchange: Exchange,
  feed: FeedPlace,
  target: Exclude<Target, { type: 'forward' }>,
): Promise<void> {
  const { parts, request, response, origin } = exchange;
  const visibility = { feedName: feed.name, isPrivate: feed.isPrivate };
  if (target.type === 'redirect') return redirect(exchange, feed.isPrivate, target);
  if (target.type === 'document') {
    const key = documentKey(feed, target.path);
    const document = (parts.documents.peek(key) ?? { value: await parts.documents.get(key) }).value;
    if (!document) return missing(response, visibility, target);
    const rebased = isAt(document, origin.baseUrl) ? document : await rebase(parts.rebased, document, origin.baseUrl);
    exchange.noted.bytes = answerDocument(request, response, visibility, target, rebased);
    return;
  }
  if (target.type === 'derived') {
    const key = target.path === undefined ? undefined : documentKey(feed, target.path);
    const document = key ? (parts.documents.peek(key) ?? { value: await parts.documents.get(key) }).value : undefined;
    exchange.noted.bytes = await answerDerived(parts.derived, request, response, visibility, target, {
      document,
      context: { feedUrl: `${origin.baseUrl}${feedPath(feed.name)}`, feedPath: feedPath(feed.name) },
    });
    return;
  }
  if (target.isNotAcceptable) return notAcceptable(response);
  const key = linkKey(feed, target.path);
  const state = await parts.store.state(key);
  if (!state) return missing(response, visibility, target);
  exchange.noted.bytes = await answerBlob(parts.store, request, response, visibility, target, key, state);
}

/** Never cached for long, or a change of address would live on in caches as a loop. */
function redirect(exchange: Exchange, isPrivate: boolean, target: Extract<Target, { type: 'redirect' }>): void {
  const { response } = exchange;
  const prefix = /^\/feeds\/[^/]+\//.exec(exchange.request.url ?? '')?.[0] ?? '/';
  const headers = [
    'Location',
    `${prefix}${target.location}`,
    'Cache-Control',
    isPrivate ? 'private, no-cache' : 'public, max-age=60',
    'Content-Length',
    '0',
  ];
  if (target.allowsOrigins) headers.push(...originHeaders);
  response.writeHead(target.status, headers).end();
}

/** The address is one of ours, but nothing is stored there: cached for a minute at most, and purged by its package's key. */
function missing(
  response: ServerResponse,
  visibility: { feedName: string; isPrivate: boolean },
  target: DocumentTarget | BlobTarget,
): void {
  const headers = [
    'Cache-Control',
    cacheControl('index', visibility.isPrivate),
    'Surrogate-Key',
    surrogateKeys(visibility.feedName, target),
  ];
  if (target.allowsOrigins) headers.push(...originHeaders);
  say(
    response,
    404,
    target.packageName === undefined ? 'Not found.' : `There is no such thing of "${target.packageName}" here.`,
    headers,
  );
}

function notFound(response: ServerResponse): void {
  say(response, 404, 'Not found.', ['Cache-Control', cacheControl('index', false), 'Surrogate-Key', 'all']);
}

function tooLong(response: ServerResponse): void {
  say(response, 414, `The address is longer than ${urlLengthMax} characters.`, []);
}

/** One challenge for all clients: pip, uv, NuGet and curl all understand Basic, with the token as password. */
function challenge(response: ServerResponse): void {
  say(response, 401, 'This feed is private: give a token as the password, with any user name.', [
    'WWW-Authenticate',
    'Basic realm="Holdfast", charset="UTF-8"',
    'Cache-Control',
    'no-store',
  ]);
}

function notAllowed(response: ServerResponse): void {
  say(
    response,
    405,
    'This address is for reading; uploads go to /legacy/ (Python), /v3/package (NuGet) or /powershell/api/v2/package (PowerShell) of the feed.',
    ['Allow', 'GET, HEAD, OPTIONS'],
  );
}

/** The address has an answer, but in no form that the client takes. */
function notAcceptable(response: ServerResponse): void {
  say(response, 406, 'There is no form of this that the Accept header allows.', [
    'Cache-Control',
    'no-store',
    'Vary',
    'Accept',
  ]);
}

function allowOrigins(response: ServerResponse): void {
  response.writeHead(204, [...originHeaders, 'Allow', 'GET, HEAD, OPTIONS']).end();
}

function unavailable(response: ServerResponse, sentence: string): void {
  say(response, 503, sentence, ['Retry-After', '2', 'Cache-Control', 'no-store']);
}

function say(response: ServerResponse, status: number, sentence: string, headers: string[]): void {
  const body = Buffer.from(`${sentence}\n`);
  // All that .NET and twine show of a refusal; but a 404 may name what was asked for, in letters that a status line cannot hold.
  if (status !== 404) response.statusMessage = sentence;
  response.writeHead(status, [
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(body.length),
    'X-Content-Type-Options',
    'nosniff',
    ...headers,
  ]);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** The client went away while it was answered, or before that. */
const clientGoneCodes = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE']);

/** The store failed, or there is a bug: infrastructure trouble is 503, never 404, so that no client takes it for an answer. */
function fail(exchange: Exchange, error: unknown): void {
  const { response, parts, request } = exchange;
  const isClientGone = clientGoneCodes.has((error as NodeJS.ErrnoException).code ?? '');
  if (!isClientGone) parts.log.error({ err: error, url: request.url }, 'a request could not be answered');
  if (response.headersSent) response.destroy();
  else unavailable(response, 'This cannot be served for the moment; try again shortly.');
}

function note(exchange: Exchange, startedAt: number): void {
  const { parts, request, response, origin, noted } = exchange;
  const { target } = noted;
  const about = target && target.type !== 'redirect' && target.type !== 'forward' ? target : undefined;
  const status = response.writableFinished ? response.statusCode : 499;
  const durationMs = Math.round((performance.now() - startedAt) * 1000) / 1000;
  parts.times.observe(about?.kind ?? target?.type ?? 'other', status, durationMs);
  parts.accessLog.write({
    time: new Date(parts.clock.now()).toISOString(),
    method: request.method ?? '',
    url: request.url ?? '',
    status,
    bytes: noted.bytes,
    durationMs,
    remote: origin.remoteAddress,
    agent: request.headers['user-agent'] ?? '',
    ...(noted.feed === undefined ? {} : { feed: noted.feed }),
    ...(about ? { ecosystem: about.ecosystem, kind: about.kind } : target ? { kind: target.type } : {}),
    ...(about?.packageName === undefined ? {} : { package: about.packageName }),
    ...(about?.version === undefined ? {} : { version: about.version }),
    ...(request.headers.range === undefined ? {} : { range: request.headers.range }),
  });
}
