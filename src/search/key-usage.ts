/** How far the numbers of the search file are used up. They are its own; a file that is made again begins anew. */
import type { Int64 } from '../std/int64.ts';
import { feedsMax, idsOfStep } from './entry-id.ts';
import { openSearchFile } from './file.ts';

const busyMs = 250;
/** Feeds that are looked at; each is one look into an index. */
const feedsLookedAtMax = 100n;

export interface SearchKeyUsage {
  /** Numbers of feeds, 0 to 1. */
  readonly feeds: number;
  /** Numbers of entries in the fullest step of popularity among the least popular ones, 0 to 1. */
  readonly entries: number;
}

/** Throws without a good file. */
export function searchKeyUsage(file: string): SearchKeyUsage {
  const db = openSearchFile(file, { busyMs, isReadOnly: true });
  try {
    const { feed } = db.prepare('select max(number) as feed from feeds').get() as { feed: Int64 | null };
    const last = db.prepare('select max(id) as id from entries where id between ? and ?');
    let entries = 0;
    for (let number = 0n; number <= (feed ?? -1n) && number < feedsLookedAtMax; number += 1n) {
      const [first, end] = idsOfStep(number, 0n);
      const { id } = last.get(first, end) as { id: Int64 | null };
      if (id !== null) entries = Math.max(entries, Number(id - first) / Number(end - first));
    }
    return { feeds: Number(feed ?? 0n) / Number(feedsMax), entries };
  } finally {
    db.close();
  }
}
