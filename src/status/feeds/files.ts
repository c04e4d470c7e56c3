/** The feeds as files: `history.atom`, `history.rss` (`feed.rss` is the same under the name that others use), `calendar.ics`. */
import type { StatusView } from '../model.ts';
import type { PublishedFile } from '../publication/published-file.ts';
import { atomFeed } from './atom.ts';
import { calendar } from './calendar.ts';
import { feedMaxAgeSeconds } from './entries.ts';
import { rssFeed } from './rss.ts';

export function feedFiles(view: StatusView): PublishedFile[] {
  return [
    file('history.atom', 'application/atom+xml; charset=utf-8', atomFeed(view)),
    file('history.rss', 'application/rss+xml; charset=utf-8', rssFeed(view, 'history.rss')),
    file('feed.rss', 'application/rss+xml; charset=utf-8', rssFeed(view, 'feed.rss')),
    file('calendar.ics', 'text/calendar; charset=utf-8', calendar(view)),
  ];
}

/** History stays true when nothing is known of now, so these are 200 always. */
function file(path: string, contentType: string, text: string): PublishedFile {
  return { path, contentType, body: Buffer.from(text), maxAgeSeconds: feedMaxAgeSeconds, status: 200 };
}
