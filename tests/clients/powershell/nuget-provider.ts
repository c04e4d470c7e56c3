/**
 * The NuGet provider that PowerShellGet 2 drives (OneGet/NuGetProvider, 2.8.5.208): NugetLightProvider.cs, NugetLightRequest.cs, NugetLightClient.cs,
 * NuGetResources/*2.cs. A feed that it cannot read looks empty to its user; `lastFailure` keeps why.
 */
import { createHash } from 'node:crypto';
import { get } from './dotnet-http.ts';
import type { ProviderDependency, ProviderPackage } from './nuget-provider-entry.ts';
import { downloadText, getThrice, type ProviderRequest, readFeed } from './nuget-provider-pages.ts';
import {
  compareSemantic,
  type DependencyVersion,
  isExact,
  isWithinBounds,
  type SemanticVersion,
  semanticVersion,
  spellings,
} from './nuget-provider-version.ts';

export interface ProviderFind {
  readonly required?: SemanticVersion | undefined;
  readonly bounds?: DependencyVersion | undefined;
  readonly allVersions?: boolean | undefined;
  readonly allowPrerelease?: boolean | undefined;
  readonly contains?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly isDependency?: boolean;
}

const downloadTries = 3;

/** A source of packages, with the headers of one request of PackageManagement's. */
export class NuGetProvider {
  readonly #location: string;
  readonly #request: ProviderRequest;
  #isChecked = false;
  lastFailure: Error | undefined;

  constructor(location: string, request: ProviderRequest) {
    this.#location = location;
    this.#request = request;
  }

