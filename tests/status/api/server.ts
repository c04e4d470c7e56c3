/** The management API on a real port, over real incidents. Alarms and history are the smallest that keep their contracts. */
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import fastify from 'fastify';
import { openLog } from '../../../src/observe/log.ts';
import type { Alarm, Alarms, Silence } from '../../../src/status/alarms/alarms.ts';
import type { ManagedParts } from '../../../src/status/api/parts.ts';
import { registerManagement } from '../../../src/status/api/routes.ts';
import { componentNames } from '../../../src/status/components/component-names.ts';
import type { ComponentView, StatusView } from '../../../src/status/model.ts';
import { refuse } from '../../../src/std/refusals.ts';
import { type IncidentBench, incidentBench, minute, start } from '../incidents/bench.ts';

export interface ApiServer {
  readonly url: string;
  readonly token: string;
  readonly bench: IncidentBench;
  /** @returns status and body of an answer; the operator’s token goes with it unless other headers are given */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

export async function startApi(t: Pick<TestContext, 'after'>, replace: Partial<ManagedParts> = {}): Promise<ApiServer> {
  const bench = incidentBench({
    templates: [{ name: 'cdn', title: '{{edge}} is slow', body: 'We see {{edge}} answer slowly.' }],
  });
  const token = 'hold_status_test';
  const app = fastify();
  registerManagement(app, { ...partsOf(bench), token, ...replace });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('nothing here'));
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    url,
    token,
    bench,
    async call(method, path, body, headers = { authorization: `Bearer ${token}` }) {
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const init = { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body: text }) };
      const answer = await fetch(`${url}${path}`, init);
      const answered = await answer.text();
      const isJson = answer.headers.get('content-type')?.startsWith('application/json');
      return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(answered) : answered };
    },
  };
}

function partsOf(bench: IncidentBench): ManagedParts {
  return {
    incidents: bench.incidents,
    alarms: keptAlarms(bench),
    history: {
      events: () => ({ good: 1, bad: 3, slow: 0 }),
      changes: (component, from) => [
        {
          probe: `${component}@IPv4`,
          component,
          at: from + 60 * minute,
          verdict: 'bad',
          durationMs: 1,
          words: 'connection refused',
        },
      ],
    },
    templates: () => [{ name: 'cdn', title: '{{edge}} is slow', body: 'We see {{edge}} answer slowly.' }],
    view: () => viewOf(bench),
    heartbeats: () => [
      {
        name: 'backup',
        means: 'The nightly copy was made.',
        lastAt: start,
        isLate: true,
        url: 'http://x/heartbeats/backup/s',
      },
    ],
    subscribers: () => ({ mail: 3, webhook: 1 }),
    clock: bench.clock,
    log: openLog('test', 'silent'),
    token: '',
  };
}

function keptAlarms({ clock }: IncidentBench): Alarms {
  const alarm: Alarm = {
    id: 'alarm-1',
    key: 'probe:install/python',
    title: 'Installing Python packages fails',
    text: 'connection refused',
    severity: 'page',
    component: 'install/python',
    runbook: undefined,
    startedAt: start - minute,
    endedAt: undefined,
    toldAt: start,
    confirmedAt: undefined,
    confirmedBy: undefined,
    silencedBy: undefined,
  };
  const alarms = new Map([[alarm.id, alarm]]);
  const silences = new Map<string, Silence>();
  const confirm = (id: string, by: string) => {
    const known = alarms.get(id);
    if (known === undefined) return refuse('not-found', `There is no alarm "${id}".`);
    alarms.set(id, { ...known, confirmedAt: clock.now(), confirmedBy: by });
    return alarms.get(id)!;
  };
  return {
    evaluate: () => undefined,
    keep: () => undefined,
    firing: () => [...alarms.values()],
    since: (from) => [...alarms.values()].filter(({ startedAt }) => startedAt >= from),
    confirm,
    confirmByToken: confirm,
    silence(wanted) {
      const silence = { id: `s${silences.size}`, ...wanted };
      silences.set(silence.id, silence);
      return silence;
    },
    endSilence(id) {
      const known = silences.get(id);
      silences.delete(id);
      return known ?? refuse('not-found', `There is no silence "${id}".`);
    },
    silences: () => [...silences.values()],
    onDuty: () => ({ primary: 'Ada' }),
    testPage: () => ({ sentAt: start, confirmedAt: undefined }),
    onTold: () => undefined,
  };
}

function viewOf(bench: IncidentBench): StatusView {
  const keys = ['install', 'install/python', 'website', 'search'];
  const components = keys.map(
    (key): ComponentView => ({
      id: key,
      key,
      name: componentNames.find((one) => one.key === key)?.name ?? key,
      description: '',
      isGroup: key === 'install',
      status: 'operational',
      why: '',
      createdAt: start,
      updatedAt: start,
      parts: [],
      days: [],
      months: [],
      responses: [],
      slo: undefined,
    }),
  );
  return {
    page: { id: 'page', name: 'Test', url: 'http://status.example.org', timeZone: 'Etc/UTC' },
    galleryUrl: 'http://packages.example.org',
    at: bench.clock.now(),
    updatedAt: start,
    isKnown: true,
    components,
    incidents: bench.incidents.list(),
  };
}
