/** The areas of the status service, opened on one database: what each of them is given, and nothing of how they are kept going. */
import type { Log } from '../observe/log.ts';
import type { Clock } from '../std/clock.ts';
import type { RandomBytes } from '../std/random.ts';
import type { Alarms } from './alarms/alarms.ts';
import { openAlarms } from './alarms/open-alarms.ts';
import { Outbox } from './channels/outbox.ts';
import { componentNames } from './components/component-names.ts';
import { isAmong } from './components/component-states.ts';
import type { StatusSettings } from './config/load.ts';
import type { StatusDatabase } from './database.ts';
import { type Heartbeats, openHeartbeats } from './heartbeats/heartbeats.ts';
import { installationSecret } from './heartbeats/installation-secret.ts';
import type { History, MeasuredResult } from './history/history.ts';
import { openHistory } from './history/open-history.ts';
import type { Incidents } from './incidents/incidents.ts';
import { openIncidents } from './incidents/open-incidents.ts';
import { type MetricsWatch, watchMetrics } from './metrics/watch.ts';
import type { StatusView } from './model.ts';
import { wholeName } from './page/words.ts';
import { isOwnNetworkUp } from './probes/own-network.ts';
import type { ProbeResult } from './probes/probe.ts';
import { subscriberPost } from './subscribers/announcer.ts';
import { openSubscribers, type Subscribers } from './subscribers/subscribers.ts';
import { type ProbeMemory, startWatch, type Watch } from './watch/watch.ts';

export interface AreaParts {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly remembered?: ProbeMemory | undefined;
  /** What is public now. */
  readonly view: () => StatusView;
}

export interface Areas {
  readonly settings: StatusSettings;
  readonly db: StatusDatabase;
  readonly history: History;
  readonly outbox: Outbox;
  readonly alarms: Alarms;
  readonly incidents: Incidents;
  readonly heartbeats: Heartbeats;
  readonly metrics: MetricsWatch;
  readonly subscribers: Subscribers;
  readonly watch: Watch;
}

const ownNetworkDeadlineMs = 2_000;

export function openAreas(db: StatusDatabase, settings: StatusSettings, parts: AreaParts): Areas {
  const { clock, random, log, view } = parts;
  const history = openHistory({ db, clock, log });
  const outbox = new Outbox({ db, clock, random, settings: () => ({ ...settings, pageName: settings.page.name }) });
  const links = {
    confirm: (token: string) => `${settings.page.url}/confirm/${token}`,
    runbook: (name: string) => `docs/runbooks/${name}.md`,
  };
  const nameOf = new Map([...componentNames, ...settings.components].map(({ key, name }) => [key, name]));
  const incidents = openIncidents({
    db,
    clock,
    random,
    log,
    settings: settings.incidents,
    componentName: (key) => nameOf.get(key) ?? key,
  });
  const alarms = openAlarms({ db, outbox, clock, random, log, settings: () => settings, links });
  alarms.onTold(({ component, toldAt }) => noteTold(incidents, component, toldAt ?? clock.now()));
  const secret = installationSecret(settings.folder, random);
  const post = subscriberPost({ outbox, clock, log });
  const subscribers = openSubscribers({
    db,
    clock,
    random,
    page: view().page,
    // A name alone, such as that of a group's member, does not tell what it is about.
    components: () => view().components.map((one) => ({ key: one.key, name: wholeName(view(), one) })),
    enqueue: (message) => post([message]),
    isMailPossible: settings.mail !== undefined,
    isAnyHost: settings.subscribers.isPrivateAllowed,
  });
  const watch = startWatch({
    ...parts,
    probing: settings.probing,
    isOwnNetworkUp: () => isOwnNetworkUp(settings.probing.ownNetwork, ownNetworkDeadlineMs),
    onResult: ({ id, component }, result, at) =>
      history.add(measured(id, component, result, at, isAmong(incidents.inMaintenance(), component))),
  });
  return {
    settings,
    db,
    history,
    outbox,
    alarms,
    incidents,
    heartbeats: openHeartbeats({ db, clock, secret, configured: () => settings.heartbeats }),
    metrics: watchMetrics({ settings, clock, log }),
    subscribers,
    watch,
  };
}

/** What fails while it is announced spends no error budget, and what succeeds then fills none up. */
function measured(
  probe: string,
  component: string,
  { verdict, durationMs, words }: ProbeResult,
  at: number,
  isInMaintenance: boolean,
): MeasuredResult {
  return { probe, component, at, verdict: isInMaintenance ? 'unknown' : verdict, durationMs, words };
}

/** An incident was told when the first person was called for one of its components. */
function noteTold(incidents: Incidents, component: string | undefined, at: number): void {
  for (const { id, components, resolvedAt, toldAfterMs } of incidents.list()) {
    if (resolvedAt !== undefined || toldAfterMs !== undefined) continue;
    if (components.some(({ key }) => key === component)) incidents.noteTold(id, at);
  }
}
