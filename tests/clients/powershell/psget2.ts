/**
 * PowerShellGet 2.2.5 as somebody types it, for tests without PowerShell: its commands, driven by the rules of its source (tag 2.2.5.1 of
 * PowerShell/PowerShellGetv2) and of the NuGet provider below it. An error that is written is thrown. Where the client hides why it found
 * nothing, the reason is told all the same.
 */
import { ask } from '../runners/publish.ts';
import { type Credential, failureOf } from './dotnet-http.ts';
import { isHashRight, isLike, NuGetProvider, type ProviderFind, typedVersion } from './nuget-provider.ts';
import type { ProviderPackage } from './nuget-provider-entry.ts';
import { compareSemantic, isWithinBounds, semanticVersion } from './nuget-provider-version.ts';
import { type ItemType, itemOf, type NameFilter, type PSItem, passes, searchTags } from './psget2-item.ts';
import { type PSRepository, register } from './psget2-register.ts';
import { PowerShellError } from './psresource.ts';
import { identityIn, unzip } from './unzip.ts';

export interface FindOptions extends NameFilter {
  readonly requiredVersion?: string;
  readonly minimumVersion?: string;
  readonly maximumVersion?: string;
  readonly allVersions?: boolean;
  readonly allowPrerelease?: boolean;
  readonly tag?: readonly string[];
  readonly filter?: string;
}

export interface InstalledItem {
  readonly name: string;
  readonly version: string;
  /** A script is one file `{name}.ps1` and nothing else. */
  readonly type: ItemType;
  readonly bytes: Buffer;
  readonly identity: { readonly id: string; readonly version: string };
  /** How often the file was fetched: more than once means that its length was not told. */
  readonly downloads: number;
  readonly isHashRight: boolean;
}

interface Nupkg {
  readonly filename: string;
  readonly bytes: Buffer;
}

/** Registers the repository and gives its commands. */
export async function registerPSRepository(options: {
  sourceLocation: string;
  credential?: Credential;
}): Promise<PowerShellGet2> {
  return new PowerShellGet2(await register(options.sourceLocation, options.credential));
}

export class PowerShellGet2 {
  readonly repository: PSRepository;
  readonly installed: InstalledItem[] = [];

  constructor(repository: PSRepository) {
    this.repository = repository;
  }

  findModule(name?: string | readonly string[], options: FindOptions = {}): Promise<PSItem[]> {
    return this.#findTyped('Module', [name ?? []].flat(), options);
  }

  findScript(name?: string | readonly string[], options: FindOptions = {}): Promise<PSItem[]> {
    return this.#findTyped('Script', [name ?? []].flat(), options);
  }

