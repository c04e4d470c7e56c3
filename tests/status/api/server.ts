/** The management API on a real port, over real incidents, alarms and history in memory. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import fastify from 'fastify';
import Value from 'typebox/value';
import { openLog } from '../../../src/observe/log.ts';
import type { Alarms } from '../../../src/status/alarms/alarms.ts';
import { openAlarms } from '../../../src/status/alarms/open-alarms.ts';
import type { ManagedParts } from '../../../src/status/api/parts.ts';
import { registerManagement } from '../../../src/status/api/routes.ts';
import { Outbox } from '../../../src/status/channels/outbox.ts';
import { componentNames } from '../../../src/status/components/component-names.ts';
import { type StatusConfig, statusSchema } from '../../../src/status/config/schema.ts';
import type { History } from '../../../src/status/history/history.ts';
import { openHistory } from '../../../src/status/history/open-history.ts';
import type { ComponentView, StatusView } from '../../../src/status/model.ts';
import { hour, type IncidentBench, incidentBench, second, start } from '../incidents/bench.ts';

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
    alarms: firingAlarms(bench),
    history: failingHistory(bench),
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

/** Real alarms, of which one fires; what they would tell stays in the outbox. */
function firingAlarms({ db, clock }: IncidentBench): Alarms {
  const onCall = Value.Default(statusSchema, {
    channels: [{ kind: 'webhook', name: 'log', url: 'http://127.0.0.1:9/' }],
    onCall: {
      people: [{ name: 'Ada', channels: ['log'] }],
      rotations: [{ name: 'primary', people: ['Ada'], startsAt: '2026-01-01T09:00' }],
      escalation: [{ afterSeconds: 0, notify: ['primary'] }],
    },
  }) as StatusConfig;
  const random = (count: number) => randomBytes(count);
  const alarms = openAlarms({
    db,
    clock,
    random,
    log: openLog('test', 'silent'),
    outbox: new Outbox({ db, clock, random, settings: () => ({ ...onCall, pageName: 'Test' }) }),
    settings: () => onCall,
    links: { confirm: (token) => token, runbook: (name) => name },
  });
  alarms.evaluate([
    {
      key: 'probe:install/python',
      title: 'Installing Python packages fails',
      text: 'connection refused',
      severity: 'page',
      isFiring: true,
      component: 'install/python',
      runbook: undefined,
    },
  ]);
  return alarms;
}

/** A history in which installing from Python failed three times of four. */
function failingHistory({ db, clock }: IncidentBench): History {
  const history = openHistory({ db, clock });
  const verdicts = ['good', 'bad', 'bad', 'bad'] as const;
  verdicts.forEach((verdict, index) => {
    const words = verdict === 'bad' ? 'connection refused' : '';
    const at = start - hour + index * second;
    history.add({ probe: 'install/python@IPv4', component: 'install/python', at, verdict, durationMs: 1, words });
  });
  history.keep(clock.now());
  return history;
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
    sendsMail: true,
    galleryUrl: 'http://packages.example.org',
    at: bench.clock.now(),
    updatedAt: start,
    isKnown: true,
    components,
    incidents: bench.incidents.list(),
  };
}
