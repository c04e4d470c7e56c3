/**
 * The gallery's own API, JSON under `/api/`: every route in one table, and how each is answered (docs/API.md). Every answer is
 * JSON; every refusal is `{code, message}` with the status of the table in std/refusals.ts.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticate, type Identity } from '../accounts/authenticate.ts';
import { authorise } from '../accounts/rights.ts';
import { defaultFeed } from '../blobs/keys.ts';
import { findFeed } from '../catalogue/queries/find.ts';
import type { Gallery } from '../gallery.ts';
import { expositionType, writeExposition } from '../metrics/exposition.ts';
import { gatherFigures } from '../metrics/gather.ts';
import { writeJson } from '../std/json.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { credentialsOf, inviteBody } from '../upload/answer.ts';
import { dropAdvisory, putAdvisory, showAdvisories } from './advisories.ts';
import { changeDeprecation } from './deprecations.ts';
import { makeFeed, showFeeds } from './feeds.ts';
import { health } from './health.ts';
import { changeStatus, listOrUnlist, remove, showPackage } from './packages.ts';
import { endToken, makeToken, showTokens } from './tokens.ts';

/** An answer that is no JSON. */
class Text {
  readonly type: string;
  readonly body: string;

  constructor(type: string, body: string) {
    this.type = type;
    this.body = body;
  }
}

/** @returns what is answered as JSON, or `Text`; an empty object for undefined */
type Handler = (gallery: Gallery, request: FastifyRequest) => Promise<unknown>;

type KnownHandler = (gallery: Gallery, identity: Identity, request: FastifyRequest) => Promise<unknown>;

export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly handle: Handler;
}

const packageUrl = '/api/feeds/:feed/:ecosystem/:name';
const versionUrl = `${packageUrl}/:version`;
const fileUrl = `${versionUrl}/files/:filename`;

/** Every route of the API. */
export const apiRoutes: readonly ApiRoute[] = [
  { method: 'GET', url: '/api/health', handle: health },
  { method: 'GET', url: '/metrics', handle: signedIn(showMetrics) },
  { method: 'GET', url: '/api/tokens', handle: administered(showTokens) },
  { method: 'POST', url: '/api/tokens', handle: administered(makeToken) },
  { method: 'DELETE', url: '/api/tokens/:id', handle: administered(endToken) },
  { method: 'GET', url: '/api/feeds', handle: administered(showFeeds) },
  { method: 'POST', url: '/api/feeds', handle: administered(makeFeed) },
  { method: 'GET', url: '/api/advisories', handle: administered(showAdvisories) },
  { method: 'PUT', url: '/api/advisories/:id', handle: administered(putAdvisory) },
  { method: 'DELETE', url: '/api/advisories/:id', handle: administered(dropAdvisory) },
  { method: 'GET', url: packageUrl, handle: showPackage },
  { method: 'POST', url: `${packageUrl}/status`, handle: signedIn(changeStatus) },
  { method: 'DELETE', url: packageUrl, handle: signedIn(remove) },
  { method: 'DELETE', url: versionUrl, handle: signedIn(remove) },
  { method: 'DELETE', url: fileUrl, handle: signedIn(remove) },
  // Python knows no deprecated versions, only deprecated packages: those are a status.
  ...['/api/feeds/:feed/nupkg/:name', '/api/feeds/:feed/nupkg/:name/:version'].flatMap((url) => [
    { method: 'POST' as const, url: `${url}/deprecate`, handle: deprecation(true) },
    { method: 'POST' as const, url: `${url}/undeprecate`, handle: deprecation(false) },
  ]),
  // The words of NuGet, and those of Python for the same.
  ...[versionUrl, fileUrl].flatMap((url) => [
    { method: 'POST' as const, url: `${url}/unlist`, handle: listing(false) },
    { method: 'POST' as const, url: `${url}/relist`, handle: listing(true) },
    { method: 'POST' as const, url: `${url}/yank`, handle: listing(false) },
    { method: 'POST' as const, url: `${url}/unyank`, handle: listing(true) },
  ]),
];

/**
 * Registers all routes, on an instance of their own. Bodies are small JSON objects, read by fastify within its own limit of 1 MiB,
 * and only from whom is known here: a stranger could send one for hours.
 */
