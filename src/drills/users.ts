/**
 * People who use the gallery throughout a drill, by its public address and as clients do, many times a second, and who write down what
 * they saw. Noticing and telling is the status service's matter, which asks far less often; these tell what it meant to users.
 * They believe digests, never words.
 */
import { type Canary, wheelCanary } from '../status/canary/canary.ts';
import type { Customer } from '../status/canary/customer.ts';
import { InstallError } from '../status/canary/found.ts';
import { installCanary } from '../status/canary/install.ts';
import { isAcknowledged, publishCanary } from '../status/canary/publish.ts';
import { askJson, wordsOf } from '../status/canary/request.ts';
import { type Clock, repeat, systemClock } from '../std/clock.ts';

export interface Outcome {
  readonly action: 'publish' | 'install';
  /** `holdfast-drill-… 1.0.7`. */
  readonly subject: string;
  /** When it began and ended, in milliseconds of the monotonic clock. */
  readonly beganAt: number;
  readonly endedAt: number;
  readonly isGood: boolean;
  /** HTTP status that decided it; undefined when there was no answer. */
  readonly status: number | undefined;
  readonly hasRetryAfter: boolean;
  /** What was wrong, in a few words; empty when nothing was. */
  readonly message: string;
}

export interface UsersOptions {
  /** Pause between two rounds, in milliseconds. */
  readonly everyMs: number;
  /** Versions a project gets before the next project begins. */
  readonly versionsMax: number;
  /** Projects kept; older ones are deleted from the gallery. */
  readonly projectsMax: number;
  readonly clock?: Clock;
}

export interface Users {
  /** Everything seen so far, in the order in which it ended. */
  readonly outcomes: readonly Outcome[];
  /** What was acknowledged and not reclaimed since: all of it must be installable. */
  acknowledged(): readonly Canary[];
  /** What was pushed and never acknowledged. */
  unacknowledged(): readonly Canary[];
  /** Publishes this very canary now and writes the outcome down like any other. */
  publish(canary: Canary): Promise<Outcome>;
  /** Installs this very canary now and writes the outcome down like any other. */
  install(canary: Canary, customer?: Customer): Promise<Outcome>;
  /** From now on every round installs this canary too. */
  watch(canary: Canary, customer?: Customer): void;
  /** Publishes nothing until `resumePublishing`; resolves when the publish under way has ended. */
  pausePublishing(): Promise<void>;
  resumePublishing(): void;
  stop(): Promise<void>;
}

/** @param customer the gallery's public address and a token that may publish, and delete what was published */
export function startUsers(customer: Customer, options: UsersOptions): Users {
  const clock = options.clock ?? systemClock;
  const outcomes: Outcome[] = [];
  const acknowledged = new Set<Canary>();
  const unacknowledged = new Set<Canary>();
  const watched: { canary: Canary; customer: Customer }[] = [];
  const canaries = packageNames(clock, options.versionsMax);

  async function observe(action: Outcome['action'], canary: Canary, attempt: () => Promise<Seen>): Promise<Outcome> {
    const beganAt = clock.monotonicMs();
    const seen = await attempt().catch(whatWentWrong);
    const subject = `${canary.name} ${canary.version}`;
    const outcome = { action, subject, beganAt, endedAt: clock.monotonicMs(), ...seen };
    outcomes.push(outcome);
    return outcome;
  }

  async function publish(canary: Canary): Promise<Outcome> {
    unacknowledged.add(canary);
    const outcome = await observe('publish', canary, async () => {
      const answer = await publishCanary(customer, canary);
      const isGood = isAcknowledged(answer);
      const hasRetryAfter = answer.headers['retry-after'] !== undefined;
      return { isGood, status: answer.status, hasRetryAfter, message: isGood ? '' : answer.reason };
    });
    if (outcome.isGood) {
      unacknowledged.delete(canary);
      acknowledged.add(canary);
    }
    return outcome;
  }

  const install = (canary: Canary, as: Customer = customer) =>
    observe('install', canary, async () => {
      await installCanary(as, canary);
      return { isGood: true, status: 200, hasRetryAfter: false, message: '' };
    });

  async function publishNext(): Promise<void> {
    const canary = canaries.next();
    const published = await publish(canary);
    // What is acknowledged must be there at once, and not in the next round.
    if (published.isGood) await install(canary);
    await reclaim();
  }

  /** Deletes the oldest projects. What is being deleted is promised to nobody any more, whatever the answer. */
  async function reclaim(): Promise<void> {
    for (const project of canaries.surplus(options.projectsMax)) {
      for (const canary of acknowledged) if (canary.name === project) acknowledged.delete(canary);
      for (const canary of unacknowledged) if (canary.name === project) unacknowledged.delete(canary);
      const address = `${customer.url}/api/feeds/main/python/${project}`;
      const answer = await askJson(address, customer.token, 'DELETE').catch(() => undefined);
      if (answer?.status === 200 || answer?.status === 404) canaries.forget(project);
    }
  }

  async function installWatched(): Promise<void> {
    await Promise.all(watched.map((one) => install(one.canary, one.customer)));
  }

  let stopPublishing: (() => Promise<void>) | undefined = repeat(options.everyMs, publishNext);
  const stopInstalling = repeat(options.everyMs, installWatched);
  const pausePublishing = async () => {
    const stop = stopPublishing;
    stopPublishing = undefined;
    await stop?.();
  };

  return {
    outcomes,
    acknowledged: () => [...acknowledged],
    unacknowledged: () => [...unacknowledged],
    publish,
    install,
    watch: (canary, as = customer) => watched.push({ canary, customer: as }),
    pausePublishing,
    resumePublishing() {
      stopPublishing ??= repeat(options.everyMs, publishNext);
    },
    async stop() {
      await Promise.all([pausePublishing(), stopInstalling()]);
    },
  };
}

type Seen = Pick<Outcome, 'isGood' | 'status' | 'hasRetryAfter' | 'message'>;

function whatWentWrong(error: unknown): Seen {
  const status = error instanceof InstallError ? error.status : undefined;
  return { isGood: false, status, hasRetryAfter: false, message: wordsOf(error) };
}

/** Names of what they publish: projects rotate, because the name of a deleted project is never used again. */
function packageNames(clock: Clock, versionsMax: number) {
  const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '');
  const projects: string[] = [];
  let rotation = 0;
  let patch = versionsMax;
  return {
    next(): Canary {
      if (patch >= versionsMax) {
        rotation += 1;
        patch = 0;
        projects.push(`holdfast-drill-${day}-${rotation}`);
      }
      patch += 1;
      return wheelCanary({ name: projects.at(-1) ?? '', version: `1.0.${patch}` });
    },
    surplus: (projectsMax: number) => projects.slice(0, Math.max(0, projects.length - projectsMax)),
    forget(project: string) {
      projects.splice(projects.indexOf(project), 1);
    },
  };
}
