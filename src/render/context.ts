/** What rendering a feed's documents needs to know about where the feed stands. */
import { type FeedPlace, feedPath } from '../blobs/keys.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { RenderContext } from '../documents/output.ts';

export function contextOf(baseUrl: string, feedName: string): RenderContext {
  return { feedUrl: `${baseUrl}${feedPath(feedName)}`, feedPath: feedPath(feedName) };
}

export function placeOf(feed: FeedRow): FeedPlace {
  return { name: feed.name, isPrivate: feed.is_private === 1n };
}
