/**
 * The status page's HTTP server. What is published is answered from memory and nothing else; the rest (forms, management, heartbeats,
 * metrics) goes to the routes. However busy or broken the rest is, these answers are right or say that nothing is known.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { PackedFile, Publication } from '../publication/packed.ts';

export interface StatusServerParts {
  /** What is published at this moment. */
  readonly publication: () => Publication;
  /** Everything that is not published. */
  readonly others: (request: IncomingMessage, response: ServerResponse) => void;
}

const connectionsMax = 10_000;
const headersMs = 10_000;
const requestMs = 30_000;
const preflightHeaders = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Methods',
  'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers',
  '*',
  'Access-Control-Max-Age',
  '86400',
];

export function createStatusServer({ publication, others }: StatusServerParts): Server {
  const server = createServer({ keepAliveTimeout: 75_000, noDelay: true }, (request, response) => {
    const path = pathOf(request.url ?? '/');
    const file = find(publication(), path);
    if (file === undefined) return others(request, response);
    const { method } = request;
    if (method === 'GET' || method === 'HEAD') return answer(file, request, response);
    if (method === 'OPTIONS') {
      response.writeHead(204, preflightHeaders);
      return response.end();
    }
    // A form may post to the address at which it is shown.
    return others(request, response);
  });
  server.maxConnections = connectionsMax;
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  return server;
}

/** @returns the path without query and without the slash in front */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url.slice(1) : url.slice(1, query);
}

/** `` and `history` lead to pages as well as their whole names. */
function find(publication: Publication, path: string): PackedFile | undefined {
  if (path === '') return publication.get('index.html');
  return publication.get(path) ?? publication.get(`${path}.html`);
}

function answer(
  { file, etag, plain, gzip, notModifiedHeaders }: PackedFile,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { headers } = request;
  const known = headers['if-none-match'];
  if (known !== undefined && file.status === 200 && isAmong(etag, known)) {
    response.writeHead(304, notModifiedHeaders as string[]);
    response.end();
    return;
  }
  const { body, headers: own } = gzip !== undefined && takesGzip(headers['accept-encoding']) ? gzip : plain;
  response.writeHead(file.status, own as string[]);
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

/** Weak comparison, as RFC 9110 §13.1.2 asks for. */
function isAmong(etag: string, known: string): boolean {
  return known === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

function takesGzip(accepted: string | undefined): boolean {
  return accepted !== undefined && /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(accepted);
}
