/** `GET /metrics`: one moment of the whole service, gathered when it is asked for. */
import type { FastifyInstance } from 'fastify';
import type { Areas } from '../areas.ts';
import type { Exporter } from '../export/exporter.ts';
import { isOpen } from '../incidents/stored-incident.ts';
import type { StatusView } from '../model.ts';
import { metricsContentType, type OwnMetrics, ownMetrics } from './metrics.ts';

export interface OwnMetricsParts extends Pick<Areas, 'alarms' | 'incidents' | 'outbox' | 'subscribers' | 'watch'> {
  readonly view: () => StatusView;
  readonly exporter: Exporter;
  readonly clock: { now(): number };
}

export function registerOwnMetrics(app: FastifyInstance, parts: OwnMetricsParts): void {
  app.get('/metrics', async (_request, reply) => {
    reply.type(metricsContentType).header('Cache-Control', 'no-store');
    return ownMetrics(gather(parts));
  });
}

function gather({ alarms, incidents, outbox, subscribers, watch, view, exporter, clock }: OwnMetricsParts): OwnMetrics {
  const at = clock.now();
  const { isKnown, components, at: pageAt } = view();
  return {
    at,
    isKnown,
    pageAt,
    probes: watch
      .states(at)
      .map(({ probe, state, last, lastAt }) => ({ ...probe, state, lastAt, lastMs: last?.durationMs })),
    components: components.map(({ key, status }) => ({ key, status: isKnown ? status : 'unknown' })),
    alarms: alarms.firing().map(({ severity, silencedBy, confirmedAt }) => ({
      severity,
      isSilenced: silencedBy !== undefined,
      isConfirmed: confirmedAt !== undefined,
    })),
    outbox: outbox
      .state()
      .map(({ name, waiting, oldestUnsentAt }) => ({ lane: name, waiting, oldestAt: oldestUnsentAt })),
    openIncidents: incidents
      .list()
      .filter(isOpen)
      .map(({ impact }) => impact),
    subscribers: subscribers.counts(),
    exports: exporter.states().map(({ doneAt, failingSince }, index) => ({
      // Anybody may ask: where copies lie is for the operator alone.
      target: String(index + 1),
      doneAt,
      isFailing: failingSince !== undefined,
    })),
  };
}
