/**
 * The gallery's own API, JSON under `/api/`: tokens, feeds, listing, deleting, health. Every answer is JSON; every refusal is
 * `{code, message}` with the status of the table in std/refusals.ts.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, authenticate, type Identity } from '../accounts/authenticate.ts';
import { createFeed } from '../accounts/feeds.ts';
import { authorise } from '../accounts/rights.ts';
import { isScope, matchesGlob, type Scope } from '../accounts/scopes.ts';
import { createToken, listTokens, revokeToken } from '../accounts/tokens.ts';
import { defaultFeed } from '../blobs/keys.ts';
import { findFeed } from '../catalogue/queries/find.ts';
import { deletePackage } from '../delete.ts';
import type { Gallery } from '../gallery.ts';
import { normalizePackageId, parseNuGetVersion } from '../identity/nupkg.ts';
import { normalizePythonName, parsePythonVersion } from '../identity/python.ts';
import { setListing } from '../listing.ts';
import { packageStatuses, setStatus } from '../status.ts';
import { writeJson } from '../std/json.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { credentialsOf, inviteBody } from '../upload/answer.ts';
import type { Ecosystem } from '../validate/candidate.ts';
import { registerAdvisories } from './advisories.ts';
import { registerDeprecations } from './deprecations.ts';
import { health } from './health.ts';

type Handler = (identity: Identity, request: FastifyRequest) => Promise<unknown>;

/**
 * Registers all routes, on an instance of their own. Bodies are small JSON objects, read by fastify within its own limit of 1 MiB,
 * and only from whom is known here: a stranger could send one for hours.
 */
