/**
 * PSResourceGet 1.1 and 1.2 against an address that ends in /v2: the requests of V2ServerAPICalls.cs and V2QueryBuilder.cs, encoded as
 * HttpUtility does, and the answers as V2ResponseUtil.cs and PSResourceInfo.TryConvertFromXml read them.
 */
import { type Credential, failureOf, get, queryString } from './dotnet-http.ts';
import { elementsByTagName, innerText, readXml } from './dotnet-xml.ts';
import { type Converted, PowerShellError, type RepositoryServer, type ResourceType } from './psresource.ts';
import { convertFromXml, entriesNewestFirst } from './psresourceget-entry.ts';
import { type NuGetVersion, normalized, parseNuGetVersion, type VersionRange } from './versions.ts';

/** Which release of the client is read: 1.2 shows unlisted versions that were asked for by name. */
export type ClientVersion = '1.1.1' | '1.2.0';

type Parameters = readonly (readonly [string, string])[];

/** Sends a request with the client's headers (ServerFactory.cs, UserAgentInfo). */
export interface ClientSession {
  /** The repository's address, as registered. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly version: ClientVersion;
  readonly credential?: Credential | undefined;
}

/** Finds and downloads as V2ServerAPICalls does. */
export class V2Server implements RepositoryServer {
  readonly #session: ClientSession;
  /** The constructor looks for these words anywhere in the address, in lower case; no other server gets a script endpoint. */
  readonly #isGallery: boolean;

  constructor(session: ClientSession) {
    this.#session = session;
    this.#isGallery = session.url.toLowerCase().includes('powershellgallery.com/api/v2');
  }

