/**
 * The status service, put together: plain constructor calls, and the clockwork that makes it go. It opens its database, watches, and
 * publishes; where and how it is listened to is its caller's matter.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Log } from '../observe/log.ts';
import { type Clock, repeat } from '../std/clock.ts';
import { systemDisk } from '../std/disk.ts';
import type { RandomBytes } from '../std/random.ts';
import type { Alarms } from './alarms/alarms.ts';
import type { Condition } from './alarms/condition.ts';
import { openAlarms } from './alarms/open-alarms.ts';
import { probeConditions } from './alarms/probe-conditions.ts';
import { Outbox } from './channels/outbox.ts';
import { componentNames } from './components/component-names.ts';
import type { StatusSettings } from './config/load.ts';
import { openStatusDatabase, type StatusDatabase } from './database.ts';
import { createEvaluation, type Evaluated } from './evaluation.ts';
import { type Exporter, startExporter } from './export/exporter.ts';
import { folderTarget } from './export/folder.ts';
import { s3Target } from './export/s3.ts';
import { heartbeatProbes } from './heartbeats/as-probes.ts';
import { type Heartbeats, openHeartbeats } from './heartbeats/heartbeats.ts';
import { installationSecret } from './heartbeats/installation-secret.ts';
import { openSignsOfLife } from './heartbeats/signs-of-life.ts';
import type { History } from './history/history.ts';
import { openHistory } from './history/open-history.ts';
import { incidentConditions } from './incidents/conditions.ts';
import type { Incidents } from './incidents/incidents.ts';
import { openIncidents } from './incidents/open-incidents.ts';
import { type MetricsWatch, watchMetrics } from './metrics/watch.ts';
import { isOwnNetworkUp } from './probes/own-network.ts';
import type { ProbeState } from './probes/probe.ts';
import { probesFrom } from './probes/probes-of.ts';
import type { Publication } from './publication/packed.ts';
import { createPublisher, type Publisher } from './publication/publisher.ts';
import { createRoutes } from './routes.ts';
import { schemaSteps } from './schema-steps.ts';
import { burnConditions } from './slo/burn-conditions.ts';
import { objectiveOf, objectivesOf } from './slo/objectives.ts';
import { sloView } from './slo/slo-view.ts';
import { makeView, type ViewParts } from './view.ts';
import { startWatch, type Watch } from './watch/watch.ts';

export interface StatusService {
  /** What is public at this moment. */
  publication(): Publication;
  /** Everything that is not published: forms, management, heartbeats, metrics. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** What a service published that ran until a moment ago. */
  readonly earlier?: Publication;
}

const lookEveryMs = 1_000;
const deliverEveryMs = 500;
/** What is published says as of when it is. */
const publishEveryMs = 15_000;
/** Names may lead to other addresses by then. */
const resolveEveryMs = 10 * 60_000;
const ownNetworkDeadlineMs = 2_000;