  /** Find-Command: the modules that say they have it, and of each the commands that were asked for. */
  findCommand(...names: string[]): Promise<string[]> {
    return this.#findIncluded(
      'Command',
      names,
      names.length === 0 ? { includes: ['Cmdlet', 'Function'] } : { command: names },
    );
  }

  findDscResource(...names: string[]): Promise<string[]> {
    return this.#findIncluded(
      'DscResource',
      names,
      names.length === 0 ? { includes: ['DscResource'] } : { dscResource: names },
    );
  }

  findRoleCapability(...names: string[]): Promise<string[]> {
    return this.#findIncluded(
      'RoleCapability',
      names,
      names.length === 0 ? { includes: ['RoleCapability'] } : { roleCapability: names },
    );
  }

  async #findIncluded(
    kind: 'Command' | 'DscResource' | 'RoleCapability',
    names: readonly string[],
    filter: NameFilter,
  ) {
    const modules = await this.findModule(undefined, filter);
    const isAsked = (name: string) =>
      names.length === 0 || names.some((one) => one.toLowerCase() === name.toLowerCase());
    return modules.flatMap((module) => module.includes[kind].filter(isAsked).map((name) => `${module.name} ${name}`));
  }

  /** Find-Module.ps1, Find-Script.ps1: what is of the other type is left out, and an exact name is then an error. */
  async #findTyped(type: ItemType, names: readonly string[], options: FindOptions): Promise<PSItem[]> {
    const found = (await this.#find(type, names, options)).map((one) => itemOf(one, type));
    const other = found.find((item) => item.type !== type);
    const isNamed = names.length > 0 && !names.some((name) => /[*?[]/.test(name));
    if (other !== undefined && isNamed) {
      throw new PowerShellError(
        `The specified name '${other.name}' is a ${other.type}, not a ${type}.`,
        'MatchInvalidType',
      );
    }
    const isStable = ({ additionalMetadata }: PSItem) =>
      additionalMetadata.get('IsPrerelease')?.toLowerCase() !== 'true';
    return found.filter(
      (item) => item.type === type && (!options.allVersions || options.allowPrerelease || isStable(item)),
    );
  }

  /** Find-Package.ps1: one request for each combination of tags; with a name the server gets the name alone. */
  async #find(type: ItemType, names: readonly string[], options: FindOptions): Promise<ProviderPackage[]> {
    const provider = this.#provider(type, { PSGalleryClientVersion: '1.1' });
    const isNamed = names.length > 0;
    const combinations = searchTags(isNamed ? { tag: options.tag } : options);
    const found = new Map<string, ProviderPackage>();
    for (const tags of combinations) {
      for (const name of isNamed ? names : ['']) {
        const packages = await provider.find(name, { ...wantedVersions(options), tags, contains: options.filter });
        // The provider gives all versions that fit, PackageManagement the newest of each package.
        for (const one of options.allVersions ? packages : newestOfEach(packages)) {
          const fits =
            (!isNamed || names.some((pattern) => isLike(one.id, pattern))) && (!isNamed || passes(one, options));
          if (fits) found.set(`${one.id}|${one.version.original}`.toLowerCase(), one);
        }
      }
    }
    if (provider.lastFailure !== undefined) {
      throw new PowerShellError(
        `No match was found, because: ${provider.lastFailure.message}`,
        'NoMatchFoundForCriteria',
      );
    }
    const missing = names.find(
      (name) => !/[*?[]/.test(name) && ![...found.values()].some(({ id }) => isLike(id, name)),
    );
    if (missing === undefined) return [...found.values()];
    throw new PowerShellError(
      `No match was found for the specified search criteria and ${type.toLowerCase()} name '${missing}'.`,
      'NoMatchFoundForCriteria',
    );
  }

  installModule(name: string, options: FindOptions = {}): Promise<InstalledItem[]> {
    return this.#install('Module', name, options, this.installed);
  }

  installScript(name: string, options: FindOptions = {}): Promise<InstalledItem[]> {
    return this.#install('Script', name, options, this.installed);
  }

  /** Save-Module: nothing counts as installed. */
  saveModule(name: string, options: FindOptions = {}): Promise<InstalledItem[]> {
    return this.#install('Module', name, options, []);
  }

  /** Update-Module: only to what is newer. */
  async updateModule(name: string, options: FindOptions = {}): Promise<InstalledItem[]> {
    const known = this.installed.filter((one) => one.name.toLowerCase() === name.toLowerCase());
    if (known.length === 0)
      throw new PowerShellError(
        `Module '${name}' was not installed by using Install-Module`,
        'ModuleNotInstalledUsingInstallModuleCmdlet',
      );
    const [offered] = await this.#find('Module', [name], options);
    const isNewer = known.every(
      ({ version }) => offered && compareSemantic(offered.version, semanticVersion(version)) > 0,
    );
    return isNewer ? this.installModule(name, options) : [];
  }

  /** Install-PackageUtility.ps1: a request of its own, without the header, that asks for package and dependencies at the same address. */
  async #install(
    type: ItemType,
    name: string,
    options: FindOptions,
    installed: InstalledItem[],
  ): Promise<InstalledItem[]> {
    const [found] = await this.#find(type, [name], options);
    if (found === undefined || installed.some((one) => isTheSame(one, found))) return [];
    checkPrereleaseLabel(found);
    const provider = this.#provider(type, {});
    const [again] = await provider.byId(found.id, { required: found.version });
    if (again === undefined) throw new PowerShellError(`Unable to find package ${found.id}`, 'UnableToResolvePackage');
    const order = await provider.withDependencies(again, ({ id, version }) =>
      installed.some(
        (one) => one.name.toLowerCase() === id.toLowerCase() && isWithinBounds(semanticVersion(one.version), version),
      ),
    );
    const fresh: InstalledItem[] = [];
    for (const one of order) fresh.push(await unpacked(one, await provider.download(one)));
    installed.push(...fresh);
    return fresh;
  }

  publishModule(nupkg: Nupkg, options: { nuGetApiKey: string }): Promise<void> {
    return this.#publish('Module', nupkg, options.nuGetApiKey);
  }

  publishScript(nupkg: Nupkg, options: { nuGetApiKey: string }): Promise<void> {
    return this.#publish('Script', nupkg, options.nuGetApiKey);
  }

  /** Publish-Module.ps1, Publish-Script.ps1, Publish-NugetPackage.ps1: looks for the name on both sides, then lets `dotnet nuget push` do it. */
  async #publish(type: ItemType, nupkg: Nupkg, apiKey: string): Promise<void> {
    const { id, version } = identityIn(await unzip(nupkg.bytes));
    const silently = (find: Promise<PSItem[]>) => find.catch(() => []);
    const options = { allowPrerelease: true };
    const others =
      type === 'Module'
        ? this.findScript(id, { ...options, tag: ['PSScript'] })
        : this.findModule(id, { ...options, tag: ['PSModule'] });
    if ((await silently(others)).length > 0) {
      throw new PowerShellError(`The specified name '${id}' is already being used`, 'SpecifiedNameIsAlearyUsed');
    }
    const [current] = await silently(type === 'Module' ? this.findModule(id, options) : this.findScript(id, options));
    if (current !== undefined && compareSemantic(current.package.version, semanticVersion(version)) === 0) {
      throw new PowerShellError(
        `'${id}' ${version} is already available in the repository`,
        'VersionIsAlreadyAvailableInTheGallery',
      );
    }
    const failure = await dotnetPush(this.repository.publishLocation ?? '', nupkg, apiKey);
    if (failure !== undefined) {
      throw new PowerShellError(
        `Failed to publish '${id}': 'dotnet cli failed to nuget push error: ${failure}'.`,
        `FailedToPublishThe${type}`,
      );
    }
  }

  #provider(type: ItemType, headers: Readonly<Record<string, string>>): NuGetProvider {
    const { sourceLocation, scriptSourceLocation, credential } = this.repository;
    if (type === 'Script' && scriptSourceLocation === undefined) {
      throw new PowerShellError('The repository has no ScriptSourceLocation', 'ScriptSourceLocationIsMissing');
    }
    return new NuGetProvider(type === 'Script' ? (scriptSourceLocation ?? '') : sourceLocation, {
      credential,
      headers,
    });
  }
}