  /** Scripts and modules are asked for one after the other, 6,000 at a time, and nothing removes what came twice. */
  async findAll(prerelease: boolean, type: ResourceType): Promise<string[]> {
    const all = (path: string) => pages(6000, (skip) => this.#search(path, latest(prerelease), skip, 6000, prerelease));
    return [...(type !== 'Module' ? await all(this.#scriptPath) : []), ...(type !== 'Script' ? await all('') : [])];
  }

  /** Asks for 6,000 and goes on by 100. */
  async findTags(tags: readonly string[], prerelease: boolean, type: ResourceType): Promise<string[]> {
    const tagged = (path: string, kind: string) => {
      const filter = [latest(prerelease), ...[`PS${kind}`, ...tags].map(hasTag)].join(' and ');
      return pages(100, (skip) => this.#search(path, filter, skip, 6000, prerelease));
    };
    const found = [
      ...(type !== 'Module' ? await tagged(this.#scriptPath, 'Script') : []),
      ...(type !== 'Script' ? await tagged('', 'Module') : []),
    ];
    if (found.length > 0) return found;
    throw notFound(`Package with Tags '${tags.join(', ')}'`, 'PackageWithSpecifiedTagsNotFound');
  }

  async findCommandOrDscResource(names: readonly string[], prerelease: boolean, kind: 'Command' | 'DscResource') {
    const term = `'${names.map((name) => `tag:PS${kind}_${name}`).join(' ')}'`;
    const found = await pages(100, (skip) => this.#search('', latest(prerelease), skip, 6000, prerelease, term));
    if (found.length > 0) return found;
    throw notFound(`Package with ${kind} '${names.join(', ')}'`, 'PackageWithSpecifiedCmdOrDSCNotFound');
  }

  async findName(name: string, tags: readonly string[], prerelease: boolean, type: ResourceType): Promise<string[]> {
    const which = prerelease ? 'IsAbsoluteLatestVersion eq true' : 'IsLatestVersion eq true';
    const filter = [`Id eq '${name}'`, which, ...typeFilter(type), ...tags.map(hasTag)];
    return oneAnswer(await this.#findById(name, filter), name);
  }

  async findNameGlobbing(name: string, tags: readonly string[], prerelease: boolean, type: ResourceType) {
    const pattern = nameFilter(name);
    if (!this.#isGallery && tags.length > 0) {
      throw new PowerShellError('Name globbing with tags is not supported.', 'FindNameGlobbingAndTagFailure');
    }
    if (!this.#isGallery && type !== 'None') {
      throw new PowerShellError(
        '-Name with wildcards with -Type is not supported for this repository.',
        'FindNameGlobbingNotSupportedForRepo',
      );
    }
    const filter = [latest(prerelease), pattern, ...tags.map(hasTag), ...typeFilter(type)].join(' and ');
    return pages(100, (skip) => this.#search('', filter, skip, 100, prerelease));
  }

  /** No $top, so the server decides how long a page is, while the client goes on by 100. */
  findVersionGlobbing(
    name: string,
    range: VersionRange,
    prerelease: boolean,
    type: ResourceType,
    isFirstPageOnly: boolean,
  ) {
    const filter = [
      ...boundFilters(range, prerelease),
      ...(prerelease ? [] : ['IsPrerelease eq false']),
      `Id eq '${name}'`,
      ...(type === 'Script' ? typeFilter(type) : []),
    ];
    const page = (skip: number) =>
      this.#ask('/FindPackagesById()', [
        ['$filter', filter.join(' and ')],
        ['$inlinecount', 'allpages'],
        ['$skip', String(skip)],
        ['$orderby', 'NormalizedVersion desc'],
        ['id', `'${name}'`],
      ]);
    return pages(isFirstPageOnly ? Number.POSITIVE_INFINITY : 100, page);
  }

  async findVersion(name: string, version: NuGetVersion, tags: readonly string[], type: ResourceType) {
    const exact = `NormalizedVersion eq '${normalized(version)}'`;
    const filter = [`Id eq '${name}'`, exact, ...typeFilter(type), ...tags.map(hasTag)];
    return oneAnswer(await this.#findById(name, filter), `${name}', version '${normalized(version)}`);
  }

  *convert(responses: readonly string[], isRequestedWithWildcard = false): Iterable<Converted> {
    const hidesUnlisted = isRequestedWithWildcard || this.#session.version === '1.1.1';
    for (const response of responses) yield* convertResponse(response, hidesUnlisted);
  }

  download(name: string, version: string): Promise<Buffer> {
    return requestBytes(this.#session, `${this.#session.url}/package/${name}/${version}`);
  }

  get #scriptPath(): string {
    return this.#isGallery ? '/items/psscript' : '';
  }

  #search(path: string, filter: string, skip: number, top: number, prerelease: boolean, searchTerm?: string) {
    return this.#ask(`${path}/Search()`, [
      ['$filter', filter],
      ...(searchTerm === undefined ? [] : [['searchTerm', searchTerm] as const]),
      ['$inlinecount', 'allpages'],
      ['$skip', String(skip)],
      ['$top', String(top)],
      ...(this.#isGallery ? [['$orderby', 'Id desc'] as const] : []),
      ...(prerelease ? [['includePrerelease', 'true'] as const] : []),
    ]);
  }

  #findById(name: string, filter: readonly string[]): Promise<string> {
    return this.#ask('/FindPackagesById()', [
      ['$filter', filter.join(' and ')],
      ['$inlinecount', 'allpages'],
      ['id', `'${name}'`],
    ]);
  }

  #ask(path: string, parameters: Parameters): Promise<string> {
    return requestText(this.#session, `${this.#session.url}${path}?${queryString(parameters)}`);
  }
}

/** The first answer tells how many there are; whole hundreds (or thousands) more are asked for, even when nothing is left. */
async function pages(step: number, page: (skip: number) => Promise<string>): Promise<string[]> {
  const first = await page(0);
  const count = countOf(first);
  if (count === 0) return [];
  const answers = [first];
  for (let more = Math.floor(count / step), skip = step; more > 0; more -= 1, skip += step)
    answers.push(await page(skip));
  return answers;
}

function oneAnswer(answer: string, what: string): string[] {
  if (countOf(answer) === 0) throw notFound(`Package with name '${what}'`, 'PackageNotFound');
  return [answer];
}

const latest = (prerelease: boolean): string => (prerelease ? 'IsAbsoluteLatestVersion' : 'IsLatestVersion');
const hasTag = (tag: string): string => `substringof('${tag}', Tags) eq true`;

/** GetTypeFilterForRequest: a module is what is no script. */
function typeFilter(type: ResourceType): string[] {
  if (type === 'None') return [];
  return [`substringof('PSScript', Tags) eq ${type === 'Script'}`];
}

/** Only `a*`, `*a`, `*a*` and `a*b` are known. */
function nameFilter(name: string): string {
  const [first, second, third] = name.split('*').filter((part) => part !== '');
  const [startsOpen, endsOpen] = [name.startsWith('*'), name.endsWith('*')];
  if (first !== undefined && second === undefined) {
    if (startsOpen && endsOpen) return `substringof('${first}', Id)`;
    return endsOpen ? `startswith(Id, '${first}')` : `endswith(Id, '${first}')`;
  }
  if (second !== undefined && third === undefined && !startsOpen && !endsOpen) {
    return `startswith(Id, '${first}') and endswith(Id, '${second}')`;
  }
  throw new PowerShellError(
    '-Name with wildcards is only supported for scenarios similar to the following examples: PowerShell*, *ShellGet, *Shell*.',
    'FindNameGlobbingFailure',
  );
}

/** With prereleases a 9 goes behind the patch number of the upper bound, and the answer is filtered again. */
function boundFilters(range: VersionRange, prerelease: boolean): string[] {
  const { min, max } = range;
  const lower = min && `NormalizedVersion ${range.isMinInclusive ? 'ge' : 'gt'} '${normalized(min)}'`;
  const upper =
    max && `NormalizedVersion ${range.isMaxInclusive ? 'le' : 'lt'} '${normalized(prerelease ? widened(max) : max)}'`;
  return [lower, upper].filter((bound) => bound !== undefined);
}

function widened(max: NuGetVersion): NuGetVersion {
  const [major, minor, patch] = max.numbers;
  return parseNuGetVersion(`${major}.${minor}.${patch}9`) ?? max;
}

/**
 * GetCountFromResponse: the first element written `m:count`; where its text is no number, or there is none, the elements
 * written `d:Id` are counted.
 */
export function countOf(response: string): number {
  const document = readXml(response, true);
  const [count] = elementsByTagName(document, 'm:count');
  const text = count === undefined ? '' : innerText(count).trim();
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  const ids = elementsByTagName(document, 'd:Id').length;
  if (count !== undefined && text === '' && ids === 0) {
    throw new PowerShellError(
      'Count property from server response was empty, invalid or not present.',
      'GetCountFromResponseFailure',
    );
  }
  return ids;
}

/** V2ResponseUtil.ConvertToPSResourceResult: an answer without entries is an error, even as the last page of many. */
function* convertResponse(response: string, hidesUnlisted: boolean): Iterable<Converted> {
  const entries = entriesNewestFirst(readXml(response, true));
  if (entries.length === 0) yield { error: 'Package does not exist on the server' };
  for (const entry of entries) {
    const converted = convertFromXml(entry);
    if ('error' in converted) {
      yield converted;
      // The next line of the client reads the date of a package that is not there.
      throw new Error(`NullReferenceException after: ${converted.error}`);
    }
    const { publishedYear } = converted.resource;
    if (!hidesUnlisted || publishedYear === undefined || publishedYear > 1900) yield converted;
  }
}

function notFound(what: string, errorId: string): PowerShellError {
  return new PowerShellError(`${what} could not be found in repository.`, errorId, true);
}

/** SendV2RequestAsync: the status and its words are all that is told; 404 is "not found" and 401 asks for -Credential. */
export async function requestText(session: ClientSession, url: string, decodes = false): Promise<string> {
  const answer = await get(url, session.headers, { decodes, credential: session.credential });
  const failure = failureOf(answer);
  if (failure === undefined) return answer.body.toString();
  if (answer.status === 404) throw new PowerShellError(`'${failure}' Request sent: '${url}'`, 'ResourceNotFound', true);
  if (answer.status === 401) {
    throw new PowerShellError(`'${failure}' Re-run the command with -Credential.`, 'UnauthorizedRequest');
  }
  throw new PowerShellError(`'${failure}' Request sent: '${url}'`, 'HttpRequestCallFailure');
}

/** SendV2RequestForContentAsync: the same for a package; what it throws for 401 and 404 nothing catches. */
export async function requestBytes(session: ClientSession, url: string): Promise<Buffer> {
  const answer = await get(url, session.headers, { credential: session.credential });
  const failure = failureOf(answer);
  if (failure === undefined) return answer.body;
  if (answer.status === 401)
    throw new PowerShellError(`'${failure}' Re-run the command with -Credential.`, 'InstallPackageFailure');
  throw new PowerShellError(`'${failure}' Request sent: '${url}'`, 'InstallPackageFailure');
}
