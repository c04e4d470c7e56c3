/**
 * NuGet v3: a service index, lists of versions with their files at fixed addresses, and registrations. README.md in this folder
 * tells which client reads what.
 */
import type { Output, RenderContext } from '../../documents/output.ts';
import type { PackageView } from '../../documents/package-view.ts';
import type { KnownAdvisories, Protocol } from '../protocol.ts';
import { catalog } from './catalog.ts';
import { linkFlatFiles, renderFlatIndex } from './flat-index.ts';
import { hives } from './keys.ts';
import { renderRegistration } from './registration-index.ts';
import { renderRegistrationLeaf } from './registration-leaf.ts';
import { releasesOf } from './release.ts';
import { routeNugetV3 } from './route.ts';
import { renderServiceIndex } from './service-index.ts';
import { linkSymbols } from './symbols.ts';
import { renderVulnerabilities } from './vulnerabilities.ts';

export const nugetV3: Protocol = {
  name: 'nuget-v3',
  ecosystem: 'nupkg',
  render(view: PackageView, context: RenderContext): Output[] {
    const releases = view.status === 'quarantined' ? [] : releasesOf(view);
    if (releases.length === 0) return [];
    return [
      ...releases.flatMap(linkFlatFiles),
      ...releases.map((release) => renderRegistrationLeaf(release, context)),
      ...linkSymbols(releases),
      ...hives.flatMap((hive) => renderRegistration(releases, hive, context)),
      renderFlatIndex(view.normalizedName, releases),
    ];
  },
  renderFeed(context: RenderContext, known: KnownAdvisories): Output[] {
    return [renderServiceIndex(context, known.list.length > 0), ...renderVulnerabilities(known, context)];
  },
  catalog,
  route: routeNugetV3,
};
