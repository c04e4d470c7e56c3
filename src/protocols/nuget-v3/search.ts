/**
 * Search and autocomplete: `SearchQueryService` and `SearchAutocompleteService`. Answered by the write service from the search
 * file, and from nothing else: who may read a private feed is told by the same document that the read workers use, so that
 * neither needs the database. Whatever is wrong with search is a 503 in plain words, here and nowhere else.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defaultFeed } from '../../blobs/keys.ts';
import { askedBaseUrl } from '../../config/base-url.ts';
import type { RenderContext } from '../../documents/output.ts';
import type { Gallery } from '../../gallery.ts';
import { contextOf } from '../../render/context.ts';
import type { SearchAnswer, SearchRequest } from '../../search/ask.ts';
import { type Searcher, switchedOff } from '../../search/searcher.ts';
import { originHeaders } from '../../serve/headers.ts';
import { readerAdmission } from '../../serve/reader-access.ts';
import { writeJson } from '../../std/json.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { answerRefusal, feedOf } from '../../upload/answer.ts';
import { autocompleteAddress, searchAddress } from './keys.ts';
import { searchItem } from './search-answer.ts';
import { readSearchParameters, type SearchParameters } from './search-request.ts';

/** A part of search that an operator can switch off. */
type Part = 'search' | 'autocomplete';

/** From a feed's name, and the address of it, to a request for the search file and from its answer to ours. */
interface Endpoint {
  readonly part: Part;
  readonly address: string;
  request(feed: string, parameters: SearchParameters): SearchRequest;
  answer(found: SearchAnswer, parameters: SearchParameters, context: RenderContext): object;
}

const endpoints: readonly Endpoint[] = [
  {
    part: 'search',
    address: searchAddress,
    request: (feed, parameters) => ({ kind: 'packages', feed, ...parameters }),
    answer: ({ total, hits }, { hasSemVer2 }, context) => ({
      totalHits: total,
      data: hits.map((hit) => searchItem(hit, hasSemVer2, context)),
    }),
  },
  {
    part: 'autocomplete',
    address: autocompleteAddress,
    request: (feed, { id, ...parameters }) =>
      id === undefined ? { kind: 'ids', feed, ...parameters } : { kind: 'versions', feed, id, ...parameters },
    answer: ({ total, names }) => ({ totalHits: total, data: names }),
  },
];

/** Registers both for the default feed and for every other one. */
export function registerNugetSearch(app: FastifyInstance, gallery: Gallery, searcher: Searcher): void {
  const { clock, config, store } = gallery;
  const admission = readerAdmission(store, () => gallery.key, clock);
  const find = async (endpoint: Endpoint, request: FastifyRequest): Promise<object | Refusal> => {
    const admitted = await admission(feedOf(request, defaultFeed), request.headers);
    if (!admitted) return refuse('unavailable', 'The gallery is starting; try again in a moment.');
    if (admitted.type === 'unknown') return refuse('not-found', 'Not found.');
    if (admitted.type === 'challenge') return challenge;
    if (config.searchOff.includes(endpoint.part)) return switchedOff(endpoint.part);
    const parameters = readSearchParameters(new URL(request.raw.url ?? '/', 'http://gallery').searchParams);
    const found = await searcher.ask(endpoint.request(admitted.feed.name, parameters));
    if (isRefusal(found)) return found;
    return endpoint.answer(found, parameters, contextOf(askedBaseUrl(request.headers, config), admitted.feed.name));
  };
  for (const prefix of ['', '/feeds/:feed']) {
    for (const endpoint of endpoints) {
      const url = `${prefix}/${endpoint.address}`;
      app.get(url, async (request, reply) => answer(request, reply, await find(endpoint, request)));
      app.options(url, (_request, reply) => allowOrigins(reply).header('Allow', 'GET, HEAD, OPTIONS').code(204).send());
    }
  }
}

const challenge = refuse(
  'credentials-missing',
  'This feed is private: give a token as the password, with any user name.',
);

async function answer(request: FastifyRequest, reply: FastifyReply, found: object | Refusal): Promise<FastifyReply> {
  if (isRefusal(found)) return answerRefusal(request, reply, found, found.status);
  return allowOrigins(reply)
    .header('Cache-Control', 'no-store')
    .header('X-Content-Type-Options', 'nosniff')
    .type('application/json; charset=utf-8')
    .send(writeJson(found));
}

function allowOrigins(reply: FastifyReply): FastifyReply {
  for (let at = 0; at < originHeaders.length; at += 2) reply.header(originHeaders[at] ?? '', originHeaders[at + 1]);
  return reply;
}
