/**
 * Every address of the v2 protocol inside a feed, and the one path where what it needs of a package is stored. The same protocol
 * stands at several roots, which differ in what they show.
 */

/** Which kinds of packages an address shows. */
export type Population = 'all' | 'powershell' | 'no-scripts' | 'modules' | 'scripts';

/** An address that users give to their client as the source. */
export interface Root {
  /** Inside the feed, without slashes at its ends. */
  readonly address: string;
  readonly population: Population;
  /** Takes PowerShell modules and scripts only. */
  readonly isForPowerShell: boolean;
}

/** What PSResourceGet looks for in an address before it asks for scripts, or for a tag and a type at once. */
const aliasForPSResourceGet = 'powershellgallery.com/api/v2';

/** Longest first, since one ends with another. */
export const roots: readonly Root[] = [
  { address: aliasForPSResourceGet, population: 'powershell', isForPowerShell: true },
  { address: 'powershell/api/v2', population: 'powershell', isForPowerShell: true },
  { address: 'api/v2', population: 'all', isForPowerShell: false },
  // The address of NuGet.Server, by which PSResourceGet knows that dialect.
  { address: 'nuget', population: 'all', isForPowerShell: false },
];

/** Below a root: the same again, with scripts only. PowerShellGet 2 looks for scripts here. */
export const scriptsFolder = 'items/psscript';

/** What PowerShellGet 2 says with each of its requests. */
export const powershellGetHeader = 'psgalleryclientversion';

/** @returns the path of the document that holds every version of a package; the id is normalised */
export function feedDocument(id: string): string {
  return `v2/${id}/versions.json`;
}

/** Where an address of ours stands, and what it names below. */
export interface Place {
  /** With the scripts' folder, where the address has it. */
  readonly base: string;
  readonly population: Population;
  /**
   * What is shown of a package that is asked for by name. Below the scripts' folder Install-Script looks for the modules that a script needs,
   * and then sends no `PSGalleryClientVersion` (PowerShellGet 2.2.5, Install-PackageUtility.ps1).
   */
  readonly populationByName: Population;
  /** Whether PSResourceGet takes the address for that of the PowerShell Gallery. */
  readonly isAlias: boolean;
  /** What stands behind the base, without the slash; empty for the base itself. */
  readonly rest: string;
}

/**
 * @param path decoded, inside the feed
 * @param isPowerShellGet whether PowerShellGet 2 asks: it takes whatever stands outside of the scripts' folder for a module
 * @returns undefined when the address is none of this protocol
 */
export function placeOf(path: string, isPowerShellGet: boolean): Place | undefined {
  for (const { address, population } of roots) {
    const rest = below(path, address);
    if (rest === undefined) continue;
    const isAlias = address === aliasForPSResourceGet;
    const ofScripts = below(rest, scriptsFolder);
    if (ofScripts !== undefined) {
      const populationByName = isPowerShellGet ? 'scripts' : population;
      const base = `${address}/${scriptsFolder}`;
      return { base, population: 'scripts', populationByName, isAlias, rest: ofScripts };
    }
    const shown = isPowerShellGet ? withoutScripts(population) : population;
    return { base: address, population: shown, populationByName: shown, isAlias, rest };
  }
  return undefined;
}

function below(path: string, folder: string): string | undefined {
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

function withoutScripts(population: Population): Population {
  return population === 'powershell' ? 'modules' : 'no-scripts';
}

/** Where clients push that were given one of the roots: its own address, or the one below it. */
export interface PushAddress {
  /** Inside the feed, without slashes at its ends. */
  readonly address: string;
  readonly isForPowerShell: boolean;
}

export const nugetV2PushAddresses: readonly PushAddress[] = roots.flatMap(({ address, isForPowerShell }) =>
  [address, `${address}/package`].map((one) => ({ address: one, isForPowerShell })),
);
