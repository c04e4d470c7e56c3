/**
 * One package as the protocols see it when they render its documents: everything from the catalogue, nothing from anywhere
 * else, so that the same view always gives the same bytes.
 */
import type { Int64 } from '../std/int64.ts';
import type { Json } from '../std/json.ts';
import type { Ecosystem, FileKind, PackageKind } from '../validate/candidate.ts';
import type { AffectedRange } from './affected.ts';

/**
 * What an owner or administrator says about a whole package (the Python specification's project status markers): `archived` takes no
 * uploads, `quarantined` takes none and shows no file, `deprecated` only says so.
 */
export type PackageStatus = 'active' | 'archived' | 'deprecated' | 'quarantined';

export interface PackageView {
  readonly feed: string;
  readonly ecosystem: Ecosystem;
  /** Display name: as the newest published version writes it. */
  readonly name: string;
  readonly normalizedName: string;
  /** The serial of the package's newest event. */
  readonly serial: Int64;
  readonly status: PackageStatus;
  /** Shown to users; empty when no reason was given. */
  readonly statusReason: string;
  /** Ascending by version order. */
  readonly versions: readonly VersionView[];
  /** Known vulnerabilities of any of its versions, by id. */
  readonly advisories: readonly AdvisoryView[];
}

/** A known vulnerability, as far as it is about this package. */
export interface AdvisoryView {
  readonly advisory: string;
  /** 0 low, 1 moderate, 2 high, 3 critical. */
  readonly severity: number;
  readonly url: string;
  readonly content: AdvisoryContent;
}

/** What is kept of an advisory for one package; JSON in AdvisoryRow.content. */
export type AdvisoryContent = {
  /** Other ids of the same vulnerability, such as a CVE number. */
  readonly aliases: readonly string[];
  /** One line; empty for none. */
  readonly summary: string;
  /** Markdown; empty for none. Kept for Python alone: NuGet's documents have no place for it. */
  readonly details: string;
  /** The versions it is about. */
  readonly ranges: readonly AffectedRange[];
  /** Versions that mend it, ascending. */
  readonly fixedIn: readonly string[];
};

/** NuGet's way to tell users of a version to use something else. */
export interface Deprecation {
  readonly reasons: readonly ('Legacy' | 'CriticalBugs' | 'Other')[];
  /** Empty for none. */
  readonly message: string;
  readonly alternatePackage: { readonly id: string; readonly range: string } | null;
}

export interface VersionView {
  /** The serial of the version's newest event. */
  readonly serial: Int64;
  readonly version: string;
  readonly normalizedVersion: string;
  readonly isPrerelease: boolean;
  readonly kind: PackageKind;
  /** False when unlisted (NuGet) or yanked (Python). */
  readonly isListed: boolean;
  /** Why it was yanked or unlisted; empty when no reason was given. */
  readonly unlistedReason: string;
  readonly deprecation: Deprecation | null;
  /** UTC milliseconds. */
  readonly publishedAt: number;
  readonly metadata: { readonly [key: string]: Json | undefined };
  /** Ascending by file name. */
  readonly files: readonly FileView[];
}

export interface FileView {
  readonly filename: string;
  readonly kind: FileKind;
  readonly sizeBytes: Int64;
  readonly digests: Digests;
  /** UTC milliseconds. */
  readonly uploadedAt: number;
  readonly metadata: { readonly [key: string]: Json | undefined };
  readonly extracts: readonly ExtractView[];
  /** False when this one file is yanked (Python); its version may be besides. */
  readonly isListed: boolean;
  readonly unlistedReason: string;
  /** What a symbol package holds, ascending by path; absent for other files. */
  readonly symbols?: readonly SymbolView[];
}

/** A symbol file, and where debuggers find it. */
export interface SymbolView {
  /** Path inside the feed. Another package of the feed may lead to the same path, and then to the same bytes. */
  readonly path: string;
  readonly sha256: string;
}

/** Lower-case hexadecimal, all taken in one pass at upload. */
export interface Digests {
  readonly sha256: string;
  readonly sha512: string;
  readonly blake2b256: string;
  readonly md5: string;
  readonly sha1: string;
}

export interface ExtractView {
  readonly name: 'core-metadata' | 'pkg-info' | 'provenance' | 'nuspec' | 'readme' | 'icon' | 'license';
  readonly sha256: string;
  readonly sizeBytes: Int64;
  readonly contentType: string;
}
