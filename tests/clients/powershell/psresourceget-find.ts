/** Find-PSResource and the search for dependencies: FindHelper.cs and FindPSResource.cs of PSResourceGet 1.2. */
import {
  type Converted,
  type Dependency,
  fullVersion,
  PowerShellError,
  type PSResource,
  type RepositoryServer,
  type ResourceType,
  testedVersion,
} from './psresource.ts';
import {
  anyVersion,
  isAnyVersion,
  type NuGetVersion,
  parseNuGetVersion,
  parseVersionRange,
  satisfies,
  type VersionRange,
} from './versions.ts';

export interface FindOptions {
  readonly version?: string;
  readonly prerelease?: boolean;
  readonly tag?: readonly string[];
  readonly type?: ResourceType;
  readonly includeDependencies?: boolean;
}

/** What a command wrote: objects, and errors that did not stop it. */
export interface Found {
  readonly resources: PSResource[];
  readonly errors: PowerShellError[];
}

type WantedVersion =
  | { readonly kind: 'none' }
  | { readonly kind: 'exact'; readonly version: NuGetVersion }
  | { readonly kind: 'range'; readonly range: VersionRange };

/** -Version of Find-PSResource (FindPSResource.cs): a version, `*`, or a range; `[1.0]` is a version again. */
function wantedByFind(text: string | undefined): WantedVersion {
  if (text === undefined) return { kind: 'none' };
  const version = parseNuGetVersion(text);
  if (version !== undefined) return { kind: 'exact', version };
  const range = text.trim() === '*' ? anyVersion : parseVersionRange(text);
  if (range === undefined) {
    throw new PowerShellError('Argument for -Version parameter is not in the proper format', 'IncorrectVersionFormat');
  }
  const isOne = range.min !== undefined && range.min.original === range.max?.original;
  return isOne ? { kind: 'exact', version: range.min as NuGetVersion } : { kind: 'range', range };
}

/** One run of FindHelper: it remembers which packages it has given, so that dependencies come once. */
export class Finder {
  readonly #server: RepositoryServer;
  readonly #given = new Map<string, string[]>();
  readonly errors: PowerShellError[] = [];

  constructor(server: RepositoryServer) {
    this.#server = server;
  }

  /** Find-PSResource -Name: each name by itself. */
  async byName(names: readonly string[], options: FindOptions): Promise<PSResource[]> {
    const wanted = wantedByFind(options.version);
    const parents: PSResource[] = [];
    for (const name of names) {
      const resources = await this.#attempt(() => this.#oneName(name, wanted, options));
      for (const resource of resources ?? []) {
        parents.push(resource);
        this.#remember(resource);
      }
    }
    if (!options.includeDependencies) return parents;
    const below: PSResource[] = [];
    for (const parent of parents) {
      const found = await this.dependenciesOf(parent, options.type ?? 'None');
      below.push(...found.filter((one) => one !== null));
    }
    return [...parents, ...below];
  }

  /** Find-PSResource -Tag: -Type is refused for every repository that is not named PSGallery, a name that cannot be registered. */
  async byTag(tags: readonly string[], options: FindOptions): Promise<PSResource[]> {
    if ((options.type ?? 'None') !== 'None') {
      throw new PowerShellError(
        '-Type parameter is only supported with the PowerShellGallery.',
        'ErrorUsingTypeParameter',
      );
    }
    const answers = await this.#attempt(() => this.#server.findTags(tags, options.prerelease ?? false, 'None'));
    return this.#resourcesOf(this.#server.convert(answers ?? []), 'FindTagConvertToPSResourceFailure');
  }

