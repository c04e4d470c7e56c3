/**
 * A query of the v2 protocol across packages, as search is asked it: a page of versions, each of its own package or all of them,
 * that a filter lets through. The protocol has read it already; nothing of it is text that becomes part of a statement.
 */
import type { Filter, OrderBy } from '../odata/filter-tree.ts';
import type { Population } from '../protocols/nuget-v2/keys.ts';
import type { Asker } from './asker.ts';

export interface FeedQuery extends Asker {
  readonly kind: 'feed';
  readonly population: Population;
  /** What a person types, in the language of the search box; empty for nothing. */
  readonly text: string;
  /** Every version that the asker sees, or the newest one of each package only. */
  readonly hasAllVersions: boolean;
  /** Over the fields of protocols/nuget-v2/fields.ts, well-typed. */
  readonly filter: Filter | undefined;
  /** Empty for the order of search: the best match first, then downloads and name. */
  readonly orderBy: readonly OrderBy[];
  readonly skip: number;
  readonly take: number;
}

/** One version of a page. */
export interface FeedHit {
  readonly normalizedId: string;
  /** Normalised, in lower case. */
  readonly lower: string;
  /** JSON of protocols/nuget-v2/feed-entry.ts; undefined for versions that search has no text of: their package's document has it. */
  readonly entry: string | undefined;
  readonly isLatestVersion: boolean;
  readonly isAbsoluteLatestVersion: boolean;
  readonly downloads: bigint;
}

export interface FeedAnswer {
  /** All there are, beyond this page too. */
  readonly total: number;
  /** Fewer than what was taken, though there are more, when their entries are very long; one at least. The next page begins behind them. */
  readonly hits: readonly FeedHit[];
}
