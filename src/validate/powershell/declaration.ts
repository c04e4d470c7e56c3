/** What a module's manifest or a script's comments declare, before it is held against the nuspec. */
import type { NuGetVersion } from '../../identity/nupkg.ts';
import { isGuid } from './data-casts.ts';
import type { PowerShellMetadata } from './metadata.ts';
import type { DeclaredDependency } from './required-modules.ts';

export interface Declaration {
  /** With its prerelease label. */
  readonly version: NuGetVersion;
  /** Without what only the archive or the nuspec tells. */
  readonly powershell: PowerShellMetadata;
  readonly tags: readonly string[];
  readonly summary?: string | undefined;
  readonly copyright?: string | undefined;
  readonly releaseNotes?: string | undefined;
  readonly licenseUri?: string | undefined;
  readonly projectUri?: string | undefined;
  readonly iconUri?: string | undefined;
  readonly requireLicenseAcceptance: boolean;
  readonly dependencies: readonly DeclaredDependency[];
}

/** @returns a GUID as .NET prints it; undefined when it is none, or all zeros */
export function printedGuid(text: string | undefined): string | undefined {
  if (text === undefined || !isGuid(text)) return undefined;
  const hex = text.replace(/[^0-9a-f]/gi, '').toLowerCase();
  if (/^0+$/.test(hex)) return undefined;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A version of a program that is needed: one to four numbers; anything else says nothing. */
export function printedVersion(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{1,10}(?:\.\d{1,10}){0,3}$/.test(text) ? text : undefined;
}

/** Tags as they stand in one line, apart. */
export function splitTags(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => tag.split(/[\s,;]+/)).filter((tag) => tag !== '');
}
