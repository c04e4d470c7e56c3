/** What PowerShellGet 2.2.5 makes of a package of the NuGet provider: private/functions/New-PSGetItemInfo.ps1, and its filter after a search by name. */
import { isLike } from './nuget-provider.ts';
import type { ProviderPackage } from './nuget-provider-entry.ts';
import type { DependencyVersion } from './nuget-provider-version.ts';

export type ItemType = 'Module' | 'Script';

/** PSRepositoryItemInfo. */
export interface PSItem {
  readonly name: string;
  readonly version: string;
  /** `Module`, `Script`, or whatever ItemType says. */
  readonly type: string;
  readonly author: string;
  readonly companyName: string;
  readonly description: string;
  /** Tags of the user's: those that clients make are taken out. */
  readonly tags: readonly string[];
  readonly includes: Readonly<Record<IncludeKind, readonly string[]>>;
  readonly dependencies: readonly { readonly name: string; readonly version: DependencyVersion }[];
  readonly additionalMetadata: ReadonlyMap<string, string>;
  readonly package: ProviderPackage;
}

export const includeKinds = ['DscResource', 'Command', 'Cmdlet', 'Function', 'Workflow', 'RoleCapability'] as const;
export type IncludeKind = (typeof includeKinds)[number];

/** Properties of the public gallery, as its entries name them. */
const properties: readonly (readonly [IncludeKind, string])[] = [
  ['DscResource', 'DscResources'],
  ['RoleCapability', 'RoleCapabilities'],
  ['Cmdlet', 'Cmdlets'],
  ['Function', 'Functions'],
  ['Workflow', 'Workflows'],
];

/** @param addressType what the address stands for, when the package does not say */
export function itemOf(found: ProviderPackage, addressType: ItemType): PSItem {
  const includes: Record<IncludeKind, string[]> = {
    DscResource: [],
    Command: [],
    Cmdlet: [],
    Function: [],
    Workflow: [],
    RoleCapability: [],
  };
  for (const [kind, property] of properties) includes[kind].push(...words(found.additional.get(property)));
  includes.Command.push(...includes.Cmdlet, ...includes.Function, ...includes.Workflow);
  const tags: string[] = [];
  for (const tag of words(found.tags)) {
    const kind = includeKinds.find((one) => tag.toLowerCase().startsWith(`ps${one.toLowerCase()}_`));
    if (kind !== undefined) includes[kind].push(tag.slice(tag.indexOf('_') + 1));
    else if (!/^(psincludes|powershellgetformatversion)_/i.test(tag)) tags.push(tag);
  }
  const has = (tag: string) => tags.some((one) => one.toLowerCase() === tag.toLowerCase());
  return {
    name: found.id,
    version: found.version.original,
    type: found.additional.get('ItemType') ?? (has('PSModule') ? 'Module' : has('PSScript') ? 'Script' : addressType),
    author: found.authors.join(','),
    companyName: found.owners.join(','),
    description: found.description,
    tags,
    includes,
    dependencies: found.dependencies.map(({ id, version }) => ({ name: id, version })),
    additionalMetadata: found.additional,
    package: found,
  };
}

/** `-split ' '`: by single blanks, empty pieces dropped. */
function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter((word) => word.trim() !== '');
}

export interface NameFilter {
  readonly includes?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly dscResource?: readonly string[] | undefined;
  readonly roleCapability?: readonly string[] | undefined;
}

/** Find-Package.ps1: with -Name nothing of this goes to the server; the property counts where it is, else the tags. */
export function passes(found: ProviderPackage, filter: NameFilter): boolean {
  const namesOf = (kind: IncludeKind) => {
    const property = properties.find(([one]) => one === kind)?.[1] ?? '';
    const given = words(found.additional.get(property));
    const prefix = `ps${kind}_`.toLowerCase();
    const tags = words(found.tags).filter((tag) => tag.toLowerCase().startsWith(prefix));
    return found.additional.has(property) ? given : tags.map((tag) => tag.slice(prefix.length));
  };
  const matches = (names: readonly string[], patterns: readonly string[] | undefined) =>
    patterns === undefined || patterns.some((pattern) => names.some((name) => isLike(name, pattern)));
  const commands = [...namesOf('Function'), ...namesOf('Cmdlet'), ...namesOf('Workflow')];
  return (
    matches(namesOf('DscResource'), filter.dscResource) &&
    matches(namesOf('RoleCapability'), filter.roleCapability) &&
    matches(commands, filter.command) &&
    (filter.includes === undefined || filter.includes.some((kind) => namesOf(kind as IncludeKind).length > 0))
  );
}

/** The tags that one search is made for each: every combination of what was given (Find-Package.ps1, $providerSearchTags). */
export function searchTags(filter: NameFilter & { readonly tag?: readonly string[] | undefined }): string[][] {
  const prefixed = (prefix: string, names: readonly string[] | undefined) =>
    names?.map((name) => `PS${prefix}_${name}`);
  const hasCommand = filter.command !== undefined;
  const kinds = filter.includes?.filter(
    (kind) =>
      !(kind === 'DscResource' && filter.dscResource) &&
      !(kind === 'RoleCapability' && filter.roleCapability) &&
      !(hasCommand && ['Cmdlet', 'Function', 'Workflow'].includes(kind)),
  );
  const dimensions = [
    prefixed('DscResource', filter.dscResource),
    prefixed('RoleCapability', filter.roleCapability),
    prefixed('Command', filter.command),
    prefixed('Includes', kinds?.length === 0 ? undefined : kinds),
    filter.tag,
  ];
  let combinations: string[][] = [[]];
  for (const dimension of dimensions) {
    if (dimension === undefined) continue;
    combinations = combinations.flatMap((tags) => dimension.map((tag) => [...tags, tag]));
  }
  return combinations;
}
