/** Feeds: each has its own names, its own rights and its own addresses; the default one answers at the root. */
import { type Actor, append } from '../catalogue/append.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import { renderCatalogs } from '../render/catalog.ts';
import { renderFeed, renderNames } from '../render/names.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { settle } from './tokens.ts';

/** First path segments that mean something and so can be no feed's name. */
export const reservedNames: readonly string[] = [
  'api',
  'assets',
  'feeds',
  'legacy',
  'metrics',
  'npm',
  'packages',
  'powershell',
  'pypi',
  'simple',
  'status',
  'v2',
  'v3',
];

export interface NewFeed {
  readonly name: string;
  readonly isPrivate: boolean;
}

/** @returns the feed, ready for use; refuses names that are taken, reserved or no plain words */
export async function createFeed(gallery: Gallery, actor: Actor, wanted: NewFeed): Promise<FeedRow | Refusal> {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(wanted.name)) {
    return refuse(
      'name-invalid',
      'A feed name has 1 to 63 lower-case letters, digits and hyphens, and begins and ends with no hyphen.',
    );
  }
  if (reservedNames.includes(wanted.name)) return refuse('name-invalid', `"${wanted.name}" is reserved.`);
  const event = await append(gallery, actor, 'feed', async (transaction) => {
    const taken = await transaction.selectFrom('feeds').select('id').where('name', '=', wanted.name).executeTakeFirst();
    if (taken) return refuse('file-exists', `There is a feed "${wanted.name}" already.`);
    return (serial, at) => ({
      kind: 'feed.created',
      feed: { id: serial, name: wanted.name, is_private: wanted.isPrivate ? 1n : 0n, created_at: at },
    });
  });
  if (isRefusal(event)) return event;
  if (event.change.kind !== 'feed.created') throw new Error('a feed event must be about a feed');
  await renderFeed(gallery, event.change.feed);
  await renderNames(gallery, event.change.feed);
  await renderCatalogs(gallery, event.change.feed);
  await settle(gallery, event);
  return event.change.feed;
}
