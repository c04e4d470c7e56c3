/**
 * PSResourceGet 1.2 against an address that ends in /index.json: V3ServerAPICalls.cs for requests, order and choice, V3ResponseUtil.cs and
 * PSResourceInfo.TryConvertFromJson for what an answer says. It caches nothing: each step starts at the service index.
 */
import {
  absoluteUrl,
  type Converted,
  type Dependency,
  PowerShellError,
  type PSResource,
  type RepositoryServer,
  splitVersion,
} from './psresource.ts';
import { yearOf } from './psresourceget-entry.ts';
import { type ClientSession, requestBytes, requestText } from './psresourceget-v2.ts';
import {
  anyVersion,
  compareVersions,
  isPrerelease,
  normalized,
  parseNuGetVersion,
  parseVersionRange,
  satisfies,
} from './versions.ts';

type Json = Record<string, unknown>;

const hives = ['/3.6.0', '/3.4.0', '/3.0.0-rc', '/3.0.0-beta', ''];

/** Finds and downloads as V3ServerAPICalls does; what it does not support off the public galleries fails before any request. */
export function v3Server(session: ClientSession): RepositoryServer {
  const notSupported = (what: string, errorId: string) => async () => {
    throw new PowerShellError(`${what} is not supported for the V3 server protocol repository`, errorId);
  };
  const entriesOf = async (name: string) => {
    const entries = await leavesOf(session, name, 'catalogEntry');
    return inSearchOrder(entries);
  };
  const chosen = async (name: string, tags: readonly string[], what: string, isWanted: (entry: string) => boolean) => {
    const found = (await entriesOf(name)).find(isWanted);
    if (found === undefined || !hasTags(found, tags)) {
      throw new PowerShellError(`Package with ${what} could not be found in repository.`, 'PackageNotFound', true);
    }
    return [found];
  };
  return {
    findAll: notSupported('Find all', 'FindAllFailure'),
    findTags: notSupported('Find by Tags', 'FindTagsFailure'),
    findCommandOrDscResource: notSupported('Find by CommandName or DSCResource', 'FindCommandOrDscResourceFailure'),
    findNameGlobbing: notSupported('Find with Name containing wildcards', 'FindNameGlobbingFailure'),
    findName: (name, tags, prerelease) =>
      chosen(name, tags, `name '${name}'`, (entry) => {
        const version = versionOf(entry);
        return version !== undefined && (prerelease || !isPrerelease(version));
      }),
    findVersion: (name, wanted, tags) =>
      chosen(name, tags, `name '${name}', version '${normalized(wanted)}'`, (entry) => {
        const version = versionOf(entry);
        return version !== undefined && compareVersions(version, wanted) === 0;
      }),
    async findVersionGlobbing(name, range, prerelease) {
      return (await entriesOf(name)).filter((entry) => {
        const version = versionOf(entry);
        return version !== undefined && satisfies(range, version) && (prerelease || !isPrerelease(version));
      });
    },
    *convert(responses) {
      for (const response of responses) yield convertFromJson(response);
    },
    async download(name, version) {
      const wanted = parseNuGetVersion(version);
      if (wanted === undefined)
        throw new PowerShellError(
          `Version ${version} to be installed is not a valid NuGet version.`,
          'InstallVersionFailure',
        );
      const address = await addressOf(session, name, normalized(wanted));
      if (address === undefined) {
        throw new PowerShellError(
          `Package with name '${name}' and version '${version}' could not be found in repository`,
          'InstallFailure',
        );
      }
      return await requestBytes(session, address);
    },
  };
}

/** InstallHelper: of all addresses, unlisted ones too, the first that contains the version as text, letter case and all. */
async function addressOf(session: ClientSession, name: string, version: string): Promise<string | undefined> {
  const { texts, upper } = await leavesOf(session, name, 'packageContent');
  // IsLatestVersionFirstForInstall: the newest is taken to be first when the first address contains the bound of the last page.
  const isNewestFirst = upper === '' || texts.length < 2 || (texts[0] ?? '').includes(upper);
  return (isNewestFirst ? texts : texts.toReversed()).find((text) => text.includes(version));
}

interface Leaves {
  /** Addresses, or entries as JSON, in the order of the document. */
  readonly texts: string[];
  /** `upper` of the page that was read last. */
  readonly upper: string;
}

/** GetVersionedResponsesFromRegistrationsResource: pages inside the index, or behind their address. */
async function leavesOf(
  session: ClientSession,
  name: string,
  property: 'catalogEntry' | 'packageContent',
): Promise<Leaves> {
  const base = await registrationsOf(session);
  const address = `${base}${base.endsWith('/') ? '' : '/'}${name.toLowerCase()}/index.json`;
  const index = await requestJson(session, address, `Package with name '${name}' could not be found in repository.`);
  const pages = index.items as Json[] | undefined;
  if (!Array.isArray(pages) || pages.length === 0) {
    throw new PowerShellError(
      "Response does not contain 'items' element",
      'GetResponsesFromRegistrationsResourceFailure',
    );
  }
  const leaves: Json[] = [];
  let upper = '';
  for (const page of pages) {
    const read =
      page.items === undefined ? await requestJson(session, String(page['@id']), `Package with name '${name}'`) : page;
    if (!Array.isArray(read.items))
      throw new PowerShellError("'items' element could not be found", 'GetElementForJFrogRepoFailure');
    leaves.push(...(read.items as Json[]));
    upper = String(read.upper ?? '');
  }
  return { texts: leaves.flatMap((leaf) => textOf(leaf, property)), upper };
}

