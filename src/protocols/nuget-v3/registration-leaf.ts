/**
 * One version in a registration, the same for both hives: only those that may see a version lead to it. The `@id` of a `catalogEntry` leads here
 * too, and so it has no `catalogEntry` itself: the NuGet provider of PackageManagement follows one that is text, takes what it finds for the
 * entry, and fails on another text in there (PackageBaseConverter.cs, HasProperty of a string). The protocol leaves it open.
 *
 *   v3/registration/demo.lib/1.0.0.json → {"@id":"…/1.0.0.json","id":"Demo.Lib","version":"1.0.0","listed":true,…}
 */
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import { catalogEntry, packageContent } from './catalog-entry.ts';
import { type Hive, plainHive, registrationIndex, registrationLeaf, semVer2Hive, storedPath, urlOf } from './keys.ts';
import type { Release } from './release.ts';

/** Renders the document of one version. */
export function renderRegistrationLeaf(release: Release, context: RenderContext): Document {
  const address = registrationLeaf(release.id, release.version);
  return {
    type: 'document',
    path: storedPath(address),
    rank: 'leaf',
    version: release.version,
    get text() {
      const hive = release.metadata.isSemVer2 ? semVer2Hive : plainHive;
      return writeJson({
        ...catalogEntry(release, hive, context),
        '@type': ['Package', 'PackageDetails'],
        registration: urlOf(registrationIndex(hive, release.id), context),
      });
    },
  };
}

/**
 * The same version inside a page, where the entry is an object.
 * @param address of the nupkg, where it is not written as usual
 */
export function leafInPage(
  release: Release,
  hive: Hive,
  context: RenderContext,
  address = packageContent(release, context),
): Record<string, unknown> {
  return {
    '@id': urlOf(registrationLeaf(release.id, release.version), context),
    '@type': 'Package',
    catalogEntry: catalogEntry(release, hive, context),
    packageContent: address,
    registration: urlOf(registrationIndex(hive, release.id), context),
  };
}
