/**
 * Download addresses in an order in which PSResourceGet takes the right one. It goes through the addresses of a registration and installs from
 * the first that contains the wanted version as text, so that 1.0.1 may become 1.0.10, and 1.0.0 its own beta. No address can prevent
 * that, since 1.0.10 has to contain itself. But the client lets two texts decide whether it begins at the oldest or at the newest version: it
 * begins at the newest unless the first address contains `upper` of the last page (V3ServerAPICalls.cs, IsLatestVersionFirstForInstall, 1.0 to 1.2).
 *
 * So: an upper bound that no address contains makes it begin at the newest, and one that the first address has behind `#` makes it begin at
 * the oldest. Both spellings are the same version to NuGet. What is right as it is stays as it is.
 */
import type { RenderContext } from '../../documents/output.ts';
import { packageContent } from './catalog-entry.ts';
import type { Release } from './release.ts';

export interface InstallOrder {
  /** One for each release, in the same order. */
  readonly addresses: readonly string[];
  /** `upper` of the last page. */
  readonly upper: string;
}

/**
 * Finds texts by which each version leads to itself.
 * @param releases of a registration whose pages stand in the index, ascending; at least one
 * @returns the plain texts when they do, and also when nothing helps
 */
export function installOrder(releases: readonly Release[], context: RenderContext): InstallOrder {
  const addresses = releases.map((release) => packageContent(release, context));
  const wanted = releases.map(({ metadata }) => metadata.normalizedVersion);
  const highest = releases.at(-1)?.version ?? '';
  const plain = { addresses, upper: highest };
  const newestFirst = { addresses, upper: `${highest}+0` };
  const oldestFirst = startingAtOldest(addresses, highest);
  const right = [plain, newestFirst, oldestFirst].find((order) => wronglyTaken(order, wanted).size === 0);
  if (right !== undefined) return right;
  const [better] = [newestFirst, oldestFirst]
    .map((order) => withoutWrong(order, releases, wanted))
    .filter((order) => order !== undefined)
    .sort((one, other) => one.loss - other.loss);
  return better ?? plain;
}

/** A zero before the second number: `11.00.0` contains no version that is written as versions are. */
function startingAtOldest(addresses: readonly string[], highest: string): InstallOrder {
  const upper = highest.replace('.', '.0');
  const [oldest = '', ...others] = addresses;
  return { addresses: [`${oldest}${oldest.includes('#') ? ',' : '#'}${upper}`, ...others], upper };
}

/** @returns the places of addresses that a version other than their own leads to */
function wronglyTaken({ addresses, upper }: InstallOrder, wanted: readonly string[]): Set<number> {
  const places = addresses.map((_, place) => place);
  if (addresses.length > 1 && !addresses[0]?.includes(upper)) places.reverse();
  const wrong = new Set<number>();
  for (const [own, version] of wanted.entries()) {
    const taken = places.find((place) => addresses[place]?.includes(version));
    if (taken !== undefined && taken !== own) wrong.add(taken);
  }
  return wrong;
}

/** How much worse it is to hide a stable version than a prerelease: a registration that stands in its index has fewer versions. */
const lossOfStable = 1000;

/**
 * Where both directions go wrong, versions that are in the way get addresses that contain no version: the client then says "not found"
 * rather than to install one in place of another. Mostly these are prereleases of a version that is out by now. Whoever opens such an address
 * gets the file as before.
 * @returns undefined when even that does not help, because the id itself contains a version
 */
function withoutWrong(order: InstallOrder, releases: readonly Release[], wanted: readonly string[]) {
  const hidden = new Set<number>();
  for (let round = 0; round <= releases.length; round += 1) {
    const addresses = order.addresses.map((address, place) =>
      hidden.has(place) ? withoutVersion(address, releases[place]?.version ?? '', order.upper) : address,
    );
    const wrong = wronglyTaken({ addresses, upper: order.upper }, wanted);
    if (wrong.size === 0) return { addresses, upper: order.upper, loss: lossOf(hidden, releases) };
    for (const place of wrong) hidden.add(place);
  }
  return undefined;
}

function lossOf(hidden: ReadonlySet<number>, releases: readonly Release[]): number {
  return hidden.values().reduce((loss, place) => loss + (releases[place]?.view.isPrerelease ? 1 : lossOfStable), 0);
}

function withoutVersion(address: string, version: string, upper: string): string {
  const [path = '', fragment = ''] = address.split('#');
  const plain = path.replaceAll(version, version.replaceAll('.', '%2E'));
  return fragment.includes(upper) ? `${plain}#${upper}` : plain;
}
