/**
 * Hands a request to the write service and its answer back, both as streams. Bounded and behind a breaker: when the write
 * service is away or hangs, these requests get a quick 503 with Retry-After, and reads do not notice.
 */
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { Log } from '../observe/log.ts';
import { watchBody } from '../std/memory.ts';
import type { Origin } from './base-url.ts';
import { createBreaker } from './breaker.ts';

export interface ForwardOptions {
  /** Address of the write service, or undefined for the socket. */
  readonly url: string | undefined;
  readonly socketPath: string;
  readonly atOnceMax: number;
  /** Of these, questions to search. A flood of them must leave room for everything else. */
  readonly searchesAtOnceMax: number;
  /** From the end of the request body to the first byte of the answer, in milliseconds. */
  readonly deadlineMs: number;
  /** How long a client may send nothing in the middle of its body, in milliseconds. */
  readonly bodyIdleMs: number;
  readonly log: Log;
}

export interface Forwarder {
  /** Answers the request, with the write service's answer or with 503. Resolves when the answer was begun. */
  forward(request: IncomingMessage, response: ServerResponse, origin: Origin, isSearch: boolean): Promise<void>;
  /** Requests under way now, and questions to search among them. */
  inUse(): { readonly forwards: number; readonly searches: number };
  close(): void;
}

class ClientGoneError extends Error {}

/** The client stopped in the middle of its body: no failure of the write service. */
class ClientSilentError extends Error {}

/** Failures in a row that open the breaker, and how long it stays open, in milliseconds. */
const failuresMax = 5;
const openMs = 1_000;
const retryAfterSeconds = 5;
const manySearchesSentence = 'Too many searches at once; try again in a moment. Installing and publishing work.';
const awaySentence = 'Publishing and pages are unavailable for the moment; installing works. Try again shortly.';
/** How long the rest of a refused body is read, so that its sender gets to see the answer, in milliseconds. */
const drainMs = 30_000;

/** Headers about this one connection (RFC 9110 §7.6.1), and ours, which a client must not set. */
const droppedHeaders = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|x-holdfast-.*)$/;

export function createForwarder(options: ForwardOptions): Forwarder {
  const agent = new Agent({ keepAlive: true, maxSockets: options.atOnceMax, keepAliveMsecs: 30_000 });
  const breaker = createBreaker(failuresMax, openMs, () => performance.now());
  let underWay = 0;
  let searchesUnderWay = 0;
  let isAway = false;
  /** Once when it goes and once when it comes back, whatever number of requests see it. */
  const noteState = (away: boolean, error?: unknown) => {
    if (away && !isAway) options.log.warn({ err: error }, 'the write service does not answer; reads go on without it');
    if (!away && isAway) options.log.warn('the write service answers again');
    isAway = away;
  };
  return {
    async forward(request, response, origin, isSearch) {
      if (isSearch && searchesUnderWay >= options.searchesAtOnceMax) {
        return refuseForNow(request, response, manySearchesSentence);
      }
      if (underWay >= options.atOnceMax) {
        return refuseForNow(request, response, 'The gallery is busy; try again in a moment.');
      }
      underWay += 1;
      if (isSearch) searchesUnderWay += 1;
      response.once('close', () => {
        underWay -= 1;
        if (isSearch) searchesUnderWay -= 1;
      });
      if (breaker.isOpen()) return refuseForNow(request, response, awaySentence);
      try {
        const answer = await exchange(options, agent, request, response, origin);
        breaker.succeeded();
        noteState(false);
        giveBack(answer, request, response);
      } catch (error) {
        if (error instanceof ClientGoneError || response.destroyed) return;
        if (error instanceof ClientSilentError) return answerPlainly(request, response, 408, error.message);
        breaker.failed();
        noteState(true, error);
        await refuseForNow(request, response, awaySentence);
      }
    },
    inUse: () => ({ forwards: underWay, searches: searchesUnderWay }),
    close: () => agent.destroy(),
  };
}

