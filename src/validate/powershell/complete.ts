/**
 * Completes what the nuspec says by what the module or script itself declares. The nuspec's word stands; only what it lacks is added,
 * so that packages of every publishing client are found alike.
 */
import { normalizePackageId } from '../../identity/nupkg.ts';
import { type NuspecDependencyGroup, type NuspecMetadata, withoutUndefined } from '../nupkg/nuspec.ts';
import type { Declaration } from './declaration.ts';
import type { DeclaredDependency } from './required-modules.ts';
import { derivedTags, withTaggedNames, withTags } from './tags.ts';

/**
 * Puts the two together.
 * @param metadata of the nuspec
 * @param declaration of the module or script
 * @returns the metadata with tags, dependencies and addresses that were lacking, and `powershell`
 */
export function completeMetadata(metadata: NuspecMetadata, declaration: Declaration): NuspecMetadata {
  const powershell = withTaggedNames(declaration.powershell, metadata.tags);
  const dependencies = lackingDependencies(metadata, declaration.dependencies);
  const hasLicense = metadata.licenseExpression !== undefined || metadata.licenseFile !== undefined;
  const licenseUrl = metadata.licenseUrl ?? (hasLicense ? undefined : webAddress(declaration.licenseUri));
  const iconUrl = metadata.iconUrl ?? (metadata.iconFile === undefined ? webAddress(declaration.iconUri) : undefined);
  return withoutUndefined({
    ...metadata,
    isSemVer2: metadata.isSemVer2 || dependencies.some(({ range }) => range.isSemVer2),
    summary: metadata.summary ?? declaration.summary,
    releaseNotes: metadata.releaseNotes ?? declaration.releaseNotes,
    copyright: metadata.copyright ?? declaration.copyright,
    tags: withTags(metadata.tags, [...declaration.tags, ...derivedTags(powershell)]),
    projectUrl: metadata.projectUrl ?? webAddress(declaration.projectUri),
    licenseUrl,
    iconUrl,
    requireLicenseAcceptance: metadata.requireLicenseAcceptance || declaration.requireLicenseAcceptance,
    dependencyGroups: withDependencies(metadata.dependencyGroups, dependencies),
    powershell: withoutUndefined(powershell),
  }) as NuspecMetadata;
}

function lackingDependencies(metadata: NuspecMetadata, declared: readonly DeclaredDependency[]): DeclaredDependency[] {
  const own = normalizePackageId(metadata.id);
  const known = metadata.dependencyGroups.flatMap((group) =>
    group.dependencies.map(({ id }) => normalizePackageId(id)),
  );
  const names = new Set([own, ...known]);
  return declared.filter(({ id }) => !names.has(normalizePackageId(id)));
}

/** To the group for every framework, which is made when there is none. */
function withDependencies(
  groups: readonly NuspecDependencyGroup[],
  added: readonly DeclaredDependency[],
): readonly NuspecDependencyGroup[] {
  if (added.length === 0) return groups;
  const dependencies = added.map(({ id, range }) => ({ id, range: range.normalized }));
  const place = groups.findIndex(({ targetFramework }) => targetFramework === undefined);
  if (place < 0) return [{ dependencies }, ...groups];
  const group = groups[place]!;
  return groups.with(place, { ...group, dependencies: [...group.dependencies, ...dependencies] });
}

/** As the nuspec's own addresses: whole ones of the web, or none, since clients fail on others. */
function webAddress(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text) ? text : undefined;
}
