/**
 * The status service, put together, and the clockwork that makes it go. It opens its database, watches, and publishes; where and how it
 * is listened to is its caller's matter.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Log } from '../observe/log.ts';
import { type Clock, repeat } from '../std/clock.ts';
import { systemDisk } from '../std/disk.ts';
import type { RandomBytes } from '../std/random.ts';
import type { Condition } from './alarms/condition.ts';
import { isPagePathOpen } from './alarms/page-path.ts';
import { probeConditions } from './alarms/probe-conditions.ts';
import { type Areas, openAreas } from './areas.ts';
import { componentStates } from './components/component-states.ts';
import type { StatusSettings } from './config/load.ts';
import { openStatusDatabase, type StatusDatabase } from './database.ts';
import { createEvaluation, type Evaluated } from './evaluation.ts';
import { type Exporter, startExporter } from './export/exporter.ts';
import { folderTarget } from './export/folder.ts';
import { s3Target } from './export/s3.ts';
import { heartbeatProbes } from './heartbeats/as-probes.ts';
import { openSignsOfLife, type SignsOfLife } from './heartbeats/signs-of-life.ts';
import { incidentConditions } from './incidents/conditions.ts';
import type { StatusView } from './model.ts';
import { probesFrom } from './probes/probes-of.ts';
import type { Publication } from './publication/packed.ts';
import { createPublisher, type Publisher } from './publication/publisher.ts';
import { createRoutes } from './routes.ts';
import { schemaSteps } from './schema-steps.ts';
import { burnConditions } from './slo/burn-conditions.ts';
import { objectiveOf, objectivesOf } from './slo/objectives.ts';
import { sloView } from './slo/slo-view.ts';
import { createAnnouncer } from './subscribers/announcer.ts';
import { emptyView, makeView } from './view.ts';
import type { ProbeMemory } from './watch/watch.ts';

export interface StatusService {
  /** What is public at this moment. */
  publication(): Publication;
  /** Everything that is not published: forms, management, heartbeats, metrics. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** What is known of its probes; also after it was stopped. */
  memory(): ProbeMemory;
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** What a service published that ran until a moment ago. */
  readonly earlier?: Publication | undefined;
  /** What its probes were, so that nothing is unknown for the length of a changed configuration. */
  readonly remembered?: ProbeMemory | undefined;
}

const lookEveryMs = 1_000;
const deliverEveryMs = 500;
const signOfLifeEveryMs = 1_000;
const heartbeatsEveryMs = 5_000;
/** What is published says as of when it is. */
const publishEveryMs = 15_000;
/** Names may lead to other addresses by then. */
const resolveEveryMs = 10 * 60_000;
const tidyEveryMs = 3_600_000;
/** Whoever could not look or deliver a moment ago, because nothing can be written, calls nobody. */
const troubledMs = 30_000;

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

async function startOn(db: StatusDatabase, settings: StatusSettings, parts: ServiceParts): Promise<StatusService> {
  const { clock, log, earlier } = parts;
  // First of all, because the configuration may name files that are not there; then nothing else was begun.
  const probes = probesFrom(settings, { ...parts, db });
  const first = await probes();
  const publisher = createPublisher(emptyView(settings, clock.now()), clock, earlier);
  const view = () => publisher.view();
  const areas = openAreas(db, settings, { ...parts, view });
  let failedMs = Number.NEGATIVE_INFINITY;
  const noteFailure = () => {
    failedMs = clock.monotonicMs();
  };
  const signsOfLife = openSignsOfLife({
    clock,
    log,
    destinations: () => settings.heartbeatsOut,
    isWell: () =>
      clock.monotonicMs() - failedMs > troubledMs &&
      publisher.isFresh() &&
      view().isKnown &&
      isPagePathOpen(settings.onCall, areas.outbox.state(), clock.now()),
  });
  areas.watch.setProbes(first);
  publisher.refresh(viewAtStart(areas, clock));
  const exporter = startExporter(targetsOf(settings, clock), () => publisher.files(), clock);
  const resolve = async () => areas.watch.setProbes(await probes());
  const routes = await createRoutes({ ...areas, ...parts, view, exporter });
  const stops = keepGoing({ ...areas, ...parts, publisher, exporter, signsOfLife, resolve, noteFailure });
  return {
    publication: () => publisher.current(),
    handle: routes.handle,
    memory: () => areas.watch.memory(),
    async stop() {
      await Promise.all([areas.watch.stop(), exporter.stop(), routes.close(), ...stops.map((stop) => stop())]);
      await Promise.all([areas.outbox.close(), signsOfLife.close()]);
      areas.history.close();
      db.close();
    },
  };
}

