/** Feeds over the API. */
import type { FastifyRequest } from 'fastify';
import { actorOf, type Identity } from '../accounts/authenticate.ts';
import { createFeed } from '../accounts/feeds.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import { exactNumber } from '../std/int64.ts';
import { isRefusal } from '../std/refusals.ts';
import { bodyOf } from './request.ts';
import { isUnrestricted, restricted } from './tokens.ts';

/** `GET /api/feeds`. */
export async function showFeeds(gallery: Gallery): Promise<unknown> {
  const feeds = await gallery.db.selectFrom('feeds').selectAll().orderBy('name').execute();
  return { feeds: feeds.map(stateOf) };
}

/** `POST /api/feeds`. */
export async function makeFeed(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  if (!isUnrestricted(identity)) return restricted;
  const body = bodyOf(request);
  const wanted = { name: String(body.name ?? ''), isPrivate: body.isPrivate === true };
  const feed = await createFeed(gallery, actorOf(identity), wanted);
  return isRefusal(feed) ? feed : stateOf(feed);
}

function stateOf({ id, name, is_private, created_at }: FeedRow) {
  return { id, name, isPrivate: is_private === 1n, createdAt: new Date(exactNumber(created_at)).toISOString() };
}
