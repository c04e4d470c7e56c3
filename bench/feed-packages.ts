/**
 * Packages as a gallery with PowerShell modules has them, as search keeps them: a third are modules and scripts, whose tags name
 * each command and function they have. Most have few, some very many. They go into the search file directly, which takes half a
 * minute for a hundred thousand; to publish as many takes an hour.
 */
import { createHash } from 'node:crypto';
import { parseNuGetVersion } from '../src/identity/nupkg.ts';
import type { EntryDocument, SearchedPackage, SearchKind } from '../src/search/entries.ts';
import { generatedPackage } from './generate.ts';
import { between, type Chance, capitalised, chance, drawWord, drawWords, wordAt } from './words.ts';

const seed = 3;
const moduleShare = 0.28;
const scriptShare = 0.05;
/** Share of packages whose newest version is a prerelease. */
const prereleaseShare = 0.15;
const publishedAt = Date.UTC(2024, 0, 1);
const dayMs = 86_400_000;

const verbs =
  `Get Set New Remove Add Test Start Stop Invoke Import Export Update Enable Disable Install Uninstall Find Connect
  Disconnect Convert ConvertTo ConvertFrom Register Unregister Clear Copy Move Show Write Read`.split(/\s+/);

export interface FeedPackage {
  readonly id: string;
  readonly kind: SearchKind;
  readonly commands: readonly string[];
  readonly tags: readonly string[];
}

/** @param number from 0; no two numbers have the same id */
export function feedPackage(number: number): FeedPackage {
  const draw = chance(seed * 1_000_003 + number);
  const share = draw();
  const kind = share < moduleShare ? 1 : share < moduleShare + scriptShare ? 2 : 0;
  const prefix = capitalised(wordAt(900 + (number % 400)));
  const thing = capitalised(wordAt(5 + Math.floor(number / 400)));
  const own = Array.from({ length: between(draw, 0, 6) }, () => drawWord(draw));
  if (kind === 0) {
    return { id: `${prefix}.${thing}.${capitalised(wordAt(number % 997))}`, kind, commands: [], tags: own };
  }
  const id = kind === 1 && draw() < 0.2 ? `Az.${prefix}.${thing}` : `${prefix}${thing}${kind === 2 ? 'Get' : ''}`;
  const commands = Array.from({ length: commandsOf(draw, kind) }, () => commandOf(draw, prefix));
  return { id, kind, commands: [...new Set(commands)], tags: [...own, ...derivedTags(draw, kind, commands)] };
}

/** One in a hundred modules has hundreds of commands. */
function commandsOf(draw: Chance, kind: SearchKind): number {
  if (kind === 2) return 0;
  const share = draw();
  return share > 0.99 ? between(draw, 200, 1_200) : share > 0.8 ? between(draw, 20, 80) : between(draw, 1, 15);
}

function commandOf(draw: Chance, prefix: string): string {
  const verb = verbs[Math.floor(verbs.length * draw() ** 2)]!;
  return `${verb}-${draw() < 0.6 ? prefix.slice(0, 4) : ''}${capitalised(drawWord(draw))}${draw() < 0.5 ? capitalised(drawWord(draw)) : ''}`;
}

/** As packing tools write them. */
function derivedTags(draw: Chance, kind: SearchKind, commands: readonly string[]): string[] {
  if (kind === 2) return ['PSScript'];
  const type = draw() < 0.8 ? 'Function' : 'Cmdlet';
  const editions = draw() < 0.4 ? ['PSEdition_Desktop', 'PSEdition_Core'] : [];
  const named = commands.flatMap((name) => [`PS${type}_${name}`, `PSCommand_${name}`]);
  return [...new Set(['PSModule', ...editions, ...named, `PSIncludes_${type}`])];
}

/** What search keeps of it. */
export function searchedFeedPackage(number: number): SearchedPackage {
  const made = feedPackage(number);
  const draw = chance(seed * 7_000_003 + number);
  const texts = generatedPackage(seed, number);
  const releases = texts.versions.map((_, at) => `1.${at}.0`);
  const isPrereleaseNewest = draw() < prereleaseShare;
  const versions = isPrereleaseNewest ? [...releases, `1.${releases.length}.0-beta`] : releases;
  const description = `${capitalised(drawWords(draw, between(draw, 8, 60)))}.`;
  const entryOf = (position: number, filters: number) => {
    const version = versions[position]!;
    const about = { id: made.id, version, authors: texts.author, description };
    const document: EntryDocument = {
      ...about,
      lowerVersion: version,
      tags: made.tags,
      projectUrl: `https://example.org/${made.id.toLowerCase()}`,
      hasLicenseFile: false,
      packageTypes: ['Dependency'],
      owners: [wordAt(900 + (number % 400))],
    };
    const hash = createHash('sha512').update(`${made.id} ${version}`).digest('base64');
    const feedEntry = JSON.stringify({
      ...about,
      normalizedVersion: version,
      isPrerelease: version.includes('-'),
      isSemVer2: false,
      isListed: true,
      createdAt: publishedAt + (number % 700) * dayMs,
      tags: made.tags.join(' '),
      dependencies: '',
      requireLicenseAcceptance: false,
      developmentDependency: false,
      projectUrl: document.projectUrl,
      hasLicenseFile: false,
      packageHash: hash,
      packageSize: 20_000 + number,
      ...(made.kind === 0
        ? {}
        : {
            powershell: {
              itemType: made.kind === 1 ? 'Module' : 'Script',
              cmdlets: '',
              functions: made.commands.join(' '),
              fileList: '',
            },
          }),
    });
    return { filters, position, document, feedEntry };
  };
  const last = releases.length - 1;
  return {
    packageId: BigInt(number + 1),
    feed: 'main',
    normalizedId: made.id.toLowerCase(),
    serial: BigInt(number + 1),
    versions: versions.map((version) => ({
      version,
      lower: version,
      needs: version.includes('-') ? 1 : 0,
      sortKey: parseNuGetVersion(version)!.sortKey,
      createdAt: publishedAt + (number % 700) * dayMs,
      kind: made.kind,
    })),
    entries: isPrereleaseNewest ? [entryOf(last, 0b0101), entryOf(last + 1, 0b1010)] : [entryOf(last, 15)],
  };
}
