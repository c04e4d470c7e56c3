/** A version that can be downloaded, as every document of this protocol needs it. */
import assert from 'node:assert/strict';
import { advisoriesOf } from '../../documents/affected.ts';
import type { AdvisoryView, ExtractView, FileView, PackageView, VersionView } from '../../documents/package-view.ts';
import type { NuspecMetadata } from '../../validate/nupkg/nuspec.ts';
import type { PackageSignature } from '../../validate/nupkg/signature.ts';

export interface Release {
  /** The package's id, normalised. */
  readonly id: string;
  /** Normalised, in lower case. */
  readonly version: string;
  readonly view: VersionView;
  readonly metadata: NuspecMetadata;
  readonly file: FileView;
  /** Known vulnerabilities of this version, by id. */
  readonly advisories: readonly AdvisoryView[];
}

/**
 * The versions of a package that have their nupkg, ascending. A version whose file is gone is in no document: clients take every
 * version that is listed to be downloadable.
 */
export function releasesOf(view: PackageView): Release[] {
  assert.equal(view.ecosystem, 'nupkg');
  const advisoriesAbout = advisoriesOf(view);
  return view.versions.flatMap((version) => {
    const file = version.files.find((candidate) => candidate.kind === 'nupkg');
    if (file === undefined) return [];
    const metadata = version.metadata as NuspecMetadata;
    assert.equal(metadata.normalizedVersion.toLowerCase(), version.normalizedVersion);
    const { normalizedVersion } = version;
    const advisories = advisoriesAbout(normalizedVersion);
    return [{ id: view.normalizedName, version: normalizedVersion, view: version, metadata, file, advisories }];
  });
}

/** @returns what was taken out of the package under this name, where there is one */
export function extractOf(release: Release, name: ExtractView['name']): ExtractView | undefined {
  return release.file.extracts.find((extract) => extract.name === name);
}

/** @returns what the package is signed with, undefined when it is not. Not of the protocol: galleries show it to people. */
export function signatureOf(release: Release): PackageSignature | undefined {
  return release.file.metadata.signature as PackageSignature | undefined;
}
