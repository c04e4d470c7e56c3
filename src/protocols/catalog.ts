/**
 * What a catalog is to the rest of the gallery: the record of everything that happened to a feed's versions, which mirrors read from
 * where they stopped. Items are numbered as they happened and never change; pages of them fill up one after another.
 */
import type { Document, RenderContext } from '../documents/output.ts';
import type { VersionView } from '../documents/package-view.ts';
import type { FileKind } from '../validate/candidate.ts';

/** Hundreds of nanoseconds since 1970: later for each item than for the one before it. */
export type Ticks = bigint;

export interface CatalogItem {
  /** From 0, in the feed. */
  readonly number: number;
  readonly ticks: Ticks;
  /** `gone`: deleted, or taken out of sight. */
  readonly what: 'published' | 'changed' | 'gone';
  /** When it happened, UTC milliseconds. */
  readonly at: number;
  /** Display name of the package. */
  readonly name: string;
  readonly normalizedName: string;
  /** As it was then. */
  readonly version: VersionView;
}

/** What a page tells of an item. */
export interface CatalogReference {
  readonly ticks: Ticks;
  readonly isGone: boolean;
  readonly name: string;
  readonly version: string;
}

/** What the index tells. */
export interface CatalogSummary {
  /** In order; all but the last are full. */
  readonly pages: readonly { readonly ticks: Ticks; readonly count: number }[];
  /** Of the newest item of each kind; 0 when there is none. */
  readonly lastTicks: { readonly [what in CatalogItem['what']]: Ticks };
}

/** The documents of a protocol's catalog. All of it is pure. */
export interface CatalogProtocol {
  /** The kind of file without which a version is none. */
  readonly fileKind: FileKind;
  readonly pageItemsMax: number;
  /** Stored path of the index. */
  readonly indexPath: string;
  pagePath(page: number): string;
  refer(item: CatalogItem): CatalogReference;
  renderLeaf(item: CatalogItem, context: RenderContext): Document;
  /** @param page from 0 */
  renderPage(page: number, items: readonly CatalogReference[], context: RenderContext): Document;
  renderIndex(summary: CatalogSummary, context: RenderContext): Document;
  /** Reads back what `renderPage` wrote; throws when it is something else. */
  readPage(text: string): CatalogReference[];
  /** Reads back what `renderIndex` wrote; throws when it is something else. */
  readIndex(text: string): CatalogSummary;
}
