/** Install-, Save- and Update-PSResource: InstallHelper.cs and UpdatePSResource.cs of PSResourceGet 1.2. */
import { PowerShellError, type PSResource, type RepositoryServer } from './psresource.ts';
import { Finder, firstOf, isWithin } from './psresourceget-find.ts';
import { identityIn, unzip } from './unzip.ts';
import {
  anyVersion,
  compareVersions,
  isAnyVersion,
  type NuGetVersion,
  parseNuGetVersion,
  parseVersionRange,
  satisfies,
  type VersionRange,
} from './versions.ts';

export interface InstallOptions {
  readonly version?: string;
  readonly prerelease?: boolean;
  readonly skipDependencyCheck?: boolean;
  readonly reinstall?: boolean;
}

/** What came onto the machine. */
export interface Installed {
  readonly name: string;
  /** The version that was asked for and names the folder. */
  readonly version: string;
  /** Told by the file at the root of the package: `{name}.psd1` or `{name}.ps1`; anything else goes where modules go. */
  readonly kind: 'module' | 'script' | 'other';
  readonly bytes: Buffer;
  readonly files: ReadonlyMap<string, Buffer>;
  /** What the package says of itself. The client never looks. */
  readonly identity: { readonly id: string; readonly version: string };
  readonly resource: PSResource;
}

type Wanted = { readonly version?: NuGetVersion | undefined; readonly range?: VersionRange | undefined };

/** TryGetVersionType (Utils.cs): `2.*` becomes a closed range here, other than in Find-PSResource. */
export function wantedByInstall(text: string | undefined): Wanted {
  if (text === undefined || text === '') return {};
  if (text.trim() === '*') return {};
  const parts = text.split('.');
  if (text.includes('*')) {
    if (parts.length < 2 || parts.length > 4 || parts.at(-1) !== '*') {
      throw new PowerShellError(
        'Argument for -Version parameter is not in the proper format',
        'IncorrectVersionFormat',
      );
    }
    const start = parts.slice(0, -1).join('.');
    return { range: parseVersionRange(`[${start}.0,${start}.999999]`) };
  }
  const version = parseNuGetVersion(text);
  if (version !== undefined) return { version };
  const range = parseVersionRange(text);
  if (range !== undefined) return isAnyVersion(range) ? {} : { range };
  throw new PowerShellError('Argument for -Version parameter is not in the proper format', 'IncorrectVersionFormat');
}

/** A machine that packages are installed on, from one repository. */
export class Machine {
  readonly #server: RepositoryServer;
  readonly #installed = new Map<string, Installed>();

  constructor(server: RepositoryServer) {
    this.#server = server;
  }