/**
 * All that was told before, and of now what is remembered of probes: without it, exports would lose what they hold until the first look,
 * and a changed configuration would make everything unknown for a moment.
 */
function viewAtStart(areas: Areas, clock: Clock): StatusView {
  const { settings, watch, heartbeats, incidents } = areas;
  const now = clock.now();
  const states = [...watch.states(now), ...heartbeatProbes(heartbeats.states(), now)];
  const components = componentStates(states, settings.components, incidents.inMaintenance());
  const isKnown = states.some(({ state }) => state !== 'unknown');
  return makeView({ ...areas, clock, sloOf: sloOf(areas) }, components, isKnown);
}

function sloOf({ settings, history }: Areas) {
  const objectives = objectivesOf(settings.slos);
  return (component: string, now: number) => {
    const objective = objectiveOf(objectives, component);
    return objective && sloView(history, objective, now);
  };
}

function targetsOf({ exports }: StatusSettings, clock: Clock) {
  return exports.map((one) => (one.kind === 'folder' ? folderTarget(one.folder, systemDisk) : s3Target(one, clock)));
}

interface Going extends Areas, ServiceParts {
  readonly publisher: Publisher;
  readonly exporter: Exporter;
  readonly signsOfLife: SignsOfLife;
  readonly resolve: () => Promise<void>;
  /** To be called when something failed without which nobody is called. */
  readonly noteFailure: () => void;
}

const vital: ReadonlySet<string> = new Set(['look', 'deliver']);

/** Starts everything that is done again and again. @returns what stops it */
function keepGoing(going: Going): (() => Promise<void>)[] {
  const { settings, clock, log, watch, heartbeats, metrics, outbox, subscribers, signsOfLife, resolve, noteFailure } =
    going;
  const every = (ms: number, what: string, task: () => unknown) =>
    repeat(ms, async () => {
      // One task that fails must not end the others, and is tried again.
      try {
        await task();
      } catch (error) {
        if (vital.has(what)) noteFailure();
        log.error({ err: error, task: what }, 'a periodic task failed; it is tried again');
      }
    });
  return [
    every(lookEveryMs, 'look', publishing(going)),
    every(deliverEveryMs, 'deliver', () => outbox.deliver()),
    every(signOfLifeEveryMs, 'signs of life', () => signsOfLife.send()),
    every(heartbeatsEveryMs, 'heartbeats', () => heartbeats.keep()),
    every(settings.metricsEverySeconds * 1_000, 'metrics', () => metrics.read(watch.states(clock.now()))),
    every(resolveEveryMs, 'probes', resolve),
    every(tidyEveryMs, 'tidy', () => {
      outbox.keep();
      subscribers.keep();
    }),
  ];
}

/** @returns one look at everything: what changed is published at once, and the rest now and then */
function publishing(going: Going): () => void {
  const { clock, log, incidents, outbox, subscribers, publisher, exporter } = going;
  const parts = { ...going, sloOf: sloOf(going) };
  const evaluate = evaluation(going, objectivesOf(going.settings.slos));
  const announcer = createAnnouncer({ outbox, clock, log }, subscribers, incidents, publisher.view());
  let [isTold, wasKnown, publishedAt] = [true, undefined as boolean | undefined, Number.NEGATIVE_INFINITY];
  incidents.onChange(() => {
    isTold = false;
  });
  return () => {
    const { components, hasChanged, isKnown } = evaluate();
    const isDue = clock.monotonicMs() - publishedAt >= publishEveryMs;
    const isNew = hasChanged || !isTold || isKnown !== wasKnown;
    if (!isNew && !isDue) return publisher.confirm();
    [isTold, wasKnown, publishedAt] = [true, isKnown, clock.monotonicMs()];
    publisher.refresh(makeView(parts, components, isKnown));
    announcer.published(publisher.view());
    if (isNew) exporter.changed();
  };
}

function evaluation(going: Going, objectives: ReturnType<typeof objectivesOf>): () => Evaluated {
  const { settings, watch, history, incidents, heartbeats, metrics, signsOfLife, exporter } = going;
  return createEvaluation({
    ...going,
    naming: settings.components,
    probeStates: (now) => [...watch.states(now), ...heartbeatProbes(heartbeats.states(), now)],
    conditions: (states, now): readonly Condition[] => [
      ...probeConditions(states),
      ...metrics.conditions(),
      ...burnConditions(history, objectives, now),
      ...incidentConditions(incidents),
      ...heartbeats.conditions(),
      ...signsOfLife.conditions(),
      ...exporter.conditions(),
    ],
  });
}