/** An address is text. An entry is an object, and is left out when its `listed` says false. */
function textOf(leaf: Json, property: string): string[] {
  const value = leaf[property];
  if (value === undefined) {
    throw new PowerShellError(
      `Response does not contain inner '${property}' element`,
      'GetResponsesFromRegistrationsResourceFailure',
    );
  }
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return String((value as Json).listed).toLowerCase() === 'false' ? [] : [JSON.stringify(value)];
}

/** GetResourcesFromServiceIndex and FindRegistrationsBaseUrl: types are compared as exact text, and the first of each counts. */
async function registrationsOf(session: ClientSession): Promise<string> {
  const { resources } = await requestJson(session, session.url, 'The service index could not be found');
  const byType = new Map<string, string>();
  for (const resource of resources as Json[]) {
    if (resource['@type'] === undefined || resource['@id'] === undefined) {
      throw new PowerShellError('@type or @id element not found for resource', 'GetResourcesFromServiceIndexFailure');
    }
    const type = String(resource['@type']);
    if (!byType.has(type)) byType.set(type, String(resource['@id']));
  }
  const found = hives.map((hive) => byType.get(`RegistrationsBaseUrl${hive}`)).find((url) => url !== undefined);
  if (found !== undefined) return found;
  throw new PowerShellError('RegistrationBaseUrl resource could not be found', 'FindRegistrationsBaseUrlFailure', true);
}

/** IsLatestVersionFirstForSearch: the order comes from the first and the last entry. Without a bound nothing is turned round. */
function inSearchOrder({ texts, upper }: Leaves): string[] {
  if (upper === '' || texts.length < 2) return texts;
  const [first, last] = [versionOf(texts[0] ?? ''), versionOf(texts.at(-1) ?? '')];
  if (first === undefined || last === undefined) {
    throw new PowerShellError('First version could not be parsed into NuGetVersion.', 'FirstVersionFirstSearchFailure');
  }
  return compareVersions(first, last) < 0 ? texts.toReversed() : texts;
}

function versionOf(entry: string) {
  const { version } = JSON.parse(entry) as Json;
  if (version === undefined)
    throw new PowerShellError("Response does not contain 'version' element", 'FindNameFailure');
  return parseNuGetVersion(String(version));
}

/** IsRequiredTagSatisfied: whole tags, whatever their letter case. */
function hasTags(entry: string, wanted: readonly string[]): boolean {
  const tags = tagsOf(JSON.parse(entry) as Json).map((tag) => tag.toLowerCase());
  return wanted.every((tag) => tags.includes(tag.toLowerCase()));
}

function tagsOf({ tags }: Json): string[] {
  if (Array.isArray(tags)) return tags.map(String);
  return typeof tags === 'string' ? tags.split(' ').filter((tag) => tag !== '') : [];
}

/** TryConvertFromJson: no type, no includes; a dependency without `range` fails. */
function convertFromJson(response: string): Converted {
  try {
    return { resource: resourceOf(JSON.parse(response) as Json) };
  } catch (error) {
    return {
      error: `TryConvertFromJson: Cannot parse PSResourceInfo from json object with error: ${(error as Error).message}`,
    };
  }
}

function resourceOf(entry: Json): PSResource {
  const text = (name: string) => (entry[name] === undefined ? undefined : String(entry[name]));
  const version = text('version');
  if (version === undefined) throw new Error('Object reference not set: version is missing');
  const split = splitVersion(version);
  if (entry.isPrerelease !== undefined && typeof entry.isPrerelease !== 'boolean')
    throw new Error('isPrerelease is no boolean');
  return {
    name: text('id') ?? '',
    ...split,
    isPrerelease: (entry.isPrerelease as boolean | undefined) ?? split.prerelease !== '',
    type: 'None',
    tags: tagsOf(entry),
    commands: [],
    cmdlets: [],
    dscResources: [],
    dependencies: dependenciesOf(entry),
    normalizedVersion: normalized(parseNuGetVersion(version) ?? parseNuGetVersion('1.0.0.0')!),
    publishedYear: yearOf(text('published')),
    author: text('authors') ?? '',
    companyName: text('authors') ?? '',
    description: text('description') ?? '',
    copyright: text('copyright') ?? '',
    releaseNotes: text('releaseNotes') ?? '',
    licenseUri: absoluteUrl(text('licenseUrl')),
    projectUri: absoluteUrl(text('projectUrl')),
    iconUri: absoluteUrl(text('iconUrl')),
  };
}

function dependenciesOf({ dependencyGroups }: Json): Dependency[] {
  if (!Array.isArray(dependencyGroups)) return [];
  return (dependencyGroups as Json[]).flatMap(({ dependencies }) =>
    (Array.isArray(dependencies) ? (dependencies as Json[]) : [])
      .filter(({ id }) => typeof id === 'string' && id.trim() !== '')
      .map(({ id, range }) => {
        if (range === undefined) throw new Error('KeyNotFoundException: the dependency has no range');
        return { name: String(id), range: parseVersionRange(String(range)) ?? anyVersion };
      }),
  );
}

async function requestJson(session: ClientSession, url: string, notFound: string): Promise<Json> {
  const text = await requestText(session, url, true).catch((error: unknown) => {
    if (error instanceof PowerShellError && error.isNotFound)
      throw new PowerShellError(notFound, 'PackageNotFound', true);
    throw error;
  });
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new PowerShellError(
      `JSON response could not be parsed: ${(error as Error).message}`,
      'FindVersionGlobbingFailure',
    );
  }
}
