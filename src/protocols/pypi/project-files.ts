/**
 * What a project's page says about each file, in the order of the page. HTML and JSON are two spellings of this one list, so
 * they cannot disagree.
 */
import type { Link, RenderContext } from '../../documents/output.ts';
import type { FileView, PackageView, VersionView } from '../../documents/package-view.ts';
import type { Int64 } from '../../std/int64.ts';
import { absoluteUrlOf, filePath, metadataPath, provenancePath, urlOf } from './keys.ts';

export interface ProjectFile {
  readonly filename: string;
  /** Root-relative and percent-encoded, without a fragment. */
  readonly url: string;
  readonly sha256: string;
  readonly sha512: string;
  readonly sizeBytes: Int64;
  /** UTC milliseconds. */
  readonly uploadedAt: number;
  /** The specifier as the archive writes it; null when it has none. */
  readonly requiresPython: string | null;
  /** False, or the reason, which may be empty (PEP 592). */
  readonly yanked: false | string;
  /** Digest of what `{url}.metadata` answers; null when there is none (PEP 658). */
  readonly coreMetadataSha256: string | null;
  /** Where what vouches for the file is; absolute, because the specification wants it so (PEP 740). Null when nothing does. */
  readonly provenanceUrl: string | null;
}

/** @returns the files of the project by version order, then file name. Pure. */
export function projectFiles(view: PackageView, context: RenderContext): ProjectFile[] {
  return view.versions.flatMap((version) =>
    byFilename(version).map((file) => projectFile(view, version, file, context)),
  );
}

/** @returns the public names of the project's blobs: each file, and what is served beside it. Pure. */
export function projectLinks(view: PackageView): Link[] {
  const links: Link[] = [];
  for (const version of view.versions) {
    for (const file of byFilename(version)) {
      const about = { type: 'link', version: version.normalizedVersion } as const;
      const { sha256, blake2b256 } = file.digests;
      links.push({ ...about, path: filePath(blake2b256, file.filename), sha256 });
      const metadata = coreMetadata(file);
      if (metadata !== undefined) {
        links.push({ ...about, path: metadataPath(blake2b256, file.filename), sha256: metadata.sha256 });
      }
      const attested = provenance(file);
      if (attested === undefined) continue;
      const path = provenancePath(view.normalizedName, version.normalizedVersion, file.filename);
      links.push({ ...about, path, sha256: attested.sha256 });
    }
  }
  return links;
}

function projectFile(view: PackageView, version: VersionView, file: FileView, context: RenderContext): ProjectFile {
  const path = provenancePath(view.normalizedName, version.normalizedVersion, file.filename);
  return {
    filename: file.filename,
    url: urlOf(filePath(file.digests.blake2b256, file.filename), context),
    sha256: file.digests.sha256,
    sha512: file.digests.sha512,
    sizeBytes: file.sizeBytes,
    uploadedAt: file.uploadedAt,
    requiresPython: requiresPython(file),
    yanked: yanked(version, file),
    coreMetadataSha256: coreMetadata(file)?.sha256 ?? null,
    provenanceUrl: provenance(file) === undefined ? null : absoluteUrlOf(path, context),
  };
}

/** @returns the specifier as the archive writes it; null when it has none */
export function requiresPython({ metadata }: FileView): string | null {
  return typeof metadata.requiresPython === 'string' && metadata.requiresPython !== '' ? metadata.requiresPython : null;
}

/**
 * A file is yanked with its version or by itself (PEP 592 knows files only). The version's reason goes before the file's own.
 * @returns false, or the reason, which may be empty
 */
export function yanked(version: VersionView, file: FileView): false | string {
  if (version.isListed && file.isListed) return false;
  const reason = version.isListed ? file.unlistedReason : version.unlistedReason || file.unlistedReason;
  // Half a surrogate pair is legal in a JavaScript string, but makes strict JSON readers (uv) give up on the whole page.
  return reason.toWellFormed();
}

/** @returns the metadata that is served beside the file (PEP 658), where there is some */
export function coreMetadata(file: FileView): { readonly sha256: string } | undefined {
  return file.extracts.find((extract) => extract.name === 'core-metadata');
}

/** @returns what was sent to vouch for the file, where there is something (PEP 740) */
function provenance(file: FileView): { readonly sha256: string } | undefined {
  return file.extracts.find((extract) => extract.name === 'provenance');
}

/** @returns the version's files in the order of every document */
export function byFilename(version: VersionView): FileView[] {
  return [...version.files].sort((a, b) => (a.filename < b.filename ? -1 : a.filename > b.filename ? 1 : 0));
}
