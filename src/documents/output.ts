/**
 * What rendering produces. A document is text made from a package's view, kept compressed; a link gives a blob a second,
 * public name. Both are addressed by a path inside their feed, which is also their URL path there.
 */

export type Output = Document | Link;

export interface Document {
  readonly type: 'document';
  /** Path inside the feed, such as `simple/demo/index.json`. Store keys add `.gz`. */
  readonly path: string;
  /** Leaves are written before the index documents that lead to them. */
  readonly rank: 'leaf' | 'index';
  /** The version that the document is about, where there is one; lets a publish skip leaves that cannot have changed. */
  readonly version?: string;
  /**
   * For a leaf about many versions, such as a page of them: whether it is what it was before these versions changed, came or went. Left out
   * where that cannot be told.
   */
  isUntouchedBy?(versions: ReadonlySet<string>): boolean;
  /** May be made when it is asked for: of what a package renders to, a publish writes a small part. */
  readonly text: string;
  /** A text out of a blob that belongs into this one; documents/complete-text.ts puts it there. */
  readonly inlay?: Inlay;
}

/** A text that is too large for the catalogue, such as a long description: rendering says where it goes, and who writes it fetches it. */
export interface Inlay {
  /** Where in the document's text an empty JSON string (`""`) stands, which this text takes the place of. */
  readonly at: number;
  /** The blob to read. */
  readonly sha256: string;
  /** Takes the text out of the blob's bytes. Pure. */
  read(bytes: Uint8Array): string;
}

export interface Link {
  readonly type: 'link';
  readonly path: string;
  /** The normalised version whose file this is. */
  readonly version: string;
  /** The blob that the path leads to. */
  readonly sha256: string;
}

/** What a protocol is asked to render for. */
export interface RenderContext {
  /** The address that absolute URLs in documents begin with: base address and feed prefix, no slash at the end. */
  readonly feedUrl: string;
  /** The feed's URL path: empty for the default feed, `/feeds/NAME` for others. */
  readonly feedPath: string;
}