  get installed(): Installed[] {
    return [...this.#installed.values()];
  }

  /** Install-PSResource. @returns what is new on the machine, the package first */
  async install(name: string, options: InstallOptions): Promise<Installed[]> {
    if (name.includes('*')) {
      throw new PowerShellError(
        'Name with wildcards is not supported for Install-PSResource cmdlet',
        'NameContainsWildcard',
      );
    }
    const finder = new Finder(this.#server);
    const fresh = new Map<string, Installed>();
    const prerelease = options.prerelease ?? false;
    const parent = await this.#begin(
      name,
      wantedByInstall(options.version),
      prerelease,
      options.reinstall ?? false,
      fresh,
    ).catch((error: unknown) => {
      // PackageNotFound is only told with -Verbose; the last line of the command then says that nothing was installed.
      if (error instanceof PowerShellError && error.errorId === 'PackageNotFound') return undefined;
      throw error;
    });
    if (parent === undefined) {
      if (this.#has(name)) return [];
      throw new PowerShellError(
        `Package(s) '${name}' could not be installed from repository.`,
        'InstallPackageFailure',
      );
    }
    if (!options.skipDependencyCheck) await this.#dependencies(parent, finder, prerelease, options, fresh);
    for (const one of fresh.values()) this.#installed.set(keyOf(one.resource), one);
    return [...fresh.values()];
  }

  /** Dependencies are found by the finder, and then asked for once more by their exact version. */
  async #dependencies(
    parent: PSResource,
    finder: Finder,
    prerelease: boolean,
    options: InstallOptions,
    fresh: Map<string, Installed>,
  ) {
    const found = parent.dependencies.length === 0 ? [] : await finder.dependenciesOf(parent, 'None');
    for (const dependency of found) {
      if (dependency === null || dependency.name.toLowerCase() === parent.name.toLowerCase()) continue;
      if (this.#installed.has(keyOf(dependency)) && !dependency.isPrerelease) continue;
      const version = parseNuGetVersion(dependency.normalizedVersion ?? dependency.version);
      await this.#begin(dependency.name, { version }, prerelease, options.reinstall ?? false, fresh);
    }
    if (finder.errors[0] !== undefined) throw finder.errors[0];
    // One that was not found leaves everything uninstalled, and without -Verbose only the last line tells.
    if (found.includes(null)) {
      throw new PowerShellError(
        `Package(s) '${parent.name}' could not be installed from repository.`,
        'InstallPackageFailure',
      );
    }
  }

  /** BeginPackageInstall: finds, downloads and unpacks one package. @returns undefined when there is nothing to do */
  async #begin(
    name: string,
    { version, range }: Wanted,
    prerelease: boolean,
    reinstall: boolean,
    fresh: Map<string, Installed>,
  ) {
    const server = this.#server;
    const resource = await this.#chosen(name, { version, range }, prerelease);
    if (resource === undefined) return undefined;
    const asked =
      resource.normalizedVersion ?? `${resource.version}${resource.prerelease && `-${resource.prerelease}`}`;
    if (!reinstall && this.#installed.has(keyOf(resource))) return undefined;
    if (fresh.has(resource.name.toLowerCase())) return resource;
    const bytes = await server.download(resource.name, asked);
    const files = await unzip(bytes).catch((error: Error) => {
      throw new PowerShellError(
        `Unable to successfully install package '${resource.name}': '${error.message}'`,
        'InstallPackageFailed',
      );
    });
    const kind = files.has(`${resource.name}.psd1`) ? 'module' : files.has(`${resource.name}.ps1`) ? 'script' : 'other';
    fresh.set(resource.name.toLowerCase(), {
      name: resource.name,
      version: asked,
      kind,
      bytes,
      files,
      identity: identityIn(files),
      resource,
    });
    return resource;
  }

  /** With a range the first that is within counts: the newest, when the answer is newest first. */
  async #chosen(name: string, { version, range }: Wanted, prerelease: boolean): Promise<PSResource | undefined> {
    const server = this.#server;
    if (version !== undefined)
      return firstOf(server.convert(await server.findVersion(name, version, [], 'None')), name)[0];
    if (range === undefined)
      return firstOf(server.convert(await server.findName(name, [], prerelease, 'None')), name)[0];
    for (const one of server.convert(await server.findVersionGlobbing(name, range, prerelease, 'None', true))) {
      if ('error' in one) throw new PowerShellError(one.error, 'FindConvertToPSResourceFailure');
      if (isWithin(range, one.resource)) return one.resource;
    }
    return undefined;
  }

  /** Update-PSResource: what the repository has must be newer; then it is installed anew. */
  async update(name: string, options: InstallOptions): Promise<Installed[]> {
    const known = this.installed.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (known === undefined) {
      throw new PowerShellError(
        `No installed packages were found with name '${name}'`,
        'NoInstalledPackagesFoundWithNameProvided',
      );
    }
    const prerelease = known.resource.isPrerelease || (options.prerelease ?? false);
    const finder = new Finder(this.#server);
    const text = options.version === undefined ? {} : { version: options.version };
    const [offered] = await finder.byName([known.name], {
      ...text,
      prerelease,
      includeDependencies: !options.skipDependencyCheck,
    });
    if (finder.errors[0] !== undefined) throw finder.errors[0];
    const { range = anyVersion } = wantedByInstall(options.version);
    const [theirs, ours] = [offered?.normalizedVersion, known.resource.version].map((one) =>
      parseNuGetVersion(one ?? ''),
    );
    if (theirs === undefined || ours === undefined || compareVersions(theirs, ours) <= 0 || !satisfies(range, theirs))
      return [];
    return await this.install(known.name, { ...options, prerelease, reinstall: true });
  }

  #has(name: string): boolean {
    return this.installed.some((one) => one.name.toLowerCase() === name.toLowerCase());
  }
}

/** _packagesOnMachine: name and numbers; the label is not in it. */
function keyOf({ name, version }: PSResource): string {
  return `${name}${version}`.toLowerCase();
}
