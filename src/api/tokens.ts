/** Tokens over the API: what one makes may never do more than itself. */
import type { FastifyRequest } from 'fastify';
import { actorOf, type Identity } from '../accounts/authenticate.ts';
import { isScope, matchesGlob, type Scope } from '../accounts/scopes.ts';
import { createToken, listTokens, revokeToken } from '../accounts/tokens.ts';
import type { Gallery } from '../gallery.ts';
import { exactNumber, type Int64 } from '../std/int64.ts';
import { refuse } from '../std/refusals.ts';
import { bodyOf, texts } from './request.ts';

/** `GET /api/tokens`. */
export async function showTokens(gallery: Gallery): Promise<unknown> {
  const time = (at: Int64 | null) => (at === null ? null : new Date(exactNumber(at)).toISOString());
  const tokens = (await listTokens(gallery)).map((row) => ({
    id: row.id,
    principal: row.principal_name,
    scopes: JSON.parse(row.scopes) as string[],
    feeds: JSON.parse(row.feeds) as string[],
    packages: JSON.parse(row.packages) as string[],
    description: row.description,
    createdAt: time(row.created_at),
    expiresAt: time(row.expires_at),
    revokedAt: time(row.revoked_at),
    lastUsedAt: time(row.last_used_at),
  }));
  return { tokens };
}

/** `POST /api/tokens`. */
export async function makeToken(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
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
function reachBeyond(identity: Identity, body: Readonly<Record<string, unknown>>): string | undefined {
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
export function isUnrestricted(identity: Identity): boolean {
  return identity.feeds.includes('*') && identity.packages.includes('*');
}

export const restricted = refuse('not-allowed', 'This needs a token that is for all feeds and all packages.');

/** `DELETE /api/tokens/:id`. */
export async function endToken(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  if (!isUnrestricted(identity)) return restricted;
  const { id } = request.params as { id: string };
  if (!/^\d{1,19}$/.test(id)) return refuse('not-found', `There is no token ${id}.`);
  return revokeToken(gallery, actorOf(identity), BigInt(id));
}
