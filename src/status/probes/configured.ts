/** Probes that the configuration names beside those of the gallery: of whatever else people rely on. */
import { ask, decoded, hostOf } from '../canary/request.ts';
import type { StatusSettings } from '../config/load.ts';
import type { ConfiguredProbe } from '../config/probe-schema.ts';
import { type Attempt, Finding, findingAbout, type ProbeParts, probeThat } from './attempt.ts';
import { judgeCertificate } from './certificate.ts';
import { dial, dialTls, targetIn } from './dial.ts';
import { lookUp } from './dns.ts';
import type { Probe } from './probe.ts';
import { shakeHands } from './smtp.ts';

type Of<K extends ConfiguredProbe['kind']> = Extract<ConfiguredProbe, { kind: K }>;

const ownName = { 'User-Agent': 'Holdfast-Status', 'Accept-Encoding': 'gzip, deflate' };

export function configuredProbes(settings: StatusSettings, ca: string | undefined, parts: ProbeParts): Probe[] {
  const { probing } = settings;
  const deadlineMs = probing.deadlineSeconds * 1_000;
  return settings.probes.map((configured) => {
    const everyMs = (configured.everySeconds ?? probing.everySeconds) * 1_000;
    const { title, part } = described(configured);
    const facts = {
      id: `${configured.component}#${configured.name}`,
      title,
      component: configured.component,
      check: configured.name,
      part,
      everyMs,
      deadlineMs,
      // What is seldom tried counts until it has been tried again.
      staleMs: Math.max(probing.staleSeconds * 1_000, 2 * everyMs + deadlineMs),
    };
    return probeThat(parts, facts, (attempt) => tryIt(configured, { deadlineMs, ca, parts }, attempt));
  });
}

function described(probe: ConfiguredProbe): { title: string; part: string } {
  switch (probe.kind) {
    case 'http':
      return { title: `${probe.name}: ${probe.method ?? 'GET'} ${probe.url}`, part: new URL(probe.url).host };
    case 'redirects':
      return { title: `${probe.name}: where ${probe.url} leads`, part: new URL(probe.url).host };
    case 'dns':
      return {
        title: `${probe.name}: ${probe.record ?? 'A'} of ${probe.host}`,
        part: probe.resolver ?? 'own resolver',
      };
    case 'tcp':
      return { title: `${probe.name}: a connection to ${probe.address}`, part: probe.address };
    case 'tls':
      return { title: `${probe.name}: the certificate at ${probe.address}`, part: probe.address };
    case 'smtp':
      return { title: `${probe.name}: a handshake with the mail server ${probe.address}`, part: probe.address };
  }
}

interface Means {
  readonly deadlineMs: number;
  readonly ca: string | undefined;
  readonly parts: ProbeParts;
}

async function tryIt(probe: ConfiguredProbe, { deadlineMs, ca, parts }: Means, attempt: Attempt): Promise<void> {
  const { signal } = attempt;
  switch (probe.kind) {
    case 'http':
      return askOnce(probe, { deadlineMs, ca, parts }, attempt);
    case 'redirects':
      return followRedirects(probe, { deadlineMs, ca, parts }, attempt);
    case 'dns':
      return lookUp({ ...probe, record: probe.record ?? 'A' }, deadlineMs, attempt);
    case 'smtp':
      return shakeHands({ ...targetIn(probe.address), startTls: probe.startTls ?? false, ca }, parts.clock, attempt);
    case 'tcp':
      (await attempt.step('connect', () => dial(targetIn(probe.address), signal))).destroy();
      return;
    case 'tls': {
      const target = targetIn(probe.address);
      const name = probe.serverName ?? target.host;
      const socket = await attempt.step('handshake', () => dialTls(target, { name, ca }, signal));
      return judgeCertificate(socket, { name, file: probe.certificateFile }, parts.clock, attempt).finally(() =>
        socket.destroy(),
      );
    }
  }
}

async function askOnce(probe: Of<'http'>, { deadlineMs, ca }: Means, attempt: Attempt): Promise<void> {
  const { method = 'GET', status = 200, contains } = probe;
  const headers = { ...ownName, ...probe.headers };
  const answer = await attempt.step('request', () =>
    ask(probe.url, { method, headers, deadlineMs, ca, signal: attempt.signal }).catch((error: unknown) =>
      findingAbout(probe.url, error),
    ),
  );
  if (answer.status !== status) {
    throw new Finding(`${probe.url} was answered ${answer.status} ${answer.reason}, and not ${status}`);
  }
  if (contains === undefined || decoded(answer)?.toString('utf8').includes(contains)) return;
  throw new Finding(`the answer of ${probe.url} does not contain "${contains}"`);
}

const hopsMaxUnlessTold = 5;

async function followRedirects(probe: Of<'redirects'>, { deadlineMs, ca }: Means, attempt: Attempt): Promise<void> {
  const { hopsMax = hopsMaxUnlessTold } = probe;
  const seen: string[] = [];
  for (let next = new URL(probe.url).href; ; ) {
    const { status, reason, headers } = await attempt.step(hostOf(new URL(next)), () =>
      ask(next, { headers: ownName, deadlineMs, ca, signal: attempt.signal }).catch((error: unknown) =>
        findingAbout(next, error),
      ),
    );
    if (status === 200) return;
    const target = status < 300 || status > 399 ? undefined : URL.parse(headers.location ?? '', next)?.href;
    if (headers.location === undefined || target === undefined) {
      throw new Finding(`${next} was answered ${status} ${reason}`);
    }
    seen.push(next);
    if (seen.includes(target)) throw new Finding(`redirects lead in a circle: ${[...seen, target].join(' → ')}`);
    if (seen.length > hopsMax) throw new Finding(`${probe.url} leads through more than ${hopsMax} redirects`);
    next = target;
  }
}