/** Sends the request on; resolves with the answer's head. */
function exchange(
  options: ForwardOptions,
  agent: Agent,
  request: IncomingMessage,
  response: ServerResponse,
  origin: Origin,
): Promise<IncomingMessage> {
  const answered = Promise.withResolvers<IncomingMessage>();
  const target = options.url === undefined ? { socketPath: options.socketPath } : addressOf(options.url);
  const outgoing = send({
    ...target,
    agent,
    method: request.method,
    path: request.url,
    headers: forwardedHeaders(request, origin),
  });
  let deadline: NodeJS.Timeout | undefined;
  const startDeadline = () => {
    clearTimeout(deadline);
    deadline = setTimeout(
      () => outgoing.destroy(new Error(`no answer within ${options.deadlineMs} ms`)),
      options.deadlineMs,
    );
  };
  const isHeldBack = holdsBodyBack(request);
  if (request.complete || isHeldBack) startDeadline();
  else request.once('end', startDeadline);
  outgoing.once('response', (answer) => {
    clearTimeout(deadline);
    request.off('end', startDeadline);
    answered.resolve(answer);
  });
  outgoing.once('error', (error) => {
    clearTimeout(deadline);
    request.off('end', startDeadline);
    answered.reject(error);
  });
  // Most clients read no answer before they have sent their whole body: what nobody takes any more is read and forgotten.
  outgoing.once('close', () => {
    request.unpipe(outgoing);
    request.resume();
  });
  // A client that goes away takes its request with it; that is no failure of the write service.
  response.once('close', () => {
    clearTimeout(deadline);
    if (!response.writableFinished) outgoing.destroy(new ClientGoneError());
  });
  // The write service judges headers before the body, so it gets them before the body.
  outgoing.flushHeaders();
  if (!isHeldBack) sendBody(request, outgoing, options.bodyIdleMs);
  else {
    outgoing.once('continue', () => {
      clearTimeout(deadline);
      request.once('end', startDeadline);
      response.writeContinue();
      sendBody(request, outgoing, options.bodyIdleMs);
    });
  }
  return answered.promise;
}

/** RFC 9110 §10.1.1: the client wants to hear whether its headers are good before it sends its body. HTTP/1.0 knows no such thing. */
function holdsBodyBack(request: IncomingMessage): boolean {
  return request.httpVersionMinor > 0 && request.headers.expect?.toLowerCase() === '100-continue';
}

function sendBody(request: IncomingMessage, outgoing: ClientRequest, idleMs: number): void {
  const watch = watchBody();
  request.on('data', (chunk: Buffer) => watch(chunk.length));
  request.pipe(outgoing);
  if (request.complete) return;
  const { socket } = request;
  const usualMs = socket.timeout ?? 0;
  const giveUp = () => {
    const sentence = `The upload sent nothing for ${idleMs / 1000} seconds and was ended; nothing was kept.`;
    // A client that is not read from cannot send: then it is the write service that does not go on.
    outgoing.destroy(outgoing.writableNeedDrain ? new Error('the body is not taken') : new ClientSilentError(sentence));
  };
  const stop = () => {
    request.off('timeout', giveUp);
    socket.setTimeout(usualMs);
  };
  request.setTimeout(idleMs, giveUp);
  request.once('end', stop).once('close', stop);
}

function addressOf(url: string): { host: string; port: string } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: port === '' ? '80' : port };
}

function forwardedHeaders(request: IncomingMessage, origin: Origin): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(request.headers)) if (!droppedHeaders.test(name)) headers[name] = value;
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  if (holdsBodyBack(request)) headers.expect = '100-continue';
  headers['x-holdfast-base-url'] = origin.baseUrl;
  headers['x-holdfast-remote-address'] = origin.remoteAddress;
  return headers;
}

/**
 * The reason phrase goes along: it is all that NuGet's clients and twine show of a refusal. Where the body did not come to its
 * end, nobody knows where the next request would begin.
 */
function giveBack(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !droppedHeaders.test(name)));
  if (!request.complete) headers.connection = 'close';
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers);
  answer.pipe(response);
  answer.once('error', () => response.destroy());
}

/** Answers once the body has been read: to who is still sending, an answer and the end of the connection look like a failure. */
async function refuseForNow(request: IncomingMessage, response: ServerResponse, sentence: string): Promise<void> {
  if (!holdsBodyBack(request)) await readRest(request);
  if (response.destroyed) return;
  response.setHeader('Retry-After', String(retryAfterSeconds));
  answerPlainly(request, response, 503, sentence);
}

function answerPlainly(request: IncomingMessage, response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, sentence, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(`${sentence}\n`)),
    'Cache-Control': 'no-store',
    ...(request.complete ? {} : { Connection: 'close' }),
  });
  response.end(`${sentence}\n`);
}

/** Reads what is left of a body and forgets it, within a time limit. */
async function readRest(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  const ended = Promise.withResolvers<void>();
  const timer = setTimeout(ended.resolve, drainMs);
  request.once('end', ended.resolve).once('close', ended.resolve).resume();
  await ended.promise;
  clearTimeout(timer);
}