export function registerApi(app: FastifyInstance, gallery: Gallery): void {
  // Set apart from uploads and pages, so that what fails before a route is reached is told in JSON too.
  app.register(async (api) => {
    api.addContentTypeParser('application/json', { parseAs: 'string' }, api.getDefaultJsonParser('error', 'error'));
    api.addHook('preParsing', async (request, reply) => {
      if (!hasBody(request)) return;
      const identity = await authenticate(gallery.db, credentialsOf(request), gallery.clock.now());
      if (isRefusal(identity)) return answer(reply, Promise.resolve(identity));
      inviteBody(request, reply);
    });
    for (const { method, url, handle } of apiRoutes) {
      api.route({ method, url, handler: (request, reply) => answer(reply, handle(gallery, request)) });
    }
    api.setErrorHandler((error, request, reply) => answerError(gallery, error as Error, request, reply));
  });
  app.register(
    async (api) => {
      const missing = refuse('not-found', 'The API has no such address, or it takes another method (docs/API.md).');
      api.setNotFoundHandler((_request, reply) => answer(reply, Promise.resolve(missing)));
    },
    { prefix: '/api' },
  );
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

async function answer(reply: FastifyReply, work: Promise<unknown>): Promise<FastifyReply> {
  const result = await work;
  reply.header('Cache-Control', 'no-store').type('application/json; charset=utf-8');
  if (isRefusal(result)) return answerRefused(reply, result, result.status);
  if (result instanceof Text) return reply.type(result.type).code(200).send(result.body);
  return reply.code(200).send(`${writeJson(result ?? {})}\n`);
}

function answerRefused(reply: FastifyReply, { code, message }: Refusal, status: number): FastifyReply {
  if (status === 401) reply.header('WWW-Authenticate', 'Basic realm="Holdfast", charset="UTF-8"');
  if (status === 503) reply.header('Retry-After', '5');
  return reply.code(status).send(`${writeJson({ code, message })}\n`);
}

/** A body that cannot be read is the caller's to mend; whatever else failed was infrastructure or a bug, and means: not now. */
function answerError(gallery: Gallery, error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  reply.header('Cache-Control', 'no-store').type('application/json; charset=utf-8');
  const code = status === 413 ? 'upload-too-large' : 'form-unreadable';
  if (status < 500) return answerRefused(reply, refuse(code, `${error.message}.`), status);
  gallery.log.error({ err: error, url: request.url }, 'a request of the API failed');
  const sentence = 'The gallery cannot do this for the moment; nothing was lost, try again shortly.';
  return answerRefused(reply, refuse('unavailable', sentence), 503);
}

/** For whoever has any token that holds: figures tell nothing of packages, but more than strangers need to know. */
async function showMetrics(gallery: Gallery): Promise<Text> {
  const { figures, times } = await gatherFigures(gallery);
  return new Text(expositionType, await writeExposition(figures, times));
}

function listing(isListed: boolean): Handler {
  return signedIn((gallery, identity, request) => listOrUnlist(gallery, identity, request, isListed));
}

function deprecation(isDeprecated: boolean): Handler {
  return signedIn((gallery, identity, request) => changeDeprecation(gallery, identity, request, isDeprecated));
}

/** For who has a good token; the handler asks for rights. */
function signedIn(handle: KnownHandler): Handler {
  return async (gallery, request) => {
    const identity = await authenticate(gallery.db, credentialsOf(request), gallery.clock.now());
    return isRefusal(identity) ? identity : (bodyTrouble(request) ?? handle(gallery, identity, request));
  };
}

/** A body that nobody reads would be a reason that nobody sees. Read workers send on every request as one with a body, so its type tells. */
function bodyTrouble({ headers }: FastifyRequest): Refusal | undefined {
  const type = headers['content-type'];
  const isSent = type !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!isSent || /^application\/json\b/i.test(type ?? '')) return undefined;
  return refuse('form-unreadable', 'Send the body as JSON, with the header "Content-Type: application/json".');
}

/** Tokens and feeds are the installation's, so an administrator of one feed is not enough: it is asked on the default feed. */
function administered(handle: KnownHandler): Handler {
  return signedIn(async (gallery, identity, request) => {
    const feed = await findFeed(gallery.db, defaultFeed);
    if (isRefusal(feed)) return feed;
    const refusal = await authorise(gallery.db, identity, { scope: 'administer', feed });
    return refusal ?? handle(gallery, identity, request);
  });
}
