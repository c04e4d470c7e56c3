/**
 * What registrations tell of one version. Fields that a version does not have are left out, so that no client meets an empty
 * address. `isPrerelease`, `releaseNotes` and `copyright` are not of the protocol: PSResourceGet reads them. Nor is `signature`, which is for people.
 */

import type { RenderContext } from '../../documents/output.ts';
import type { AdvisoryView, Deprecation } from '../../documents/package-view.ts';
import { normalizePackageId } from '../../identity/nupkg.ts';
import { fullVersion, type NuspecDependencyGroup } from '../../validate/nupkg/nuspec.ts';
import { flatFile, type Hive, registrationIndex, registrationLeaf, urlOf } from './keys.ts';
import { extractOf, type Release, signatureOf } from './release.ts';

/** What clients that know no `listed` take for unlisted: a year before 1901. */
const unlistedPublished = '1900-01-01T00:00:00+00:00';

/** Makes the `catalogEntry` of a registration (protocol page registration-base-url-resource, "Catalog entry"). */
export function catalogEntry(release: Release, hive: Hive, context: RenderContext): Record<string, unknown> {
  const { metadata, view } = release;
  const address = urlOf(registrationLeaf(release.id, release.version), context);
  return {
    '@id': address,
    '@type': 'PackageDetails',
    ...entryFields(release, hive, context),
    deprecation: view.deprecation === null ? undefined : deprecationEntry(view.deprecation, address),
    vulnerabilities: vulnerabilityEntries(release.advisories, address),
    listed: view.isListed,
    packageContent: packageContent(release, context),
    published: published(release),
    isPrerelease: view.isPrerelease,
    releaseNotes: metadata.releaseNotes,
    copyright: metadata.copyright,
    signature: signatureOf(release),
  };
}

function entryFields(release: Release, hive: Hive, context: RenderContext): Record<string, unknown> {
  const { metadata } = release;
  return {
    id: metadata.id,
    version: fullVersion(metadata),
    title: metadata.title,
    authors: metadata.authors,
    description: metadata.description,
    summary: metadata.summary,
    language: metadata.language,
    tags: metadata.tags,
    projectUrl: metadata.projectUrl,
    iconUrl: iconUrl(release, context),
    licenseExpression: metadata.licenseExpression,
    licenseUrl: licenseUrl(release, context),
    readmeUrl: extractOf(release, 'readme') && urlOf(flatFile(release.id, release.version, 'readme'), context),
    requireLicenseAcceptance: metadata.requireLicenseAcceptance,
    minClientVersion: metadata.minClientVersion,
    dependencyGroups: dependencyGroups(metadata.dependencyGroups, hive, context),
  };
}

/** With the names that the public gallery gives to the parts; an alternative for any version has the range `*`. */
function deprecationEntry({ reasons, message, alternatePackage }: Deprecation, address: string): object {
  return {
    '@id': `${address}#deprecation`,
    '@type': 'deprecation',
    alternatePackage:
      alternatePackage === null
        ? undefined
        : {
            '@id': `${address}#deprecation/alternatePackage`,
            '@type': 'alternatePackage',
            ...alternatePackage,
          },
    message: message || undefined,
    reasons,
  };
}

/** The severity is text here, and a number everywhere else in the protocol. */
function vulnerabilityEntries(advisories: readonly AdvisoryView[], address: string): object[] | undefined {
  if (advisories.length === 0) return undefined;
  return advisories.map(({ advisory, severity, url }) => ({
    '@id': `${address}#vulnerability/${advisory}`,
    '@type': 'Vulnerability',
    advisoryUrl: url,
    severity: String(severity),
  }));
}

/**
 * The download address. PSResourceGet 1.2 installs from the first one that contains the version in the author's letter case,
 * and the address itself is in lower case: the author's spelling then stands behind `#`, which no client sends.
 */
export function packageContent(release: Release, context: RenderContext): string {
  const url = urlOf(flatFile(release.id, release.version, 'nupkg'), context);
  const { normalizedVersion } = release.metadata;
  return normalizedVersion === release.version ? url : `${url}#${normalizedVersion}`;
}

/** @returns when the version was published, as ISO 8601 with an offset; a time in 1900 when it is unlisted. */
export function published(release: Release): string {
  if (!release.view.isListed) return unlistedPublished;
  return new Date(release.view.publishedAt).toISOString().replace('Z', '+00:00');
}

export function iconUrl(release: Release, context: RenderContext): string | undefined {
  const icon = extractOf(release, 'icon');
  if (icon === undefined) return release.metadata.iconUrl;
  const file = icon.contentType === 'image/jpeg' ? 'icon.jpg' : 'icon';
  return urlOf(flatFile(release.id, release.version, file), context);
}

/** An embedded licence is served here. For an expression, packing tools write the address of its text, which then stays. */
export function licenseUrl(release: Release, context: RenderContext): string | undefined {
  if (extractOf(release, 'license') !== undefined) {
    return urlOf(flatFile(release.id, release.version, 'license'), context);
  }
  return release.metadata.licenseUrl;
}

function dependencyGroups(
  groups: readonly NuspecDependencyGroup[],
  hive: Hive,
  context: RenderContext,
): Record<string, unknown>[] | undefined {
  if (groups.length === 0) return undefined;
  return groups.map(({ targetFramework, dependencies }) => ({
    '@type': 'PackageDependencyGroup',
    targetFramework,
    dependencies:
      dependencies.length === 0
        ? undefined
        : dependencies.map(({ id, range }) => ({
            '@type': 'PackageDependency',
            id,
            range,
            registration: urlOf(registrationIndex(hive, normalizePackageId(id)), context),
          })),
  }));
}
