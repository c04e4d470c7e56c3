/**
 * A leaf of the catalog: all that is known of a version at one moment, or that it is gone. `signature`, `licenseExpression` and the
 * source repository are not of the protocol; the rest has the names that mirrors know.
 */
import assert from 'node:assert/strict';
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import { fullVersion, type NuspecMetadata } from '../../validate/nupkg/nuspec.ts';
import type { CatalogItem } from '../catalog.ts';
import type { Commit } from './catalog.ts';
import { iconUrl, licenseUrl, packageContent, published } from './catalog-entry.ts';
import { catalogLeaf, flatFile, urlOf } from './keys.ts';
import { extractOf, type Release, signatureOf } from './release.ts';

export function renderCatalogLeaf(item: CatalogItem, commit: Commit, context: RenderContext): Document {
  const address = catalogLeaf(item.number);
  const tree = {
    '@id': urlOf(address, context),
    '@type': [item.what === 'gone' ? 'PackageDelete' : 'PackageDetails', 'catalog:Permalink'],
    'catalog:commitId': commit.commitId,
    'catalog:commitTimeStamp': commit.commitTimeStamp,
    ...(item.what === 'gone' ? deleted(item) : details(item, context)),
  };
  return { type: 'document', path: address, rank: 'leaf', text: writeJson(tree) };
}

/** The version as the nuspec has it, and when it went. */
function deleted({ name, normalizedName, version, at }: CatalogItem): Record<string, unknown> {
  const { verbatimVersion } = version.metadata as NuspecMetadata;
  return { id: normalizedName, originalId: name, version: verbatimVersion, published: new Date(at).toISOString() };
}

function details(item: CatalogItem, context: RenderContext): Record<string, unknown> {
  const release = releaseOf(item);
  const { metadata, file, view } = release;
  return {
    id: metadata.id,
    version: fullVersion(metadata),
    verbatimVersion: metadata.verbatimVersion,
    isPrerelease: view.isPrerelease,
    listed: view.isListed,
    created: new Date(view.publishedAt).toISOString(),
    lastEdited: new Date(item.at).toISOString(),
    published: published(release),
    packageContent: packageContent(release, context),
    packageHash: Buffer.from(file.digests.sha512, 'hex').toString('base64'),
    packageHashAlgorithm: 'SHA512',
    packageSize: file.sizeBytes,
    title: metadata.title,
    authors: metadata.authors,
    description: metadata.description,
    summary: metadata.summary,
    releaseNotes: metadata.releaseNotes,
    copyright: metadata.copyright,
    language: metadata.language,
    tags: metadata.tags,
    projectUrl: metadata.projectUrl,
    iconUrl: iconUrl(release, context),
    iconFile: metadata.iconFile,
    licenseExpression: metadata.licenseExpression,
    licenseFile: metadata.licenseFile,
    licenseUrl: licenseUrl(release, context),
    readmeFile: metadata.readmeFile,
    readmeUrl: extractOf(release, 'readme') && urlOf(flatFile(release.id, release.version, 'readme'), context),
    requireLicenseAcceptance: metadata.requireLicenseAcceptance,
    minClientVersion: metadata.minClientVersion,
    developmentDependency: metadata.developmentDependency || undefined,
    packageTypes: metadata.packageTypes.length === 0 ? undefined : metadata.packageTypes,
    repository: metadata.repository,
    dependencyGroups: dependencyGroups(metadata),
    deprecation: view.deprecation === null ? undefined : deprecation(view.deprecation),
    signature: signatureOf(release),
  };
}

function releaseOf({ normalizedName, version }: CatalogItem): Release {
  const [file] = version.files;
  assert.ok(file?.kind === 'nupkg', 'a version is told of with its package file');
  const metadata = version.metadata as NuspecMetadata;
  return { id: normalizedName, version: version.normalizedVersion, view: version, metadata, file, advisories: [] };
}

function dependencyGroups({ dependencyGroups: groups }: NuspecMetadata): Record<string, unknown>[] | undefined {
  if (groups.length === 0) return undefined;
  return groups.map(({ targetFramework, dependencies }) => ({
    '@type': 'PackageDependencyGroup',
    targetFramework,
    dependencies:
      dependencies.length === 0
        ? undefined
        : dependencies.map(({ id, range }) => ({ '@type': 'PackageDependency', id, range })),
  }));
}

function deprecation({ reasons, message, alternatePackage }: NonNullable<CatalogItem['version']['deprecation']>) {
  return {
    '@type': 'PackageDeprecation',
    reasons,
    message: message === '' ? undefined : message,
    alternatePackage: alternatePackage ?? undefined,
  };
}
