/**
 * The tags by which PowerShell's clients find modules and scripts by what is in them. PowerShellGet 2 writes them when it publishes
 * (Publish-PSArtifactUtility.ps1), PSResourceGet does not; so the gallery adds what is absent.
 */
import { distinct } from './data-values.ts';
import type { PowerShellMetadata } from './metadata.ts';

/** @returns the tags of what is declared, in the order in which PowerShellGet writes them, editions after the type */
export function derivedTags(powershell: PowerShellMetadata): string[] {
  const { functions, cmdlets, aliases, workflows } = powershell;
  const editions = powershell.compatiblePSEditions.filter((edition) => /^(?:desktop|core)$/i.test(edition));
  return [
    `PS${powershell.itemType}`,
    ...editions.map((edition) => `PSEdition_${edition}`),
    ...group('Cmdlet', cmdlets),
    ...group('Function', functions),
    ...group('Workflow', workflows),
    ...distinct([...cmdlets, ...functions, ...workflows, ...aliases])
      .filter(isTag)
      .map((name) => `PSCommand_${name}`),
    ...group('DscResource', powershell.dscResources),
    ...group('RoleCapability', powershell.roleCapabilities),
  ];
}

function group(type: string, names: readonly string[]): string[] {
  const found = names.filter(isTag);
  return found.length === 0 ? [] : [`PSIncludes_${type}`, ...found.map((name) => `PS${type}_${name}`)];
}

/** A tag ends at white space, comma and semicolon. */
function isTag(name: string): boolean {
  return /^[^\s,;]+$/.test(name);
}

/**
 * Adds the names that the nuspec's tags tell. PowerShellGet has loaded the module, and so knows what a manifest with `*` exports.
 * @param tags of the nuspec
 */
export function withTaggedNames(powershell: PowerShellMetadata, tags: readonly string[]): PowerShellMetadata {
  const tagged = (type: string, names: readonly string[]): string[] => {
    const start = `ps${type.toLowerCase()}_`;
    const found = tags.filter((tag) => tag.length > start.length && tag.toLowerCase().startsWith(start));
    return distinct([...names, ...found.map((tag) => tag.slice(start.length))]);
  };
  return {
    ...powershell,
    cmdlets: tagged('Cmdlet', powershell.cmdlets),
    functions: tagged('Function', powershell.functions),
    workflows: tagged('Workflow', powershell.workflows),
    dscResources: tagged('DscResource', powershell.dscResources),
    roleCapabilities: tagged('RoleCapability', powershell.roleCapabilities),
  };
}

/** @returns the tags that are there, and of the others those that are not, in any letter case */
export function withTags(present: readonly string[], wanted: readonly string[]): string[] {
  const known = new Set(present.map((tag) => tag.toLowerCase()));
  return [...present, ...distinct(wanted).filter((tag) => !known.has(tag.toLowerCase()))];
}
