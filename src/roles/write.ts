/** The write role: push, API and pages, on a socket that only the read workers (and a private network) can reach. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import { found } from '../accounts/found.ts';
import { registerApi } from '../api/routes.ts';
import { openGallery, type Replacements } from '../app.ts';
import { isDatabaseUnavailable } from '../catalogue/database.ts';
import { releaseLeasesOfRole } from '../catalogue/queries/render-lease.ts';
import { refuseOldDatabase } from '../catalogue/records.ts';
import type { Config } from '../config/load.ts';
import type { Gallery } from '../gallery.ts';
import { poolFigures } from '../observe/figures.ts';
import { nugetV2PushAddresses } from '../protocols/nuget-v2/keys.ts';
import { registerNugetV2Queries } from '../protocols/nuget-v2/search.ts';
import { registerNugetSearch } from '../protocols/nuget-v3/search.ts';
import { registerNugetPublish } from '../protocols/nuget-v3/upload.ts';
import { registerPypiUpload } from '../protocols/pypi/upload.ts';
import { enqueueMissingCatalogs } from '../render/catalog.ts';
import { renderFeeds } from '../render/names.ts';
import { openSearcher, type Searcher } from '../search/searcher.ts';
import { refuse } from '../std/refusals.ts';
import { completeOutstanding } from '../upkeep/complete.ts';
import { answerRefusal } from '../upload/answer.ts';
import { archiveLimits } from '../validate/candidate.ts';
import { registerPages } from '../web/pages.ts';
import { drainServer } from './drain.ts';
import type { RunningRole } from './running.ts';

/** Beyond a client's silence, in milliseconds. */
const forgottenMs = 10_000;

/** Opens the gallery, completes what an earlier process left, and serves. */
export async function runWrite(config: Config, replace: Replacements = {}): Promise<RunningRole> {
  const gallery = await openGallery(config, 'write', replace);
  await releaseLeasesOfRole(gallery.db, 'write:');
  await refuseOldDatabase(gallery.db, gallery.store);
  await found(gallery);
  await gallery.finisher.flush();
  const completed = await completeOutstanding(gallery, 0);
  if (completed > 0) gallery.log.info({ events: completed }, 'completed what an earlier process had begun');
  // The address may have changed, and a document may be of an earlier render version.
  await renderFeeds(gallery);
  await enqueueMissingCatalogs(gallery);
  const searcher = openSearcher({
    file: gallery.folders.search,
    atOnceMax: config.searchesAtOnceMax,
    deadlineMs: config.searchDeadlineMs,
    clock: gallery.clock,
    log: gallery.log,
  });
  const app = createWriteServer(gallery, searcher);
  rmSync(gallery.folders.writeSocket, { force: true });
  await app.listen({ path: gallery.folders.writeSocket });
  const forOthers = await listenForOthers(app, config.writeListen);
  return {
    figures: async () => [
      ...poolFigures('write', 'uploads', gallery.uploads.inUse(), config.uploadsAtOnceMax),
      ...poolFigures('write', 'searches', searcher.inUse(), config.searchesAtOnceMax),
    ],
    async stop() {
      forOthers?.close();
      await drainServer(app.server, config.drainMs, async () => app.close());
      await gallery.close();
    },
  };
}

/** The same routes for read workers of other machines, on a private network. */
async function listenForOthers(app: FastifyInstance, address: string): Promise<Server | undefined> {
  if (address === '') return undefined;
  const split = address.lastIndexOf(':');
  const server = createServer((request, response) => app.routing(request, response));
  server.on('checkContinue', (request, response) => app.routing(request, response));
  server.listen({ host: address.slice(0, split), port: Number(address.slice(split + 1)) });
  await once(server, 'listening');
  return server;
}

/** All routes of the write service. It closes the searcher with itself. */
export function createWriteServer(gallery: Gallery, searcher: Searcher): FastifyInstance {
  const { config } = gallery;
  const app = fastify({
    bodyLimit: 1024 * 1024,
    requestTimeout: 0,
    // The read workers tell a silent client so; this only ends what they have forgotten.
    connectionTimeout: config.uploadIdleMs + forgottenMs,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1_000 },
  });
  // Bodies of uploads are read by upload/receive.ts as they arrive, whatever type they claim; only the API has others.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.server.on('checkContinue', (request, response) => app.routing(request, response));
  const limits = archiveLimits(config);
  registerPypiUpload(app, gallery, limits);
  registerNugetPublish(app, gallery, limits, nugetV2PushAddresses);
  app.addHook('onClose', () => searcher.close());
  registerNugetSearch(app, gallery, searcher);
  registerNugetV2Queries(app, gallery, searcher);
  registerApi(app, gallery);
  registerPages(app, gallery);
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/plain; charset=utf-8').send('Not found.\n'));
  app.setErrorHandler(async (error, request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status < 500)
      return reply
        .code(status)
        .type('text/plain; charset=utf-8')
        .send(`${(error as Error).message}\n`);
    // Whatever failed here was infrastructure or a bug; to the client both mean: not now, nothing was changed.
    gallery.log.error({ err: error, url: request.url, database: isDatabaseUnavailable(error) }, 'a request failed');
    const sentence = 'The gallery cannot do this for the moment; nothing was lost, try again shortly.';
    return answerRefusal(request, reply, refuse('unavailable', sentence), 503);
  });
  return app;
}