  /** FindPackage: by name first, wildcards and all; then by searching. What throws on the way counts as nothing found. */
  async find(name: string, wanted: ProviderFind): Promise<ProviderPackage[]> {
    try {
      const byId = name === '' ? [] : await this.byId(name, wanted);
      if (byId.length > 0) return byId;
      const isPattern = name === '' || /[*?[]/.test(name);
      if (!isPattern || wanted.required !== undefined || wanted.bounds !== undefined) return [];
      return await this.#search(name, wanted);
    } catch (error) {
      this.lastFailure = error as Error;
      return [];
    }
  }

  /** NuGetResourceCollectionFactory: the base twice; it begins with `<?xml`, or it is no v2 source. Asked once a session. */
  async check(): Promise<void> {
    if (this.#isChecked) return;
    const answer = await getThrice(this.#location, this.#request);
    if (answer === undefined || answer.status < 200 || answer.status > 299)
      throw new Error('NuGet endpoint discovery failed');
    const text = (await downloadText(this.#location, this.#request))?.replace(/^\uFEFF/, '') ?? '';
    if (!text.startsWith('<?xml'))
      throw new Error('NuGet endpoint discovery failed: the answer does not begin with <?xml');
    this.#isChecked = true;
  }

  /** GetPackageById: all versions come, and the choice is made here. */
  async byId(name: string, wanted: ProviderFind): Promise<ProviderPackage[]> {
    await this.check();
    const all = await readFeed(`${this.#base}/FindPackagesById()?id='${name}'`, this.#request);
    const named = all.filter(({ id }) => id.toLowerCase() === name.toLowerCase());
    const { required, bounds } = wanted;
    const exact = required === undefined ? undefined : spellings(required);
    const asked =
      exact === undefined ? named : named.filter(({ version }) => exact.includes(version.original.toLowerCase()));
    const chosen = choose(listed(asked, wanted), wanted);
    return chosen
      .filter(({ tags }) => hasTags(tags, wanted.tags ?? []))
      .filter((one) => containsText(one, wanted.contains))
      .filter(({ version }) => required === undefined || compareSemantic(version, required) === 0)
      .filter(({ version }) => bounds === undefined || isWithinBounds(version, bounds));
  }

  /** SearchForPackages: the longest piece without a wildcard goes out, or the pattern itself to what looks like the PowerShell Gallery. */
  async #search(name: string, wanted: ProviderFind): Promise<ProviderPackage[]> {
    const { allVersions = false, allowPrerelease = false, contains, tags = [] } = wanted;
    if (allVersions && name !== '') throw new Error('AllVersions is not supported with a wildcard in the name');
    await this.check();
    const term = name === '' ? (contains ?? '') : this.#termOf(name);
    const words = tags.reduce((text, tag) => `${text} tag:${tag}`, term.trim() === '' ? '' : term);
    const operation = allVersions ? 'Search()?$orderby=DownloadCount%20desc,Id' : 'Search()?$filter=IsLatestVersion';
    const query = `${this.#base}/${operation}&searchTerm='${words}'&targetFramework=''&includePrerelease=${allowPrerelease}`;
    const found = await readFeed(query, this.#request);
    return found.filter(({ id }) => name === '' || isLike(id, name)).filter((one) => containsText(one, contains));
  }

  #termOf(name: string): string {
    const withoutSets = name.replaceAll(/\[.*?\]/g, '*');
    if (this.#location.toLowerCase().includes('powershellgallery.com')) return withoutSets === '*' ? '' : withoutSets;
    return (
      withoutSets
        .split(/[?*]/)
        .toSorted((one, other) => one.length - other.length)
        .at(-1) ?? ''
    );
  }

  /** GetPackageDependenciesToInstall: what is needed comes first; the newest that fits each requirement. */
  async withDependencies(parent: ProviderPackage, isInstalled: (dependency: ProviderDependency) => boolean) {
    const order: ProviderPackage[] = [];
    const underWay = new Set<string>();
    const visit = async (one: ProviderPackage): Promise<void> => {
      const key = `${one.id} ${one.version.original}`.toLowerCase();
      if (underWay.has(key)) throw new Error(`Dependency loop at ${one.id}`);
      if (order.some((done) => `${done.id} ${done.version.original}`.toLowerCase() === key)) return;
      underWay.add(key);
      for (const dependency of one.dependencies) {
        if (isInstalled(dependency)) continue;
        const fitting = await this.byId(dependency.id, { bounds: dependency.version, isDependency: true });
        const newest = fitting.toSorted((left, right) => compareSemantic(right.version, left.version))[0];
        if (newest === undefined) throw new Error(`Unable to find dependent package(s) (${dependency.id})`);
        await visit(newest);
      }
      underWay.delete(key);
      order.push(one);
    };
    await visit(parent);
    return order;
  }

  /**
   * DownloadDataToFileAsync: the status is never looked at. Without Content-Length, or with fewer bytes than it says, the download is
   * made again, three times in all, and the last one counts.
   */
  async download(one: ProviderPackage): Promise<{ bytes: Buffer; downloads: number }> {
    const address = one.contentUrl ?? `${this.#base}/package/${one.id}/${one.version.original}`;
    if (!URL.canParse(address)) throw new Error(`UriFormatException: ${address}`);
    let bytes: Buffer = Buffer.alloc(0);
    let downloads = 0;
    while (downloads < downloadTries) {
      const answer = await get(
        address,
        { 'User-Agent': 'Mozilla/5.0 NuGet', 'Accept-Encoding': 'gzip,deflate', ...this.#request.headers },
        {
          credential: this.#request.credential,
        },
      );
      downloads += 1;
      bytes = answer.body;
      if (bytes.length === Number(answer.headers['content-length'] ?? 0)) break;
    }
    if (one.packageHash !== '' && !/^[A-Za-z0-9+/]+={0,2}$/.test(one.packageHash))
      throw new Error('FormatException: PackageHash is no Base64');
    return { bytes, downloads };
  }

  get #base(): string {
    return this.#location.replace(/\/+$/, '');
  }
}

/** A hash that differs is only told with -Verbose. */
export function isHashRight(one: ProviderPackage, bytes: Buffer): boolean {
  return (
    one.packageHashAlgorithm.toUpperCase() === 'SHA512' &&
    createHash('sha512').update(bytes).digest('base64') === one.packageHash
  );
}

/** Unlisted versions count for who names one, and for a dependency of which nothing else is left. */
function listed(
  packages: ProviderPackage[],
  { required, bounds, isDependency = false }: ProviderFind,
): ProviderPackage[] {
  if (required !== undefined || (bounds !== undefined && isExact(bounds))) return packages;
  const visible = packages.filter(({ publishedYear }) => publishedYear === undefined || publishedYear > 1900);
  return visible.length > 0 || !isDependency ? visible : packages;
}

/** Without a version the flag IsLatestVersion decides; only with -AllowPrerelease versions are compared. */
function choose(
  packages: ProviderPackage[],
  { required, bounds, allVersions, allowPrerelease }: ProviderFind,
): ProviderPackage[] {
  if (allVersions) return packages.toSorted((one, other) => compareSemantic(other.version, one.version));
  const hasBounds = bounds !== undefined && (bounds.min !== undefined || bounds.max !== undefined);
  if (required !== undefined || (hasBounds && isExact(bounds))) return packages;
  if (hasBounds) return allowPrerelease ? packages : packages.filter(({ version }) => version.label === '');
  if (!allowPrerelease) return packages.filter(({ isLatestVersion }) => isLatestVersion);
  const [highest] = packages.toSorted((one, other) => compareSemantic(other.version, one.version));
  return highest === undefined ? [] : [highest];
}

/** FilterOnTags: whole tags, all of them, whatever their letter case. */
function hasTags(tags: string, wanted: readonly string[]): boolean {
  const own = tags.toLowerCase().split(' ');
  return wanted.every((tag) => own.includes(tag.toLowerCase()));
}

function containsText({ id, description }: ProviderPackage, text: string | undefined): boolean {
  const wanted = text?.toLowerCase();
  return wanted === undefined || [id, description].some((one) => one.toLowerCase().includes(wanted));
}

/** PowerShell's -like: `*`, `?` and sets in brackets. */
export function isLike(text: string, pattern: string): boolean {
  const expression = pattern
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'is').test(text);
}

/** A version as the user types it. */
export function typedVersion(text: string | undefined): SemanticVersion | undefined {
  return text === undefined ? undefined : semanticVersion(text);
}