export function registerApi(app: FastifyInstance, gallery: Gallery): void {
  app.removeContentTypeParser('*');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.addHook('preParsing', async (request, reply) => {
    if (!hasBody(request)) return;
    const identity = await authenticate(gallery.db, credentialsOf(request), gallery.clock.now());
    if (isRefusal(identity)) return answer(reply, Promise.resolve(identity));
    inviteBody(request, reply);
  });
  const administered = (handler: Handler) => (request: FastifyRequest, reply: FastifyReply) =>
    answer(reply, asAdministrator(gallery, request, handler));
  const signedIn = (handler: Handler) => (request: FastifyRequest, reply: FastifyReply) =>
    answer(reply, asAnybody(gallery, request, handler));

  app.get('/api/health', (_request, reply) => answer(reply, health(gallery)));
  app.get(
    '/api/tokens',
    administered(async () => ({ tokens: await listTokens(gallery) })),
  );
  app.post(
    '/api/tokens',
    administered((identity, request) => makeToken(gallery, identity, request)),
  );
  app.delete(
    '/api/tokens/:id',
    administered((identity, request) => endToken(gallery, identity, request)),
  );
  app.get(
    '/api/feeds',
    administered(async () => ({ feeds: await gallery.db.selectFrom('feeds').selectAll().execute() })),
  );
  app.post(
    '/api/feeds',
    administered((identity, request) => makeFeed(gallery, identity, request)),
  );
  registerAdvisories(app, gallery, administered);
  registerDeprecations(app, gallery, signedIn);
  const version = '/api/feeds/:feed/:ecosystem/:name/:version';
  app.post(
    `${version}/unlist`,
    signedIn((identity, request) => list(gallery, identity, request, false)),
  );
  app.post(
    `${version}/relist`,
    signedIn((identity, request) => list(gallery, identity, request, true)),
  );
  app.delete(
    version,
    signedIn((identity, request) => remove(gallery, identity, request)),
  );
  app.post(
    '/api/feeds/:feed/:ecosystem/:name/status',
    signedIn((identity, request) => putStatus(gallery, identity, request)),
  );
  app.delete(
    '/api/feeds/:feed/:ecosystem/:name',
    signedIn((identity, request) => remove(gallery, identity, request)),
  );
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

async function answer(reply: FastifyReply, work: Promise<unknown>): Promise<FastifyReply> {
  const result = await work;
  reply.header('Cache-Control', 'no-store').type('application/json; charset=utf-8');
  if (!isRefusal(result)) return reply.code(200).send(`${writeJson(result ?? {})}\n`);
  if (result.status === 401) reply.header('WWW-Authenticate', 'Basic realm="Holdfast", charset="UTF-8"');
  return reply.code(result.status).send(`${writeJson({ code: result.code, message: result.message })}\n`);
}

async function asAnybody(gallery: Gallery, request: FastifyRequest, handler: Handler): Promise<unknown> {
  const identity = await authenticate(gallery.db, credentialsOf(request), gallery.clock.now());
  return isRefusal(identity) ? identity : handler(identity, request);
}

/** Tokens and feeds are the installation's, so an administrator of one feed is not enough: it is asked on the default feed. */
async function asAdministrator(gallery: Gallery, request: FastifyRequest, handler: Handler): Promise<unknown> {
  return asAnybody(gallery, request, async (identity) => {
    const feed = await findFeed(gallery.db, defaultFeed);
    if (isRefusal(feed)) return feed;
    const refusal = await authorise(gallery.db, identity, { scope: 'administer', feed });
    return refusal ?? handler(identity, request);
  });
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const { body } = request;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
}

function texts(value: unknown, fallback: readonly string[]): readonly string[] {
  return Array.isArray(value) ? value.map(String) : fallback;
}

async function makeToken(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  const body = bodyOf(request);
  const beyond = reachBeyond(identity, body);
  if (beyond !== undefined)
    return refuse('not-allowed', `A token cannot make one that may do more than itself: ${beyond}.`);
  const expiresAt = body.expiresAt === undefined || body.expiresAt === null ? null : Date.parse(String(body.expiresAt));
  return createToken(gallery, actorOf(identity), {
    principalName: typeof body.principal === 'string' ? body.principal : identity.principalName,
    scopes: texts(body.scopes, []) as Scope[],
    feeds: texts(body.feeds, ['*']),
    packages: texts(body.packages, ['*']),
    description: typeof body.description === 'string' ? body.description : '',
    expiresAt,
  });
}

/** @returns in what a wanted token would reach beyond the one that asks for it */
function reachBeyond(identity: Identity, body: Record<string, unknown>): string | undefined {
  const scopes = texts(body.scopes, []).filter((scope) => isScope(scope) && !identity.scopes.has(scope));
  if (scopes.length > 0) return `scope ${scopes.join(', ')}`;
  if (isUnrestricted(identity)) return undefined;
  if (typeof body.principal === 'string' && body.principal !== identity.principalName)
    return `principal ${body.principal}`;
  const feeds = texts(body.feeds, ['*']).filter(
    (feed) => !identity.feeds.includes('*') && !identity.feeds.includes(feed),
  );
  if (feeds.length > 0) return `feed ${feeds.join(', ')}`;
  const globs = texts(body.packages, ['*']).filter((glob) => !matchesGlob(identity.packages, glob));
  return globs.length > 0 ? `package ${globs.join(', ')}` : undefined;
}

/** For all feeds and all packages. */
function isUnrestricted(identity: Identity): boolean {
  return identity.feeds.includes('*') && identity.packages.includes('*');
}

const restricted = refuse('not-allowed', 'This needs a token that is for all feeds and all packages.');

async function endToken(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  if (!isUnrestricted(identity)) return restricted;
  const { id } = request.params as { id: string };
  if (!/^\d{1,19}$/.test(id)) return refuse('not-found', `There is no token ${id}.`);
  return revokeToken(gallery, actorOf(identity), BigInt(id));
}

async function makeFeed(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  if (!isUnrestricted(identity)) return restricted;
  const body = bodyOf(request);
  return createFeed(gallery, actorOf(identity), { name: String(body.name ?? ''), isPrivate: body.isPrivate === true });
}

interface Named {
  readonly feedName: string;
  readonly ecosystem: Ecosystem;
  readonly normalizedName: string;
  readonly version: string;
}

/** Reads feed, ecosystem, name and version of the address; names and versions in any of their forms. */
function named(request: FastifyRequest): Named | Refusal {
  const { feed, ecosystem, name, version } = request.params as Record<string, string>;
  const parts = { feedName: feed ?? '', version: '' };
  if (ecosystem === 'python') {
    const parsed = version === undefined ? undefined : parsePythonVersion(version);
    return {
      ...parts,
      ecosystem,
      normalizedName: normalizePythonName(name ?? ''),
      version: parsed?.normalized ?? version ?? '',
    };
  }
  if (ecosystem === 'nupkg') {
    const parsed = version === undefined ? undefined : parseNuGetVersion(version);
    return {
      ...parts,
      ecosystem,
      normalizedName: normalizePackageId(name ?? ''),
      version: parsed?.lower ?? version ?? '',
    };
  }
  return refuse('not-found', `There is no ecosystem "${ecosystem}" here; there are python and nupkg.`);
}

async function list(
  gallery: Gallery,
  identity: Identity,
  request: FastifyRequest,
  isListed: boolean,
): Promise<unknown> {
  const subject = named(request);
  if (isRefusal(subject)) return subject;
  const { reason } = bodyOf(request);
  const address = { ...subject, normalizedVersion: subject.version };
  return setListing(gallery, identity, address, { isListed, reason: typeof reason === 'string' ? reason : '' });
}

async function putStatus(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  const subject = named(request);
  if (isRefusal(subject)) return subject;
  const { status, reason } = bodyOf(request);
  const wanted = packageStatuses.find((known) => known === status);
  if (wanted === undefined) {
    return refuse('form-field-invalid', `A package's status is one of ${packageStatuses.join(', ')}.`);
  }
  return setStatus(gallery, identity, subject, { status: wanted, reason: typeof reason === 'string' ? reason : '' });
}

async function remove(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  const subject = named(request);
  if (isRefusal(subject)) return subject;
  const { feedName, ecosystem, normalizedName, version } = subject;
  const address = { feedName, ecosystem, normalizedName };
  return deletePackage(gallery, identity, version === '' ? address : { ...address, normalizedVersion: version });
}