function wantedVersions(options: FindOptions): ProviderFind {
  const [min, max] = [typedVersion(options.minimumVersion), typedVersion(options.maximumVersion)];
  return {
    required: typedVersion(options.requiredVersion),
    bounds:
      min === undefined && max === undefined ? undefined : { min, max, isMinInclusive: true, isMaxInclusive: true },
    allVersions: options.allVersions,
    allowPrerelease: options.allowPrerelease,
  };
}

function newestOfEach(packages: readonly ProviderPackage[]): ProviderPackage[] {
  const newest = new Map<string, ProviderPackage>();
  for (const one of packages) {
    const known = newest.get(one.id.toLowerCase());
    if (known === undefined || compareSemantic(one.version, known.version) > 0) newest.set(one.id.toLowerCase(), one);
  }
  return [...newest.values()];
}

function isTheSame(one: InstalledItem, found: ProviderPackage): boolean {
  return (
    one.name.toLowerCase() === found.id.toLowerCase() &&
    one.version.toLowerCase() === found.version.original.toLowerCase()
  );
}

/** ValidateAndGet-VersionPrereleaseStrings.ps1: three numbers before a label, and only letters and digits in it. */
function checkPrereleaseLabel({ version }: ProviderPackage): void {
  const [numbers = '', label] = version.original.split(/-(.*)/s);
  if (label !== undefined && (!/^[a-zA-Z0-9]+$/.test(label) || numbers.split('.').length !== 3)) {
    throw new PowerShellError(
      `The Prerelease string '${label}' contains invalid characters`,
      'InvalidCharactersInPrereleaseString',
    );
  }
}

async function unpacked(
  one: ProviderPackage,
  { bytes, downloads }: { bytes: Buffer; downloads: number },
): Promise<InstalledItem> {
  const files = await unzip(bytes).catch((error: Error) => {
    throw new PowerShellError(
      `Package '${one.id}' failed to be installed because: ${error.message}`,
      'PackageFailedToInstallReason',
    );
  });
  const own = [...files.keys()].filter(
    (path) => !/\.nuspec$|^_rels\/|^package\/services\/|^\[Content_Types\]\.xml$/.test(path),
  );
  return {
    name: one.id,
    version: one.version.original,
    type: own.length === 1 && own[0] === `${one.id}.ps1` ? 'Script' : 'Module',
    bytes,
    identity: identityIn(files),
    downloads,
    isHashRight: isHashRight(one, bytes),
  };
}

/** What `dotnet nuget push` sends to a v2 source that has a path (NuGet.Client PackageUpdateResource.cs). @returns what it prints */
async function dotnetPush(location: string, nupkg: Nupkg, apiKey: string): Promise<string | undefined> {
  const form = new FormData();
  form.append('package', new Blob([new Uint8Array(nupkg.bytes)]), 'package.nupkg');
  const encoded = new Response(form);
  const answer = await ask(location, {
    method: 'PUT',
    headers: {
      'Content-Type': encoded.headers.get('Content-Type') ?? '',
      'User-Agent': 'NuGet Command Line/6.12.0 (Linux)',
      'X-NuGet-ApiKey': apiKey,
      'X-NuGet-Protocol-Version': '4.1.0',
    },
    body: Buffer.from(await encoded.arrayBuffer()),
  });
  return failureOf(answer);
}
