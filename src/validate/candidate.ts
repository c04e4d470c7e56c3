/**
 * What reading an uploaded archive yields: the package as the archive itself tells it, not as the uploader's form does.
 * Everything the documents need later is in here, so that no document ever needs the archive again.
 */
import type { Json } from '../std/json.ts';

/** An ecosystem has one namespace of names in each feed. */
export type Ecosystem = 'python' | 'nupkg';

/** What a version is for. Modules and scripts of PowerShell are `nupkg` packages of their own kind. */
export type PackageKind = 'library' | 'tool' | 'template' | 'powershell-module' | 'powershell-script';

export type FileKind = 'wheel' | 'sdist' | 'nupkg' | 'snupkg';

/** A file taken out of the archive to be served beside it, as exact bytes. */
export interface Extract {
  /**
   * `core-metadata` and `nuspec` are always of this name; `pkg-info` is core metadata that is kept but not served, because a build
   * may yield other; `provenance` is what the uploader sent beside the file (PEP 740); the rest are what a NuGet package may embed.
   */
  readonly name: 'core-metadata' | 'pkg-info' | 'provenance' | 'nuspec' | 'readme' | 'icon' | 'license';
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** A file out of the archive, as it is kept in the catalogue and as a blob. */
export interface StoredExtract {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly contentType: string;
}

export interface Candidate {
  readonly ecosystem: Ecosystem;
  /** As the author writes it. */
  readonly name: string;
  /** The identity inside (feed, ecosystem). */
  readonly normalizedName: string;
  /** As published. */
  readonly version: string;
  readonly normalizedVersion: string;
  /** Text whose byte order is the version order of the ecosystem. */
  readonly sortKey: string;
  readonly isPrerelease: boolean;
  readonly kind: PackageKind;
  readonly fileKind: FileKind;
  /** The file's name as it is served. */
  readonly filename: string;
  /** What the version is: description, authors, dependencies. Shapes: validate/python/core-metadata.ts, validate/nupkg/nuspec.ts. */
  readonly versionMetadata: { readonly [key: string]: Json | undefined };
  /** What is true of this one file only, such as Requires-Python. */
  readonly fileMetadata: { readonly [key: string]: Json | undefined };
  readonly extracts: readonly Extract[];
  /** Whole sentences for the uploader about what is taken, but not as it should be. */
  readonly warnings?: readonly string[];
}

/** Limits that reading an archive must keep. */
export interface ArchiveLimits {
  readonly entriesMax: number;
  /** Unpacked size of the whole archive, in bytes. */
  readonly unpackedBytesMax: number;
  /** Unpacked size of one file that is read into memory (metadata, readme, icon, license), in bytes. */
  readonly extractBytesMax: number;
  /** Above 64 MiB unpacked, how many times larger than the archive it may be. */
  readonly ratioMax: number;
}

/** Largest part of an archive that is read into memory, in bytes. */
const extractBytesMax = 16 * 1024 * 1024;

/** @param settings as the configuration has them */
export function archiveLimits(settings: {
  readonly archiveEntriesMax: number;
  readonly archiveUnpackedBytesMax: number;
  readonly archiveRatioMax: number;
}): ArchiveLimits {
  return {
    entriesMax: settings.archiveEntriesMax,
    unpackedBytesMax: settings.archiveUnpackedBytesMax,
    extractBytesMax,
    ratioMax: settings.archiveRatioMax,
  };
}
