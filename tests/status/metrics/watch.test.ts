/** The status service reads a real gallery's metrics with the token of canaries. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { openLog } from '../../../src/observe/log.ts';
import { builtInRules } from '../../../src/status/metrics/rules.ts';
import { type MetricsWatch, watchMetrics } from '../../../src/status/metrics/watch.ts';
import type { ProbeState } from '../../../src/status/probes/probe.ts';
import { systemClock } from '../../../src/std/clock.ts';
import { startGallery, temporaryFolder, waitFor } from '../../gallery.ts';

const rule = { labels: {}, direction: 'above' as const, unit: '', forSeconds: 0 };

/** A watch whose clock is ahead by what the test says. */
function watchOf(url: string, tokenFile: string) {
  const clock = { ...systemClock, aheadMs: 0, now: () => Date.now() + clock.aheadMs };
  const metrics = [
    { ...rule, name: 'any-serial', metric: 'holdfast_serial', ticket: 1 },
    { ...rule, name: 'certificate', metric: 'certificate_lifetime_left_ratio', direction: 'below' as const, page: 0.1 },
  ];
  const gallery = { url, tokenFile, edges: [], families: [], ecosystems: [] };
  return { clock, watch: watchMetrics({ settings: { gallery, metrics }, clock, log: openLog('test', 'silent') }) };
}

const stateOf = (watch: MetricsWatch) => new Map(watch.conditions().map(({ key, isFiring }) => [key, isFiring]));

const probed: ProbeState = {
  probe: { id: 'tls@IPv4', title: 'certificate', component: 'website', check: 'tls', part: 'IPv4' },
  state: 'up',
  since: 0,
  firstAt: 0,
  lastAt: 0,
  last: { verdict: 'good', durationMs: 1, words: '', steps: [], measures: { certificate_lifetime_left_ratio: 0.05 } },
};

test('a gallery is read with its own token, every built-in rule finds its metric, and nothing is wrong', async (t) => {
  const gallery = await startGallery(t);
  const { watch, clock } = watchOf(gallery.url, join(gallery.dataDir, 'canary-token'));
  assert.deepEqual(watch.conditions(), []);
  await waitFor(async () => {
    await watch.read([probed]);
    return watch.conditions().every(({ isFiring }) => isFiring !== undefined);
  });
  await waitFor(async () => {
    await watch.read([probed]);
    return stateOf(watch).get('metric:search-file') === false;
  });
  const firing = watch.conditions().filter(({ isFiring }) => isFiring);
  // The disk of the machine that runs the tests may be as full as it likes.
  const ours = firing.filter(({ key }) => !key.startsWith('metric:disk-')).map(({ key, severity }) => [key, severity]);
  assert.deepEqual(ours, [
    ['metric:any-serial', 'ticket'],
    ['metric:certificate', 'page'],
  ]);
  assert.equal(watch.conditions().length, builtInRules.length + 3);
  await gallery.stop();
  await watch.read([probed]);
  assert.equal(stateOf(watch).get('metric:any-serial'), undefined);
  assert.equal(stateOf(watch).get('metric:certificate'), true, 'what probes measure needs no gallery');
  assert.equal(stateOf(watch).get('metrics:unreadable'), false, 'not yet');
  clock.aheadMs = 5 * 60_000;
  await watch.read([]);
  assert.equal(stateOf(watch).get('metrics:unreadable'), true);
  const told = watch.conditions().find(({ key }) => key === 'metrics:unreadable');
  assert.match(told?.text ?? '', /They were last read at 2.*ECONNREFUSED/);
});

test('a wrong token, a page of something else and an answer without end are told as such', async (t) => {
  const folder = await temporaryFolder(t);
  const tokenFile = join(folder, 'token');
  let answer: { status: number; body: () => string | undefined } = { status: 403, body: () => '' };
  const server = createServer((_request, response) => {
    response.writeHead(answer.status);
    const more = () => {
      for (let room = true; room; ) {
        const text = answer.body();
        if (text === undefined) return response.end();
        room = response.write(text);
        if (response.destroyed) return undefined;
      }
      return response.once('drain', more);
    };
    more();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const { watch, clock } = watchOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokenFile);
  clock.aheadMs = 10 * 60_000;
  const problem = async () => {
    await watch.read([]);
    return watch.conditions().at(-1)?.text ?? '';
  };
  assert.match(await problem(), /They were never read: there is no token in /);
  writeFileSync(tokenFile, 'hold_wrong\n');
  const once = (text: string) => {
    let left: string | undefined = text;
    return () => {
      const said = left;
      left = undefined;
      return said;
    };
  };
  answer = { status: 403, body: once('no') };
  assert.match(await problem(), /answers 403/);
  answer = { status: 200, body: once('<html>') };
  assert.match(await problem(), /line 1: expected a name/);
  answer = { status: 200, body: () => 'x 1\n'.repeat(10_000) };
  assert.match(await problem(), /more than 4194304 characters/);
  answer = { status: 200, body: once('holdfast_serial 7\n') };
  assert.match(await problem(), /They were just read/);
  assert.equal(stateOf(watch).get('metric:any-serial'), true);
});
