/**
 * What search tells of a package (protocol page search-query-service-resource): the metadata of its newest version that the
 * asker sees, and the versions that it sees, each with the address of its leaf.
 *
 *   {"totalHits":1,"data":[{"id":"Demo.Lib","version":"1.1.0","versions":[{"version":"1.1.0","downloads":0,"@id":"…"}],…}]}
 */
import type { RenderContext } from '../../documents/output.ts';
import type { Hit } from '../../search/ask.ts';
import { flatFile, plainHive, registrationIndex, registrationLeaf, semVer2Hive, urlOf } from './keys.ts';

/** Makes one item of `data`. @param hasSemVer2 whether the asker knows SemVer 2, and so may follow addresses that show it */
export function searchItem(hit: Hit, hasSemVer2: boolean, context: RenderContext): Record<string, unknown> {
  const { document, normalizedId, downloads } = hit;
  const hive = hasSemVer2 ? semVer2Hive : plainHive;
  const registration = urlOf(registrationIndex(hive, normalizedId), context);
  return {
    '@id': registration,
    '@type': 'Package',
    registration,
    id: document.id,
    version: document.version,
    title: document.title ?? document.id,
    description: document.description,
    summary: document.summary ?? '',
    tags: document.tags,
    authors: [document.authors],
    owners: document.owners,
    projectUrl: document.projectUrl,
    iconUrl: embedded(hit, document.iconFile, context) ?? document.iconUrl,
    licenseUrl: embedded(hit, document.hasLicenseFile ? 'license' : undefined, context) ?? document.licenseUrl,
    totalDownloads: downloads,
    verified: false,
    packageTypes: document.packageTypes.map((name) => ({ name })),
    versions: versionsOf(hit, context),
    deprecation: deprecationOf(hit),
    vulnerabilities: document.vulnerabilities ?? [],
  };
}

/** As in registrations, without the names of its parts. */
function deprecationOf({ document: { deprecation } }: Hit): object | undefined {
  if (deprecation === undefined) return undefined;
  const { reasons, message, alternatePackage } = deprecation;
  return { reasons, message: message || undefined, alternatePackage: alternatePackage ?? undefined };
}

function versionsOf(hit: Hit, context: RenderContext): Record<string, unknown>[] {
  return hit.versions.map(({ version, lower }) => ({
    version,
    // Of single versions, once they are counted; the package's own number is in `totalDownloads`.
    downloads: 0,
    '@id': urlOf(registrationLeaf(hit.normalizedId, lower), context),
  }));
}

function embedded(
  hit: Hit,
  file: 'icon' | 'icon.jpg' | 'license' | undefined,
  context: RenderContext,
): string | undefined {
  return file && urlOf(flatFile(hit.normalizedId, hit.document.lowerVersion, file), context);
}
