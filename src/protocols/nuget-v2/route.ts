/**
 * What answers an address of NuGet v2. What is asked about one package is answered by the read worker from that package's document,
 * whether the address names it or the filter does; what goes across packages is the write service's, which has search.
 */
import { isValidPackageId, normalizePackageId, parseNuGetVersion } from '../../identity/nupkg.ts';
import { readQuery, readTextParameter } from '../../odata/read-query.ts';
import { isRefusal } from '../../std/refusals.ts';
import { flatFile, storedPath } from '../nupkg-files.ts';
import type { BlobTarget, DerivedAnswer, DerivedTarget, ReadRequest, Target } from '../protocol.ts';
import { badQueryAnswer, xmlAnswer } from './answers.ts';
import type { Site } from './atom.ts';
import { readFeedDocument } from './feed-document.ts';
import type { FeedEntry } from './feed-entry.ts';
import { feedDocument, type Place, placeOf, powershellGetHeader } from './keys.ts';
import { askedFormat, formatOf, idOf, type ListRequest, readListRequest } from './list-request.ts';
import { type ListOperation, type Operation, readOperation } from './operation.ts';
import { newestAnswer, versionAnswer, versionNames, versionsList } from './package-answer.ts';
import { feedMetadata, serviceDocument } from './service-document.ts';

/** @returns undefined when the address is not one of this protocol */
export function routeNugetV2(request: ReadRequest): Target | undefined {
  const place = placeOf(request.path, request.headers[powershellGetHeader] !== undefined);
  if (place === undefined) return undefined;
  const operation = readOperation(place.rest);
  if (operation === undefined) return undefined;
  if (request.method === 'GET' || request.method === 'HEAD') return targetOf(operation, place, request);
  // Everything else is for reading, which the read worker says when it sees that there is such an address.
  return changing.has(operation.kind)
    ? { type: 'forward' }
    : refused({ request, place }, 'This address is for reading.');
}

/** Addresses to which packages are pushed, or at which one is deleted. */
const changing: ReadonlySet<Operation['kind']> = new Set(['service', 'push', 'download']);

function targetOf(operation: Operation, place: Place, request: ReadRequest): Target | undefined {
  const about = { request, place };
  switch (operation.kind) {
    case 'service':
      return derived(about, 'nuget-v2-service', undefined, (_entries, site) => xmlAnswer(serviceDocument(site)));
    case 'metadata':
      return derived(about, 'nuget-v2-metadata', undefined, () => xmlAnswer(feedMetadata));
    case 'find':
    case 'packages':
      return listTarget(operation, about);
    case 'version':
      return derived(about, 'nuget-v2-version', operation.id, (entries, site) =>
        versionAnswer(entries, place.populationByName, operation, formatFor(request), site),
      );
    case 'versions':
      return withRequest(about, 'nuget-v2-versions', operation.id, (entries, list) =>
        versionNames(entries, place.populationByName, list),
      );
    case 'download':
      return operation.version === undefined
        ? derived(about, 'nuget-v2-newest', operation.id, (entries, site) =>
            newestAnswer(entries, place.populationByName, operation.id, formatFor(request), site),
          )
        : download(operation.id, operation.version);
    default:
      return { type: 'forward', isSearch: true };
  }
}

const formatFor = ({ search, accept }: ReadRequest) => askedFormat(search, accept);

interface About {
  readonly request: ReadRequest;
  readonly place: Place;
}

/** A list is one package's when a parameter or the filter names it. */
function listTarget(operation: ListOperation, about: About): Target {
  return operation.kind === 'find' ? findTarget(operation, about) : packagesTarget(operation, about);
}

/** Most of what installs ask. The query is read when an answer has to be made, and not for one that is in memory. */
function findTarget({ isCount }: ListOperation, about: About): Target {
  const query = readQuery(about.request.search.replace(/^\?/, ''));
  const id = isRefusal(query) ? query : readTextParameter(query, 'id');
  if (isRefusal(id)) return refused(about, id.message);
  if (id === undefined) return refused(about, "FindPackagesById needs a package's id: id='Demo.Lib'.");
  return versionsTarget(about, 'FindPackagesById', id, isCount);
}

function packagesTarget({ isCount }: ListOperation, about: About): Target {
  const list = readListRequest(about.request.search, about.request.accept);
  if (isRefusal(list)) return refused(about, list.message);
  const id = idOf(list.filter);
  return id === undefined ? { type: 'forward', isSearch: true } : versionsTarget(about, 'Packages', id, isCount);
}

function versionsTarget(about: About, title: string, id: string, isCount: boolean): Target {
  const { populationByName } = about.place;
  return withRequest(about, 'nuget-v2-package', id, (entries, list, site) =>
    versionsList(entries, populationByName, { title, search: about.request.search, isCount }, list, site),
  );
}

function withRequest(
  about: About,
  kind: string,
  id: string,
  answer: (entries: readonly FeedEntry[], list: ListRequest, site: Site) => DerivedAnswer,
): Target {
  const { search, accept } = about.request;
  return derived(about, kind, id, (entries, site) => {
    const list = readListRequest(search, accept);
    return isRefusal(list) ? badQueryAnswer(list.message, askedFormat(search, accept)) : answer(entries, list, site);
  });
}

function refused(about: About, sentence: string): DerivedTarget {
  const format = formatFor(about.request);
  return derived(about, 'nuget-v2-refused', undefined, () => badQueryAnswer(sentence, format));
}

const noEntries: readonly FeedEntry[] = [];

/** @param id as it was asked for; undefined when no package's document is needed */
function derived(
  { request, place }: About,
  kind: string,
  id: string | undefined,
  answer: (entries: readonly FeedEntry[], site: Site) => DerivedAnswer,
): DerivedTarget {
  const packageName = id !== undefined && isValidPackageId(id) ? normalizePackageId(id) : undefined;
  return {
    type: 'derived',
    kind,
    ecosystem: 'nupkg',
    packageName,
    path: packageName === undefined ? undefined : storedPath(feedDocument(packageName)),
    read: readFeedDocument,
    answer: (document, context) =>
      answer((document as readonly FeedEntry[] | undefined) ?? noEntries, { context, base: place.base }),
    key: [place.populationByName, formatOf(request.accept), request.path, request.search].join(' '),
    variesBy: ['Accept', 'PSGalleryClientVersion'],
  };
}

/** The package's bytes, by whatever spelling of its version. */
function download(id: string, version: string): BlobTarget | undefined {
  const lower = parseNuGetVersion(version)?.lower;
  if (!isValidPackageId(id) || lower === undefined) return undefined;
  const packageName = normalizePackageId(id);
  return {
    type: 'blob',
    kind: 'nuget-package',
    ecosystem: 'nupkg',
    packageName,
    version: lower,
    path: storedPath(flatFile(packageName, lower, 'nupkg')),
    contentType: 'application/octet-stream',
    allowsOrigins: true,
  };
}
