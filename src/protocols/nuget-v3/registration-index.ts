/**
 * All that a hive tells of a package: search, `dotnet add package`, `dotnet tool install` and PSResourceGet read it. Below 128
 * versions everything stands in the index itself; from there on it leads to pages.
 *
 *   v3/registration/demo.lib/index.json → {"@id":"…","count":1,"items":[{"@id":"…#page/1.0.0/1.1.0","count":2,"items":[…]}]}
 */
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import { installOrder } from './install-order.ts';
import { type Hive, pagedFromVersions, registrationIndex, storedPath, urlOf } from './keys.ts';
import { inlinePage, type PageTexts, pageReference, pagesOf, renderRegistrationPage } from './registration-page.ts';
import type { Release } from './release.ts';

/**
 * Renders the index of a package in one hive, and its pages.
 * @param releases of the package, ascending
 * @returns nothing when the hive may show none of them: such a package does not exist for its clients
 */
export function renderRegistration(all: readonly Release[], hive: Hive, context: RenderContext): Document[] {
  const releases = all.filter((release) => hive.hasSemVer2 || !release.metadata.isSemVer2);
  const [first] = releases;
  if (first === undefined) return [];
  const pages = pagesOf(releases);
  const isPaged = releases.length >= pagedFromVersions;
  return [
    ...(isPaged ? renderPages(pages, hive, context) : []),
    renderRegistrationIndex(first.id, pages, isPaged, hive, context),
  ];
}

/**
 * A version that is new, or that changed, behind a page leaves the page as it is. One that is gone may have stood before it; and what was
 * not paged before the change has no pages yet.
 */
function renderPages(pages: readonly Release[][], hive: Hive, context: RenderContext): Document[] {
  const pageOf = new Map(pages.flatMap((page, number) => page.map(({ version }) => [version, number] as const)));
  return pages.map((page, number) => {
    const isUntouchedBy = (versions: ReadonlySet<string>) =>
      pageOf.size - versions.size >= pagedFromVersions &&
      versions.values().every((version) => (pageOf.get(version) ?? -1) > number);
    return renderRegistrationPage(page, number, isUntouchedBy, hive, context);
  });
}

function renderRegistrationIndex(
  id: string,
  pages: readonly Release[][],
  isPaged: boolean,
  hive: Hive,
  context: RenderContext,
): Document {
  const address = registrationIndex(hive, id);
  const textsOf = isPaged || !hive.hasSemVer2 ? () => ({}) : pageTexts(pages, context);
  const index = {
    '@id': urlOf(address, context),
    '@type': ['catalog:CatalogRoot', 'PackageRegistration', 'catalog:Permalink'],
    count: pages.length,
    items: pages.map((page, number) =>
      isPaged ? pageReference(page, number, hive, context) : inlinePage(page, hive, context, textsOf(number)),
    ),
  };
  return { type: 'document', path: storedPath(address), rank: 'index', text: writeJson(index) };
}

/** PSResourceGet reads the newer hive, and needs the order of all versions at once; pages of their own must not depend on each other. */
function pageTexts(pages: readonly Release[][], context: RenderContext): (page: number) => PageTexts {
  const releases = pages.flat();
  const { addresses, upper } = installOrder(releases, context);
  const addressOf = (release: Release) => addresses[releases.indexOf(release)];
  return (page) => ({ addressOf, upper: page === pages.length - 1 ? upper : undefined });
}
