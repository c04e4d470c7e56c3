/** Packages as protocols and search see them, made without a gallery. */
import type { PackageView, VersionView } from '../../src/documents/package-view.ts';
import { parseNuGetVersion } from '../../src/identity/nupkg.ts';
import type { NuspecMetadata } from '../../src/validate/nupkg/nuspec.ts';

/** 1 January 2026. */
const publishedAt = 1_767_225_600_000;

/** A version with its nupkg; whatever of its nuspec is not given is plain. */
export function nupkgVersion(metadata: Partial<NuspecMetadata> & Pick<NuspecMetadata, 'id'>): VersionView {
  const { normalizedVersion = '1.0.0' } = metadata;
  const version = parseNuGetVersion(normalizedVersion)!;
  const whole: NuspecMetadata = {
    verbatimVersion: normalizedVersion,
    normalizedVersion,
    isSemVer2: version.isSemVer2,
    authors: 'Ann',
    description: 'A demonstration.',
    tags: [],
    requireLicenseAcceptance: false,
    developmentDependency: false,
    packageTypes: [],
    dependencyGroups: [],
    ...metadata,
  };
  const itemType = whole.powershell?.itemType;
  return {
    serial: 1n,
    version: version.original,
    normalizedVersion: version.lower,
    isPrerelease: version.isPrerelease,
    kind: itemType === undefined ? 'library' : itemType === 'Module' ? 'powershell-module' : 'powershell-script',
    isListed: true,
    unlistedReason: '',
    deprecation: null,
    publishedAt,
    metadata: whole,
    files: [
      {
        filename: `${whole.id}.${version.lower}.nupkg`.toLowerCase(),
        kind: 'nupkg',
        sizeBytes: 4096n,
        digests: {
          sha256: '1'.repeat(64),
          sha512: '1'.repeat(128),
          blake2b256: '1'.repeat(64),
          md5: '1'.repeat(32),
          sha1: '1'.repeat(40),
        },
        uploadedAt: publishedAt,
        metadata: {},
        extracts: [],
        isListed: true,
        unlistedReason: '',
      },
    ],
  };
}

/** @param versions of one package, in any order */
export function nupkgView(versions: readonly VersionView[]): PackageView {
  const ascending = versions.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const { id } = ascending.at(-1)!.metadata as NuspecMetadata;
  return {
    feed: 'main',
    ecosystem: 'nupkg',
    name: id,
    normalizedName: id.toLowerCase(),
    serial: 42n,
    status: 'active',
    statusReason: '',
    versions: ascending,
    advisories: [],
  };
}

function keyOf({ normalizedVersion }: VersionView): string {
  return parseNuGetVersion(normalizedVersion)?.sortKey ?? '';
}
