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
import { type Place, placesOf, unknownPlaces } from './places.ts';
import type { Probe } from './probe.ts';
import { type Publisher, publisherOf } from './publisher.ts';
import { roundsOf } from './round.ts';
import { searchByV2, searchByV3 } from './search.ts';
import { lookAtWebsite } from './website.ts';

/**
 * @returns gives every probe, each with an id of its own. Asked again, it looks the gallery's name up again: as long as that has addresses of the same
 * families the probes are the same objects, and what they remember of canaries under way is one memory whatever it has
 */
export function probesFrom(settings: StatusSettings, parts: ProbeParts): () => Promise<readonly Probe[]> {
  const { gallery, probing } = settings;
  const publishers = gallery.ecosystems.map((ecosystem) => {
    const canaries = canariesOf(ecosystem, probing.canaryVersionsMax, parts);
    return { ecosystem, publisher: publisherOf(canaries, gallery.tokenFile, probing.canaryProjectsMax) };
  });
  let known: { readonly places: readonly Place[]; readonly probes: readonly Probe[] } | undefined;
  return async () => {
    const places = (await placesOf(settings)) ?? known?.places ?? unknownPlaces;
    if (known !== undefined && namesOf(known.places) === namesOf(places)) return known.probes;
    const ca = gallery.caFile === undefined ? undefined : await readFile(gallery.caFile, 'utf8');
    known = { places, probes: makeProbes({ settings, parts, places, ca }, publishers) };
    return known.probes;
  };
}

/** @returns every probe of now */
export function probesOf(settings: StatusSettings, parts: ProbeParts): Promise<readonly Probe[]> {
  return probesFrom(settings, parts)();
}

function namesOf(places: readonly Place[]): string {
  return places.map(({ name }) => name).join();
}

type Publishers = readonly { readonly ecosystem: ProbedEcosystem; readonly publisher: Publisher }[];

function makeProbes(frame: Frame, publishers: Publishers): readonly Probe[] {
  const { settings, parts, ca } = frame;
  return [
    ...publishers.flatMap(({ ecosystem, publisher }) => ecosystemProbes(frame, ecosystem, publisher)),
    ...atEachPlace(frame, { component: 'website', check: 'pages', title: 'home page and health' }, lookAtWebsite),
    ...(settings.gallery.url.startsWith('https:') ? certificateProbes(frame) : []),
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

function ecosystemProbes(frame: Frame, ecosystem: ProbedEcosystem, publisher: Publisher): Probe[] {
  const install = { component: `install/${ecosystem}`, check: 'install', title: stepsOf[ecosystem] };
  const push = { component: `publish/${ecosystem}`, check: 'push', title: 'the newest canary pushed once more' };
  const search = ecosystem === 'python' ? undefined : searches[ecosystem];
  return [
    ...atEachPlace(frame, install, (stranger, attempt) => installNewest(publisher.canaries, stranger, attempt)),
    ...atEachPlace(frame, push, (stranger, attempt) =>
      attempt.step('push', () => publisher.pushAgain({ ...stranger, signal: attempt.signal })),
    ),
    ...canaryProbes(frame, ecosystem, publisher),
    ...(search === undefined
      ? []
      : atEachPlace(frame, { component: `search/${ecosystem}`, check: 'query', title: 'a search' }, search)),
  ];
}

function canaryProbes(frame: Frame, ecosystem: ProbedEcosystem, publisher: Publisher): Probe[] {
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
