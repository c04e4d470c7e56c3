/**
 * PSResourceGet 1.0.6 to 1.2 against an address that ends in /nuget: NuGetServerAPICalls.cs and NuGetServerResponseUtil.cs. It hands each
 * `m:properties` to TryConvertFromXml, which since 1.0.6 looks for such an element inside what it is given: nothing can be found there.
 */
import { queryString } from './dotnet-http.ts';
import { elementsByTagName, readXml } from './dotnet-xml.ts';
import { type Converted, PowerShellError, type RepositoryServer } from './psresource.ts';
import { convertFromXml } from './psresourceget-entry.ts';
import { type ClientSession, requestBytes, requestText } from './psresourceget-v2.ts';
import { normalized, type VersionRange } from './versions.ts';

type Parameters = readonly (readonly [string, string])[];

const hasTag = (tag: string) => `substringof('${tag}', Tags) eq true`;
const latest = (prerelease: boolean) => (prerelease ? 'IsAbsoluteLatestVersion' : 'IsLatestVersion');

export class NuGetServer implements RepositoryServer {
  readonly #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  findAll(prerelease: boolean): Promise<string[]> {
    return this.#search([latest(prerelease)], '6000', prerelease);
  }

  findTags(tags: readonly string[], prerelease: boolean): Promise<string[]> {
    return this.#search([latest(prerelease), ...tags.map(hasTag)], '6000', prerelease);
  }

  findCommandOrDscResource(): Promise<string[]> {
    throw new PowerShellError(
      'Find by CommandName or DSCResource is not supported for the repository',
      'FindCommandOrDscResourceFailure',
    );
  }

  findName(name: string, tags: readonly string[], prerelease: boolean): Promise<string[]> {
    return this.#byId(name, [`Id eq '${name}'`, latest(prerelease), ...tags.map(hasTag)], []);
  }

  findNameGlobbing(name: string, tags: readonly string[], prerelease: boolean): Promise<string[]> {
    const part = name.replaceAll('*', '');
    return this.#search([latest(prerelease), `substringof('${part}', Id)`, ...tags.map(hasTag)], '100', prerelease);
  }

  findVersionGlobbing(name: string, { min, max }: VersionRange): Promise<string[]> {
    const bounds = [
      min && `NormalizedVersion ge '${normalized(min)}'`,
      max && `NormalizedVersion le '${normalized(max)}'`,
    ];
    const filter = [...bounds.filter((bound) => bound !== undefined), `Id eq '${name}'`];
    return this.#byId(name, filter, [['$orderBy', 'NormalizedVersion desc']]);
  }

  /** The filter has the name where the version should stand. */
  findVersion(name: string): Promise<string[]> {
    return this.#byId(name, [`Id eq '${name}'`, `NormalizedVersion eq '${name}'`], []);
  }

  *convert(responses: readonly string[]): Iterable<Converted> {
    for (const response of responses) {
      const found = elementsByTagName(readXml(response, true), 'm:properties');
      if (found.length === 0) yield { error: 'Package does not exist on the server' };
      for (const properties of found) {
        const converted = convertFromXml(properties);
        yield converted;
        if ('error' in converted) throw new Error(`NullReferenceException after: ${converted.error}`);
      }
    }
  }

  download(name: string, version: string): Promise<Buffer> {
    return requestBytes(this.#session, `${this.#session.url}/Packages(Id='${name}',Version='${version}')/Download`);
  }

  #search(filter: readonly string[], top: string, prerelease: boolean): Promise<string[]> {
    const more: Parameters = prerelease ? [['includePrerelease', 'true']] : [];
    return this.#ask('/Search()', [
      ['$filter', filter.join(' and ')],
      ['$inlinecount', 'allpages'],
      ['$skip', '0'],
      ['$top', top],
      ...more,
    ]);
  }

  #byId(name: string, filter: readonly string[], more: Parameters): Promise<string[]> {
    return this.#ask('/FindPackagesById()', [['$filter', filter.join(' and ')], ...more, ['id', `'${name}'`]]);
  }

  async #ask(path: string, parameters: Parameters): Promise<string[]> {
    return [await requestText(this.#session, `${this.#session.url}${path}?${queryString(parameters)}`)];
  }
}
