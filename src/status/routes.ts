/**
 * Everything of the status service that is not a published file: management, the operator's pages, subscribing, signs of life, metrics.
 * An address that none of them has is 404, in words.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import fastify from 'fastify';
import { registerManagement } from './api/routes.ts';
import type { Areas } from './areas.ts';
import type { Exporter } from './export/exporter.ts';
import { registerHeartbeats } from './heartbeats/route.ts';
import type { StatusView } from './model.ts';
import { registerOperator } from './operator/routes.ts';
import { operatorToken } from './operator/token.ts';
import { registerOwnMetrics } from './own-metrics/route.ts';
import { layout } from './page/layout.ts';
import { ownMarkup } from './page/markup.ts';
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
  registerSubscribers(app, parts.subscribers, (title, body, root) =>
    layout({ pageName: settings.page.name, title, root, body: ownMarkup(`<h1>${title}</h1>\n${body}`) }),
  );
  registerOperator(app, { ...managed, channels: () => outbox.state() });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('There is no such page here.\n'),
  );
  await app.ready();
  return {
    handle: (request, response) => app.routing(request, response),
    close: () => app.close(),
  };
}
