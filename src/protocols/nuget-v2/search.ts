/**
 * Queries across packages: `Search`, `Packages` without an id, `GetUpdates`, `package-ids`. Answered by the write service, from the
 * search file and from the documents of packages, with no database. Whatever is wrong with search is a 503 in plain words here;
 * what installs ask never comes this way.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defaultFeed, documentKey, type FeedPlace } from '../../blobs/keys.ts';
import { askedBaseUrl } from '../../config/base-url.ts';
import { readText } from '../../documents/format.ts';
import type { Gallery } from '../../gallery.ts';
import { isValidPackageId, normalizePackageId } from '../../identity/nupkg.ts';
import { readTextParameter } from '../../odata/read-query.ts';
import { contextOf } from '../../render/context.ts';
import type { FeedHit, FeedQuery } from '../../search/feed-query.ts';
import { type Searcher, switchedOff } from '../../search/searcher.ts';
import { readerAdmission } from '../../serve/reader-access.ts';
import { type SendingRoom, sendingRoom } from '../../serve/sending-room.ts';
import { isRefusal, type Refusal, reasonPhrase, refuse } from '../../std/refusals.ts';
import { feedOf } from '../../upload/answer.ts';
import { storedPath } from '../nupkg-files.ts';
import type { DerivedAnswer } from '../protocol.ts';
import { countAnswer, errorBody, listAnswer, namesAnswer } from './answers.ts';
import type { Site } from './atom.ts';
import { readFeedDocument } from './feed-document.ts';
import type { FeedEntry } from './feed-entry.ts';
import { feedDocument, type Place, placeOf, powershellGetHeader, roots } from './keys.ts';
import {
  askedFormat,
  idOf,
  isOfAbsoluteLatest,
  isOfLatest,
  type ListRequest,
  readListRequest,
} from './list-request.ts';
import { type ListOperation, readOperation } from './operation.ts';
import { chosen, versionsList } from './package-answer.ts';
import { fitting, takeOf } from './page.ts';
import { readSearchTerms } from './search-terms.ts';
import type { ShownEntry } from './shown-entry.ts';
import { versionsOf } from './shown-hits.ts';
import { readUpdateQuestion, updatesOf } from './updates.ts';

/** Ids in the answer to whoever completes a name. */
const idsMax = 30;
/** Entries that are put together before others get a turn. */
const entriesATurn = 50;

/** Answers that are being sent, in characters; the largest has some 20 million. */
const sendingLengthMax = 256 * 1024 * 1024;

/** One request, as far as it has been read. */
interface Asked {
  readonly place: Place;
  readonly site: Site;
  readonly feed: FeedPlace;
  readonly list: ListRequest;
  /** The query as it came. */
  readonly search: string;
}

/** Registers the queries at every root, for the default feed and for every other one. */
export function registerNugetV2Queries(app: FastifyInstance, gallery: Gallery, searcher: Searcher): void {
  const admission = readerAdmission(gallery.store, () => gallery.key, gallery.clock);
  const find = async (request: FastifyRequest): Promise<DerivedAnswer | Refusal> => {
    const feedName = feedOf(request, defaultFeed);
    const admitted = await admission(feedName, request.headers);
    if (!admitted) return refuse('unavailable', 'The gallery is starting; try again in a moment.');
    if (admitted.type === 'unknown') return refuse('not-found', 'Not found.');
    if (admitted.type === 'challenge') {
      return refuse('credentials-missing', 'This feed is private: give a token as the password, with any user name.');
    }
    const { pathname, search } = new URL(request.raw.url ?? '/', 'http://gallery');
    const path = decodeURIComponent(pathname).replace(/^\/(feeds\/[^/]+\/)?/, '');
    const place = placeOf(path, request.headers[powershellGetHeader] !== undefined);
    const operation = place && readOperation(place.rest);
    if (place === undefined || operation === undefined) return refuse('not-found', 'Not found.');
    const list = readListRequest(search, request.headers.accept ?? '*/*');
    if (isRefusal(list)) return list;
    const site = { context: contextOf(askedBaseUrl(request.headers, gallery.config), feedName), base: place.base };
    const asked = { place, site, feed: admitted.feed, list, search };
    switch (operation.kind) {
      case 'search':
      case 'packages':
        return searched(gallery, searcher, operation, asked);
      case 'updates':
        return updates(gallery, operation, asked);
      case 'ids':
        return ids(gallery, searcher, asked);
      case 'push':
        return refuse('method-not-allowed', 'This address takes packages (PUT), for example from Publish-PSResource.');
      default:
        return refuse('not-found', 'Not found.');
    }
  };
  const room = sendingRoom(sendingLengthMax);
  for (const prefix of ['', '/feeds/:feed']) {
    for (const { address } of roots) {
      app.get(`${prefix}/${address}/*`, async (request, reply) => send(request, reply, await find(request), room));
    }
  }
}