/** Opens everything, and begins. */
export async function startStatusService(settings: StatusSettings, parts: ServiceParts): Promise<StatusService> {
  const db = openStatusDatabase(join(settings.folder, 'status.sqlite'), schemaSteps);
  try {
    return await startOn(db, settings, parts);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** What the areas make of the database and the configuration. */
export interface Areas {
  readonly settings: StatusSettings;
  readonly db: StatusDatabase;
  readonly history: History;
  readonly outbox: Outbox;
  readonly alarms: Alarms;
  readonly incidents: Incidents;
  readonly heartbeats: Heartbeats;
  readonly metrics: MetricsWatch;
  readonly watch: Watch;
}

async function startOn(db: StatusDatabase, settings: StatusSettings, parts: ServiceParts): Promise<StatusService> {
  const { clock, log } = parts;
  const areas = openAreas(db, settings, parts);
  const { watch, history, outbox, incidents, alarms, heartbeats } = areas;
  const objectives = objectivesOf(settings.slos);
  let exporter: Exporter | undefined;
  const signsOfLife = openSignsOfLife({
    clock,
    log,
    destinations: () => settings.heartbeatsOut,
    isWell: () => publisher.isFresh() && publisher.view().isKnown,
  });
  const conditions = (states: readonly ProbeState[], now: number): readonly Condition[] => [
    ...probeConditions(states),
    ...areas.metrics.conditions(),
    ...burnConditions(history, objectives, now),
    ...incidentConditions(incidents),
    ...heartbeats.conditions(),
    ...signsOfLife.conditions(),
    ...(exporter?.conditions() ?? []),
  ];
  const evaluate = createEvaluation({
    naming: settings.components,
    clock,
    history,
    incidents,
    alarms,
    probeStates: (now) => [...watch.states(now), ...heartbeatProbes(heartbeats.states(), now)],
    conditions,
  });
  const viewParts: ViewParts = {
    settings,
    clock,
    history,
    incidents,
    sloOf(component, now) {
      const objective = objectiveOf(objectives, component);
      return objective && sloView(history, objective, now);
    },
  };
  const first = evaluate();
  const publisher = createPublisher(makeView(viewParts, first.components, first.isKnown), clock, parts.earlier);
  exporter = startExporter(targetsOf(settings, clock), () => publisher.files(), clock);
  const stopPublishing = keepPublishing({ evaluate, publisher, viewParts, exporter, incidents, clock, log });
  const guard = guarded(log);
  const probes = probesFrom(settings, { ...parts, db });
  const resolve = async () => watch.setProbes(await probes());
  await resolve();
  const stops = [
    repeat(
      deliverEveryMs,
      guard('deliver', async () => outbox.deliver()),
    ),
    repeat(
      settings.metricsEverySeconds * 1_000,
      guard('metrics', () => areas.metrics.read(watch.states(clock.now()))),
    ),
    repeat(1_000, guard('signs of life', () => signsOfLife.send())),
    repeat(5_000, guard('heartbeats', async () => heartbeats.keep())),
    repeat(resolveEveryMs, guard('probes', resolve)),
    repeat(
      3_600_000,
      guard('outbox', async () => outbox.keep()),
    ),
  ];
  const routes = await createRoutes({ ...areas, ...parts, view: () => publisher.view() });
  return {
    publication: () => publisher.current(),
    handle: routes.handle,
    async stop() {
      await Promise.all([
        watch.stop(),
        stopPublishing(),
        ...stops.map((stop) => stop()),
        exporter.stop(),
        routes.close(),
      ]);
      await Promise.all([outbox.close(), signsOfLife.close()]);
      history.close();
      db.close();
    },
  };
}

function openAreas(db: StatusDatabase, settings: StatusSettings, parts: ServiceParts): Areas {
  const { clock, random, log } = parts;
  const history = openHistory({ db, clock, log });
  const outbox = new Outbox({ db, clock, random, settings: () => ({ ...settings, pageName: settings.page.name }) });
  const links = {
    confirm: (token: string) => `${settings.page.url}/confirm/${token}`,
    runbook: (name: string) => `docs/runbooks/${name}.md`,
  };
  const alarms = openAlarms({ db, outbox, clock, random, log, settings: () => settings, links });
  const nameOf = new Map([...componentNames, ...settings.components].map(({ key, name }) => [key, name]));
  const incidents = openIncidents({
    db,
    clock,
    random,
    log,
    settings: settings.incidents,
    componentName: (key) => nameOf.get(key) ?? key,
  });
  alarms.onTold((alarm) => noteTold(incidents, alarm.component, clock.now()));
  const watch = startWatch({
    ...parts,
    probing: settings.probing,
    isOwnNetworkUp: () => isOwnNetworkUp(settings.probing.ownNetwork, ownNetworkDeadlineMs),
    onResult: ({ id, component }, { verdict, durationMs, words }, at) =>
      history.add({ probe: id, component, at, verdict, durationMs, words }),
  });
  const secret = installationSecret(settings.folder, random);
  const heartbeats = openHeartbeats({ db, clock, secret, configured: () => settings.heartbeats });
  const metrics = watchMetrics({ settings, clock, log });
  return { settings, db, history, outbox, alarms, incidents, heartbeats, watch, metrics };
}

/** An incident was told when the first person was called for one of its components. */
function noteTold(incidents: Incidents, component: string | undefined, at: number): void {
  for (const { id, components, resolvedAt, toldAfterMs } of incidents.list()) {
    if (resolvedAt !== undefined || toldAfterMs !== undefined) continue;
    if (components.some(({ key }) => key === component)) incidents.noteTold(id, at);
  }
}

function targetsOf({ exports }: StatusSettings, clock: Clock) {
  return exports.map((one) => (one.kind === 'folder' ? folderTarget(one.folder, systemDisk) : s3Target(one, clock)));
}

interface Publishing {
  readonly evaluate: () => Evaluated;
  readonly publisher: Publisher;
  readonly viewParts: ViewParts;
  readonly exporter: Exporter;
  readonly incidents: Incidents;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks every second, and publishes what changed at once, and the rest now and then. */
function keepPublishing({
  evaluate,
  publisher,
  viewParts,
  exporter,
  incidents,
  clock,
  log,
}: Publishing): () => Promise<void> {
  let isTold = true;
  let publishedAt = clock.monotonicMs();
  let wasKnown: boolean | undefined;
  incidents.onChange(() => {
    isTold = false;
  });
  return repeat(
    lookEveryMs,
    guarded(log)('look', async () => {
      const { components, hasChanged, isKnown } = evaluate();
      const isDue = clock.monotonicMs() - publishedAt >= publishEveryMs;
      const isNew = hasChanged || !isTold || isKnown !== wasKnown;
      if (!isNew && !isDue) return;
      [isTold, wasKnown, publishedAt] = [true, isKnown, clock.monotonicMs()];
      publisher.refresh(makeView(viewParts, components, isKnown));
      if (isNew) exporter.changed();
    }),
  );
}

/** One task that fails must not end the others, and is tried again. */
function guarded(log: Log) {
  return (what: string, task: () => Promise<unknown>) => async () => {
    try {
      await task();
    } catch (error) {
      log.error({ err: error, task: what }, 'a periodic task failed; it is tried again');
    }
  };
}
