/**
 * The version of a module or script: numbers as .NET has them, and a prerelease label as PowerShell's clients take it
 * (ValidateAndGet-VersionPrereleaseStrings of PowerShellGet 2): ASCII letters and digits, only behind three numbers.
 */
import { type NuGetVersion, parseNuGetVersion } from '../../identity/nupkg.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';

/**
 * Puts version and label together.
 * @param numbers such as `1.2.3`
 * @param prerelease the label, with or without a hyphen before it; empty for none
 * @param filename for the sentences
 * @returns the version; or `version-invalid`
 */
export function readPackageVersion(numbers: string, prerelease: string, filename: string): NuGetVersion | Refusal {
  const label = prerelease.trim().replace(/^-/, '').trim();
  const where = `${shownName(filename)} has the`;
  const shown = shownName(numbers);
  if (!/^\d{1,10}(?:\.\d{1,10}){0,3}$/.test(numbers)) {
    return refuse('version-invalid', `${where} version ${shown}; PowerShell takes two to four numbers, such as 1.2.3.`);
  }
  if (label !== '' && !/^[A-Za-z0-9]+$/.test(label)) {
    const rule = 'PowerShell takes letters from a to z and digits only, such as beta1';
    return refuse('version-invalid', `${where} prerelease label ${shownName(label)}; ${rule}.`);
  }
  if (label !== '' && numbers.split('.').length !== 3) {
    const rule = 'with a prerelease label PowerShell takes exactly three numbers';
    return refuse('version-invalid', `${where} version ${shown} and the label ${shownName(label)}; ${rule}.`);
  }
  const version = parseNuGetVersion(label === '' ? numbers : `${numbers}-${label}`);
  return version ?? refuse('version-invalid', `${where} version ${shown}, which is not one that NuGet takes.`);
}
