/**
 * Everything of the status service that is not a published file: management, the operator's pages, subscribing, signs of life, metrics.
 * An address that none of them has is 404, in words.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import { registerManagement } from './api/routes.ts';
import type { Areas } from './areas.ts';
import type { Exporter } from './export/exporter.ts';
import { registerHeartbeats } from './heartbeats/route.ts';
import type { StatusView } from './model.ts';
import { registerOperator } from './operator/routes.ts';
import { operatorToken } from './operator/token.ts';
import { registerOwnMetrics } from './own-metrics/route.ts';
import { layout, pageHeaders } from './page/layout.ts';
import { html, type Markup } from './page/markup.ts';
import type { ServiceParts } from './service.ts';
import { registerSubscribers } from './subscribers/routes.ts';

export interface RouteParts extends Areas, ServiceParts {
  readonly view: () => StatusView;
  readonly exporter: Exporter;
}

export interface Routes {
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

const bodyBytesMax = 64 * 1024;

export async function createRoutes(parts: RouteParts): Promise<Routes> {
  const { settings, random, outbox } = parts;
  const app = fastify({ bodyLimit: bodyBytesMax, forceCloseConnections: true, routerOptions: { maxParamLength: 500 } });
  const token = operatorToken(settings.folder, random);
  const heartbeats = () =>
    parts.heartbeats.states().map(({ name, means, heardAt, lateness, path }) => ({
      name,
      means,
      lastAt: heardAt,
      isLate: lateness === 'late',
      url: `${settings.page.url}${path}`,
    }));
  registerHeartbeats(app, parts.heartbeats);
  registerOwnMetrics(app, parts);
  const managed = { ...parts, token, templates: () => settings.incidents.templates, heartbeats };
  registerManagement(app, { ...managed, subscribers: () => parts.subscribers.counts() });
  const page = (title: string, body: Markup, root: string) =>
    layout({
      pageName: settings.page.name,
      title,
      root,
      body: html`<div class="head"><h1>${title}</h1></div>\n${body}`,
    });
  registerSubscribers(app, parts.subscribers, page);
  registerOperator(app, { ...managed, channels: () => outbox.state() });
  registerMerged(app, parts.incidents);
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).headers({ ...pageHeaders, 'Cache-Control': 'no-store' });
    const [path = ''] = request.url.split('?');
    if (path.startsWith('/api/'))
      return reply.send({ code: 'not-found', message: 'There is nothing at this address.' });
    const words = html`<p>There is nothing at this address; it may have been misspelt.</p>`;
    const root = '../'.repeat(path.split('/').length - 2);
    return reply.type('text/html; charset=utf-8').send(page('There is no such page', words, root));
  });
  await app.ready();
  return {
    handle: (request, response) => app.routing(request, response),
    close: () => app.close(),
  };
}

/** The addresses of an incident that was merged lead to what it was merged into; those of all others are published. */
function registerMerged(app: FastifyInstance, incidents: Areas['incidents']): void {
  const addresses = { '/incidents/:file': '.html', '/api/v2/incidents/:file': '.json' } as const;
  for (const [address, ending] of Object.entries(addresses)) {
    app.get<{ Params: { file: string } }>(address, (request, reply) => {
      const id = request.params.file.replace(/\.(?:html|json)$/, '');
      const found = incidents.find(id);
      if (found === undefined || found.id === id) return reply.callNotFound();
      return reply.header('Cache-Control', 'no-store').redirect(`${found.id}${ending}`, 302);
    });
  }
}
