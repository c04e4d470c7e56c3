/** The operator's pages on a real port, over real incidents and real alarms whose messages go to a real receiver. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import fastify from 'fastify';
import { openLog } from '../../../src/observe/log.ts';
import type { OperatorParts } from '../../../src/status/operator/parts.ts';
import { registerOperator } from '../../../src/status/operator/routes.ts';
import { styleName, styleSheet } from '../../../src/status/page/style.ts';
import { onCallOf, type WatchHouse, watchHouse } from '../alarms/watch-house.ts';
import { type IncidentBench, incidentBench, start } from '../incidents/bench.ts';
import { componentView, viewOf } from '../views.ts';

export const token = 'hold_status_test';

export interface OperatorHouse {
  /** `http://localhost:PORT`, which browsers take for as safe as https. */
  readonly url: string;
  readonly bench: IncidentBench;
  readonly house: WatchHouse;
  readonly parts: OperatorParts;
  /** Sends a form as a program would, which says nothing of where it comes from; redirects are not followed. */
  send(path: string, values: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Signs in; @returns the Cookie header of the session */
  signIn(author?: string): Promise<string>;
  /** @returns the hidden token of a page’s forms */
  formToken(cookie: string): Promise<string>;
}

export async function operatorHouse(t: TestContext, replace: Partial<OperatorParts> = {}): Promise<OperatorHouse> {
  const templates = [{ name: 'cdn', title: '{{edge}} is slow', body: 'We see {{edge}} answer slowly.' }];
  const bench = incidentBench({ templates });
  const house = await watchHouse(t, onCallOf({}), new Date(start).toISOString());
  const view = () => ({
    ...viewOf({ 'install/python': 'operational', website: 'operational' }),
    components: [
      componentView('install', 'operational', { isGroup: true }),
      componentView('install/python', 'operational'),
      componentView('website', 'operational'),
    ],
    at: bench.clock.now(),
    incidents: bench.incidents.list(),
  });
  const parts: OperatorParts = {
    incidents: bench.incidents,
    alarms: house.alarms,
    history: { events: () => ({ good: 1, bad: 3, slow: 0 }), changes: () => [] },
    templates: () => templates,
    view,
    heartbeats: () => [
      {
        name: 'backup',
        means: 'The nightly copy was made.',
        lastAt: start,
        isLate: true,
        url: 'http://x/heartbeats/backup/s',
      },
    ],
    channels: () => house.outbox.state(),
    clock: bench.clock,
    random: (count) => randomBytes(count),
    log: openLog('test', 'silent'),
    token,
    ...replace,
  };
  const app = fastify({ forceCloseConnections: true });
  registerOperator(app, parts);
  // What the service publishes beside it.
  app.get(`/${styleName}`, (_request, reply) => reply.type('text/css; charset=utf-8').send(styleSheet));
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const url = `http://localhost:${(app.server.address() as AddressInfo).port}`;
  const send: OperatorHouse['send'] = (path, values, headers = {}) =>
    fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(values), headers, redirect: 'manual' });
  return {
    url,
    bench,
    house,
    parts,
    send,
    async signIn(author = 'Ada') {
      const answer = await send('/operator/sign-in', { author, token });
      return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    },
    async formToken(cookie) {
      const page = await (await fetch(`${url}/operator`, { headers: { cookie } })).text();
      return /name="form-token" value="([^"]+)"/.exec(page)?.[1] ?? '';
    },
  };
}
