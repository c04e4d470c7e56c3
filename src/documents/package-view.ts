/**
 * One package as the protocols see it when they render its documents: everything from the catalogue, nothing from anywhere
 * else, so that the same view always gives the same bytes.
 */
import type { Int64 } from '../std/int64.ts';
import type { Json } from '../std/json.ts';
import type { Ecosystem, FileKind, PackageKind } from '../validate/candidate.ts';

export interface PackageView {
  readonly feed: string;
  readonly ecosystem: Ecosystem;
  /** Display name: as the newest published version writes it. */
  readonly name: string;
  readonly normalizedName: string;
  /** The serial of the package's newest event. */
  readonly serial: Int64;
  /** Ascending by version order. */
  readonly versions: readonly VersionView[];
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
