/**
 * What a protocol is to the rest of the gallery: a pure function from a package to its documents, and a mapping of requests
 * to what answers them. Adding a protocol is adding a folder that exports one of these.
 */
import type { Output, RenderContext } from '../documents/output.ts';
import type { AdvisoryView, PackageView } from '../documents/package-view.ts';
import type { Int64 } from '../std/int64.ts';
import type { Json } from '../std/json.ts';
import type { Ecosystem } from '../validate/candidate.ts';
import type { CatalogProtocol } from './catalog.ts';

export interface Protocol {
  /** Short name, as in its folder: part of the surrogate keys. */
  readonly name: string;
  readonly ecosystem: Ecosystem;
  /** Renders everything an install client reads of one package, leaves and indexes alike. Pure. */
  render(view: PackageView, context: RenderContext): Output[];
  /** Renders what belongs to the feed and depends on no package: the service index, and lists of known vulnerabilities. Pure. */
  renderFeed(context: RenderContext, known: KnownAdvisories): Output[];
  /**
   * Renders the list of all names of the feed, where the protocol has one. A job makes it, because it grows with the feed;
   * no installer needs it.
   */
  renderNames?(names: readonly ListedName[], serial: Int64, context: RenderContext): Output[];
  /** Renders what is new in the feed, where the protocol has channels for it. The same job makes it. */
  renderNews?(news: News, context: RenderContext): Output[];
  /** Renders how much room the feed's packages take, where the protocol tells that. The same job makes it. */
  renderStats?(stats: Stats, context: RenderContext): Output[];
  /** The record of all that happened, for mirrors, where the protocol has one. A job makes it. */
  readonly catalog?: CatalogProtocol;
  /** Maps a read request to what answers it; undefined when the address is not this protocol's. */
  route(request: ReadRequest): Target | undefined;
}

/** What is known of vulnerabilities in packages of the protocol's ecosystem, whether the feed has these packages or not. */
export interface KnownAdvisories {
  /** By package, then by id. */
  readonly list: readonly { readonly normalizedName: string; readonly advisory: AdvisoryView }[];
  /** UTC milliseconds; 0 when there never was one. */
  readonly changedAt: number;
}

export interface ListedName {
  readonly name: string;
  /** Serial of the package's newest event. */
  readonly serial: Int64;
}

/** What is new in a feed, newest first; how much of it is in render/news.ts. */
export interface News {
  readonly releases: readonly NewsItem[];
  /** Packages by the time of their first publish, with the version that was published first. */
  readonly packages: readonly NewsItem[];
}

export interface NewsItem {
  /** Display name of the package. */
  readonly name: string;
  /** Normalised. */
  readonly version: string;
  /** UTC milliseconds. */
  readonly publishedAt: number;
  readonly metadata: { readonly [key: string]: Json | undefined };
}

/** How much room the files of a feed's packages take; packages in quarantine are left out. */
export interface Stats {
  /** Of all packages together. */
  readonly totalBytes: Int64;
  /** The largest packages, the largest first; how many is in render/stats.ts. */
  readonly largest: readonly { readonly name: string; readonly sizeBytes: Int64 }[];
}

export interface ReadRequest {
  readonly method: string;
  /** Decoded path inside the feed, without the leading slash: `simple/demo/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it came, with its question mark; empty without one. */
  readonly search: string;
  /** The Accept header, any type when absent. */
  readonly accept: string;
  /** By name in lower case; the few that a protocol needs beside Accept. */
  readonly headers: { readonly [name: string]: string | string[] | undefined };
}

export type Target = DocumentTarget | DerivedTarget | BlobTarget | RedirectTarget | ForwardTarget;

/** How long a cache may keep an answer: see serve/headers.ts. */
export type CacheClass = 'index' | 'immutable';

interface Described {
  /** Kind of document, for surrogate keys and the access log: `pypi-project`, `nuget-registration`. */
  readonly kind: string;
  readonly ecosystem: Ecosystem;
  /** Normalised name, where the address is about one package. */
  readonly packageName?: string;
  readonly version?: string;
}

export interface DocumentTarget extends Described {
  readonly type: 'document';
  /** Path of the stored document inside the feed. */
  readonly path: string;
  readonly contentType: string;
  /** True where the protocol promises gzip whatever the client accepts. */
  readonly alwaysGzip?: boolean;
  /** True where the answer depends on the Accept header. */
  readonly variesByAccept?: boolean;
  /** True where clients expect to read it from a web page of another origin. */
  readonly allowsOrigins?: boolean;
  /** Header that carries the serial the document was made from. */
  readonly serialHeader?: string;
}

/** Made by the read worker from one stored document at most, and from what the request says. */
export interface DerivedTarget extends Described {
  readonly type: 'derived';
  /** Path of the stored document inside the feed; undefined where none is needed. */
  readonly path: string | undefined;
  /** Reads the stored text; the result is kept in memory. */
  read(text: string): unknown;
  /**
   * Makes the answer. Pure: the same document, context and `key` give the same bytes.
   * @param document what `read` has made; undefined when nothing is stored there
   */
  answer(document: unknown, context: RenderContext): DerivedAnswer;
  /** All of the request that the answer depends on. */
  readonly key: string;
  /** Headers of the request that it depends on, for caches. */
  readonly variesBy: readonly string[];
}

export interface DerivedAnswer {
  readonly status: 200 | 302 | 400 | 404;
  readonly contentType: string;
  readonly body: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** One sentence for the status line of a refusal. */
  readonly reason?: string;
}

export interface BlobTarget extends Described {
  readonly type: 'blob';
  readonly path: string;
  readonly contentType: string;
  readonly allowsOrigins?: boolean;
  /** True where the answer depends on the Accept header. */
  readonly variesByAccept?: boolean;
  /** True when the client takes none of the types that there are. */
  readonly isNotAcceptable?: boolean;
  /** True where the address may come to lead to other bytes: caches then ask again. */
  readonly isReplaceable?: boolean;
}

export interface RedirectTarget {
  readonly type: 'redirect';
  readonly status: 301 | 308;
  /** Path inside the feed, percent-encoded, without the leading slash. */
  readonly location: string;
  readonly allowsOrigins?: boolean;
}

/** Answered by the write service. */
export interface ForwardTarget {
  readonly type: 'forward';
  /** True for a question across packages, which may cost much: these must never leave no room for anything else. */
  readonly isSearch?: boolean;
}