  /** Find-PSResource -CommandName or -DscResourceName: all names must be in one package, which the server has to see to. */
  async byCommand(
    kind: 'Command' | 'DscResource',
    names: readonly string[],
    options: FindOptions,
  ): Promise<PSResource[]> {
    const answers = await this.#attempt(() =>
      this.#server.findCommandOrDscResource(names, options.prerelease ?? false, kind),
    );
    return this.#resourcesOf(this.#server.convert(answers ?? []), 'FindCmdOrDscToPSResourceObjFailure');
  }

  async #oneName(name: string, wanted: WantedVersion, options: FindOptions): Promise<PSResource[]> {
    const { prerelease = false, tag = [], type = 'None' } = options;
    const server = this.#server;
    if (wanted.kind !== 'none' && name.includes('*')) {
      throw new PowerShellError(
        'Name cannot contain or equal wildcard when using specific version.',
        'InvalidWildCardUsage',
      );
    }
    if (wanted.kind === 'range') {
      if (tag.length > 0)
        throw new PowerShellError(
          '-Tag parameter cannot be specified when using version range.',
          'InvalidWildCardUsage',
        );
      const answers = await server.findVersionGlobbing(name, wanted.range, prerelease, type, false);
      const all = this.#resourcesOf(server.convert(answers), 'FindVersionGlobbingConvertToPSResourceFailure');
      return all.filter((resource) => isWithin(wanted.range, resource));
    }
    if (wanted.kind === 'exact')
      return firstOf(server.convert(await server.findVersion(name, wanted.version, tag, type)), name);
    if (name.trim() === '*') {
      const all = this.#resourcesOf(
        server.convert(await server.findAll(prerelease, type), true),
        'FindAllConvertToPSResourceFailure',
      );
      return all.filter((resource) => type === 'None' || resource.type === type);
    }
    if (name.includes('*')) {
      const answers = await server.findNameGlobbing(name, tag, prerelease, type);
      return this.#resourcesOf(server.convert(answers, true), 'FindNameGlobbingConvertToPSResourceFailure');
    }
    return firstOf(server.convert(await server.findName(name, tag, prerelease, type)), name);
  }

  /** FindDependencyPackages: each dependency with what it needs itself, then the package. `null` stands for one that was not found. */
  async dependenciesOf(parent: PSResource, type: ResourceType): Promise<(PSResource | null)[]> {
    const found: (PSResource | null)[] = [];
    for (const dependency of parent.dependencies) {
      const chosen = await this.#attemptDependency(() => this.#chosenFor(dependency, type));
      if (chosen === null) found.push(null);
      else if (chosen !== undefined && !this.#isGiven(chosen)) found.push(...(await this.dependenciesOf(chosen, type)));
    }
    if (!this.#isGiven(parent)) {
      this.#remember(parent);
      found.push(parent);
    }
    return found;
  }

  /** Any version: the newest, prereleases too. A range: the LAST of the first page that is within, which is the lowest. */
  async #chosenFor({ name, range }: Dependency, type: ResourceType): Promise<PSResource | undefined> {
    const server = this.#server;
    if (isAnyVersion(range)) return firstOf(server.convert(await server.findName(name, [], true, type)), name)[0];
    if (range.min !== undefined && range.min.original === range.max?.original) {
      return firstOf(server.convert(await server.findVersion(name, range.min, [], type)), name)[0];
    }
    const answers = await server.findVersionGlobbing(name, range, true, 'None', true);
    if (answers.length === 0) {
      throw new PowerShellError(
        `Dependency package with name ${name} and version range could not be found`,
        'FindDepPackagesFindVersionGlobbingFailure',
      );
    }
    const all = this.#resourcesOf(server.convert(answers), 'DependencyPackageNotFound');
    return all.filter((resource) => isWithin(range, resource)).at(-1);
  }

  /** WriteError: the command goes on. A bug of the client's (a null reference) ends it. */
  async #attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof PowerShellError)) throw error;
      this.errors.push(error);
      return undefined;
    }
  }

  /** Of a dependency that was not found only -Verbose tells; both ways the package is not installed. */
  async #attemptDependency(action: () => Promise<PSResource | undefined>): Promise<PSResource | undefined | null> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof PowerShellError)) throw error;
      if (!error.isNotFound) this.errors.push(error);
      return null;
    }
  }

  #resourcesOf(converted: Iterable<Converted>, errorId: string): PSResource[] {
    const resources: PSResource[] = [];
    for (const one of converted) {
      if ('error' in one) this.errors.push(new PowerShellError(one.error, errorId));
      else resources.push(one.resource);
    }
    return resources;
  }

  #remember(resource: PSResource): void {
    const name = resource.name.toLowerCase();
    this.#given.set(name, [...(this.#given.get(name) ?? []), fullVersion(resource)]);
  }

  #isGiven(resource: PSResource): boolean {
    return this.#given.get(resource.name.toLowerCase())?.includes(fullVersion(resource)) ?? false;
  }
}

/** Only the first of an answer counts, be it a package or an error. */
export function firstOf(converted: Iterable<Converted>, name: string): PSResource[] {
  for (const one of converted) {
    if ('error' in one) throw new PowerShellError(one.error, 'FindNameConvertToPSResourceFailure');
    return [one.resource];
  }
  throw new PowerShellError(`Package with name '${name}' could not be found in repository`, 'PackageNotFound', true);
}

export function isWithin(range: VersionRange, resource: PSResource): boolean {
  const version = testedVersion(resource);
  return version !== undefined && satisfies(range, version);
}
