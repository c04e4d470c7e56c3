/**
 * All probes of one configuration: what users of the gallery do, at each place where it is reached, and what the configuration names besides.
 * They know the gallery by its public address and a token that publishes canaries, and by nothing else.
 */
import { readFile } from 'node:fs/promises';
import type { Customer } from '../canary/customer.ts';
import { hostOf } from '../canary/request.ts';
import type { StatusSettings } from '../config/load.ts';
import type { ProbedEcosystem } from '../config/schema.ts';
import { type Attempt, type ProbeParts, probeThat } from './attempt.ts';
import { canariesOf } from './canaries.ts';
import { judgeCertificate } from './certificate.ts';
import { configuredProbes } from './configured.ts';
import { dialTls } from './dial.ts';
import { installNewest } from './install.ts';
import { type Place, placesOf } from './places.ts';
import type { Probe } from './probe.ts';
import { publisherOf } from './publisher.ts';
import { roundsOf } from './round.ts';
import { searchByV2, searchByV3 } from './search.ts';
import { lookAtWebsite } from './website.ts';

/** @returns every probe, with an id of its own; the name of the gallery is looked up for that */
export async function probesOf(settings: StatusSettings, parts: ProbeParts): Promise<readonly Probe[]> {
  const { gallery } = settings;
  const places = await placesOf(settings);
  const ca = gallery.caFile === undefined ? undefined : await readFile(gallery.caFile, 'utf8');
  const frame: Frame = { settings, parts, places, ca };
  return [
    ...gallery.ecosystems.flatMap((ecosystem) => ecosystemProbes(frame, ecosystem)),
    ...atEachPlace(frame, { component: 'website', check: 'pages', title: 'home page and health' }, lookAtWebsite),
    ...(gallery.url.startsWith('https:') ? certificateProbes(frame) : []),
    ...configuredProbes(settings, ca, parts),
  ];
}

interface Frame {
  readonly settings: StatusSettings;
  readonly parts: ProbeParts;
  readonly places: readonly Place[];
  readonly ca: string | undefined;
}

interface Facts {
  readonly component: string;
  readonly check: string;
  readonly title: string;
  readonly everyMs?: number;
  readonly deadlineMs?: number;
}

/** One probe for each place; they are alternatives. */
function atEachPlace(
  { settings: { probing, gallery }, parts, places, ca }: Frame,
  facts: Facts,
  tryIt: (stranger: Customer, attempt: Attempt, place: Place) => Promise<void>,
): Probe[] {
  const { everyMs = probing.everySeconds * 1_000, deadlineMs = probing.deadlineSeconds * 1_000 } = facts;
  const { component, check, title } = facts;
  return places.map((place) => {
    const whole = {
      id: `${component}#${check}@${place.name}`,
      title: `${title}, at ${place.name}`,
      component,
      check,
      part: place.name,
      everyMs,
      deadlineMs,
      staleMs: Math.max(probing.staleSeconds * 1_000, 2 * everyMs + deadlineMs),
    };
    return probeThat(parts, whole, (attempt) =>
      tryIt({ url: gallery.url, token: '', deadlineMs, route: place.route, ca }, attempt, place),
    );
  });
}

const stepsOf: Readonly<Record<ProbedEcosystem, string>> = {
  python: 'pip’s and uv’s steps: page of the project, file, digest, metadata',
  nuget: 'dotnet’s steps: service index, list of versions, package, digest, registration',
  powershell: 'PowerShellGet’s and PSResourceGet’s steps: versions, entry, package, digest',
};

const searches = { nuget: searchByV3, powershell: searchByV2 };

function ecosystemProbes(frame: Frame, ecosystem: ProbedEcosystem): Probe[] {
  const { probing, gallery } = frame.settings;
  const canaries = canariesOf(ecosystem, probing.canaryVersionsMax, frame.parts);
  const publisher = publisherOf(canaries, gallery.tokenFile, probing.canaryProjectsMax);
  const install = { component: `install/${ecosystem}`, check: 'install', title: stepsOf[ecosystem] };
  const push = { component: `publish/${ecosystem}`, check: 'push', title: 'the newest canary pushed once more' };
  const search = ecosystem === 'python' ? undefined : searches[ecosystem];
  return [
    ...atEachPlace(frame, install, (stranger, attempt) => installNewest(canaries, stranger, attempt)),
    ...atEachPlace(frame, push, (stranger, attempt) =>
      attempt.step('push', () => publisher.pushAgain({ ...stranger, signal: attempt.signal })),
    ),
    ...canaryProbes(frame, ecosystem, publisher),
    ...(search === undefined
      ? []
      : atEachPlace(frame, { component: `search/${ecosystem}`, check: 'query', title: 'a search' }, search)),
  ];
}

function canaryProbes(frame: Frame, ecosystem: ProbedEcosystem, publisher: ReturnType<typeof publisherOf>): Probe[] {
  const { settings, parts, places, ca } = frame;
  const { canaryEverySeconds, visibleWithinSeconds, deadlineSeconds } = settings.probing;
  const everyMs = canaryEverySeconds * 1_000;
  const goRound = roundsOf({
    clock: parts.clock,
    publisher,
    places,
    everyMs,
    visibleWithinMs: visibleWithinSeconds * 1_000,
    strangerAt: (place, signal) => ({
      url: settings.gallery.url,
      token: '',
      deadlineMs: deadlineSeconds * 1_000,
      route: place.route,
      ca,
      signal,
    }),
  });
  const facts = {
    component: `publish/${ecosystem}`,
    check: 'canary',
    title: 'a new canary: pushed, visible, fetched, installed; older ones unlisted and deleted',
    everyMs,
    // Seen listed, and its forerunner unlisted; beside that a push, a fetch, an install, and what is deleted.
    deadlineMs: (2 * visibleWithinSeconds + 4 * deadlineSeconds) * 1_000,
  };
  return atEachPlace(frame, facts, (_, attempt, place) => goRound(place, attempt));
}

function certificateProbes(frame: Frame): Probe[] {
  const { gallery } = frame.settings;
  const url = new URL(gallery.url);
  const name = hostOf(url);
  const facts = { component: 'website', check: 'certificate', title: 'the certificate as it is served' };
  return atEachPlace(frame, facts, async ({ route = {}, ca }, attempt) => {
    const target = {
      host: route.address ?? name,
      port: route.port ?? Number(url.port === '' ? 443 : url.port),
      ...(route.family === undefined ? {} : { family: route.family }),
    };
    const socket = await attempt.step('handshake', () => dialTls(target, { name, ca }, attempt.signal));
    await judgeCertificate(socket, { name, file: gallery.certificateFile }, frame.parts.clock, attempt).finally(() =>
      socket.destroy(),
    );
  });
}