async function searched(
  gallery: Gallery,
  searcher: Searcher,
  operation: ListOperation,
  asked: Asked,
): Promise<DerivedAnswer | Refusal> {
  const { list, place, site, feed, search } = asked;
  const isSearch = operation.kind === 'search';
  const title = isSearch ? 'Search' : 'Packages';
  const term = isSearch ? (readTextParameter(list.query, 'searchTerm') ?? '') : '';
  if (isRefusal(term)) return term;
  const { text, filter, population } = readSearchTerms(term, list, place);
  // A list of everything is one of prereleases too; a search has them only for who says so, in one way or the other.
  const hasPrerelease = list.includePrerelease ?? (!isSearch || isOfAbsoluteLatest(list.filter));
  const id = idOf(list.filter);
  if (id !== undefined && text === '') {
    const entries = await entriesOf(gallery, feed, id);
    const isShown = ({ isListed, isPrerelease }: FeedEntry) =>
      !isSearch || (isListed && (hasPrerelease || !isPrerelease));
    const about = { title, search, isCount: operation.isCount, isShown };
    return versionsList(entries, population, about, { ...list, filter }, site);
  }
  if (gallery.config.searchOff.includes('search')) return switchedOff('search');
  const query: FeedQuery = {
    kind: 'feed',
    feed: feed.name,
    population,
    text,
    hasAllVersions: !isOfLatest(filter),
    filter,
    orderBy: list.orderBy,
    skip: list.skip,
    take: operation.isCount ? 0 : takeOf(list, term.trim()),
    hasPrerelease,
    hasSemVer2: list.hasSemVer2,
  };
  const found = await searcher.ask(query);
  if (isRefusal(found)) return found;
  if (operation.isCount) return countAnswer(found.total);
  const entries = await shownHits(gallery, feed, found.hits);
  // What went a moment ago is not shown, and still counts: the next page begins behind it.
  return listAnswer({ title, search, entries, taken: found.hits.length, total: found.total }, list, site);
}

/** What search has no text of is taken from its package's document. */
async function shownHits(gallery: Gallery, feed: FeedPlace, hits: readonly FeedHit[]): Promise<ShownEntry[]> {
  const shown: ShownEntry[] = [];
  const without = hits.filter((hit) => hit.entry === undefined);
  const found = await versionsOf(without, (id) => entriesOf(gallery, feed, id));
  for (const [index, hit] of hits.entries()) {
    if (index % entriesATurn === entriesATurn - 1) await turn();
    const { isLatestVersion, isAbsoluteLatestVersion, downloads } = hit;
    const entry = hit.entry === undefined ? found.get(hit) : (JSON.parse(hit.entry) as FeedEntry);
    // It went a moment ago, and search has not heard of it yet.
    if (entry === undefined) continue;
    shown.push({ entry, isLatestVersion, isAbsoluteLatestVersion, downloads });
  }
  return shown;
}

async function updates(gallery: Gallery, operation: ListOperation, asked: Asked): Promise<DerivedAnswer | Refusal> {
  const { list, place, feed, site, search } = asked;
  const question = readUpdateQuestion(list);
  if (isRefusal(question)) return question;
  const newer: ShownEntry[] = [];
  for (const [id, versions] of Map.groupBy(question.installed, (one) => normalizePackageId(one.id))) {
    const entries = await entriesOf(gallery, feed, id);
    for (const installed of versions) {
      newer.push(...updatesOf(entries, installed, question, place.population, list.hasSemVer2));
    }
  }
  const ordered = chosen(newer, list, site.context);
  if (isRefusal(ordered)) return ordered;
  if (operation.isCount) return countAnswer(ordered.length);
  const entries = fitting(ordered.slice(list.skip, list.skip + takeOf(list, '')));
  return listAnswer({ title: 'GetUpdates', search, entries, total: ordered.length }, list, site);
}

async function ids(gallery: Gallery, searcher: Searcher, { feed, list }: Asked): Promise<DerivedAnswer | Refusal> {
  if (gallery.config.searchOff.includes('autocomplete')) return switchedOff('autocomplete');
  const text = readTextParameter(list.query, 'partialId') ?? '';
  if (isRefusal(text)) return text;
  const found = await searcher.ask({
    kind: 'ids',
    feed: feed.name,
    text,
    skip: 0,
    take: idsMax,
    hasPrerelease: list.includePrerelease === true,
    hasSemVer2: list.hasSemVer2,
    packageType: undefined,
  });
  return isRefusal(found) ? found : namesAnswer(found.names);
}

/** All versions of a package, from its document; none when there is no such package. */
async function entriesOf(gallery: Gallery, feed: FeedPlace, id: string): Promise<readonly FeedEntry[]> {
  if (!isValidPackageId(id)) return [];
  const key = documentKey(feed, storedPath(feedDocument(normalizePackageId(id))));
  const bytes = await gallery.store.get(key);
  return bytes === undefined ? [] : readFeedDocument((await readText(bytes)).toString('utf8'));
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  found: DerivedAnswer | Refusal,
  room: SendingRoom,
): Promise<FastifyReply> {
  reply.header('Cache-Control', 'no-store').header('X-Content-Type-Options', 'nosniff');
  if (isRefusal(found)) return refused(request, reply, found);
  if (!room.hold(reply.raw, found, found.body.length)) {
    return refused(
      request,
      reply,
      refuse('busy', 'Too many large answers are being sent at once; try again in a moment.'),
    );
  }
  for (let at = 0; at < found.headers.length; at += 2) reply.header(found.headers[at] ?? '', found.headers[at + 1]);
  return reply.code(found.status).type(found.contentType).send(found.body);
}

/** In the form that this protocol has for it, and as the reason phrase, which is all that some clients show. */
function refused(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { search } = new URL(request.raw.url ?? '/', 'http://gallery');
  const format = askedFormat(search, request.headers.accept ?? '*/*');
  reply.raw.statusMessage = reasonPhrase(refusal.message);
  if (refusal.status === 401) reply.header('WWW-Authenticate', 'Basic realm="Holdfast", charset="UTF-8"');
  if (refusal.status === 503) reply.header('Retry-After', '5');
  return reply
    .code(refusal.status)
    .type(format === 'json' ? 'application/json;charset=utf-8' : 'application/xml;charset=utf-8')
    .send(errorBody(refusal.message, format));
}
