/** The gallery's home page tells when the gallery is not well, as the status service says, and needs that service for nothing. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { statuspageFiles } from '../../src/status/statuspage/files.ts';
import { systemClock } from '../../src/std/clock.ts';
import { bannerOf, nearMs } from '../../src/web/banner.ts';
import { answerBytesMax, answerKeptMs, readStatus, statusAddress, watchStatus } from '../../src/web/gallery-status.ts';
import { startGallery, waitFor } from '../gallery.ts';
import { incident, maintenance, viewAt, viewOf } from '../status/views.ts';

interface StatusServer {
  readonly url: string;
  readonly port: number;
  /** How often it was asked. */
  asked: number;
  /** How many answers went out whole. */
  answered: number;
  answer: RequestListener;
}

/** A server of the test's; what it answers can be changed. */
async function statusServer(t: TestContext, answer: RequestListener): Promise<StatusServer> {
  const server: Server = createServer((request, response) => {
    own.asked += 1;
    response.once('close', () => {
      own.answered += 1;
    });
    own.answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  const { port } = server.address() as AddressInfo;
  const own: StatusServer = { url: `http://127.0.0.1:${port}`, port, asked: 0, answered: 0, answer };
  return own;
}

/** What our own status service would answer for a view. */
function summaryOf(...view: Parameters<typeof viewOf>): { body: string; status: number } {
  const file = statuspageFiles(viewOf(...view)).find(({ path }) => path === 'api/v2/summary.json')!;
  return { body: file.body.toString(), status: file.status };
}

const answering =
  ({ body, status }: { body: string; status: number }): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  };

const trouble = { 'install/python': 'major_outage', website: 'operational' } as const;
const told = incident('told', { name: 'Python <b>cannot</b> be installed' });

test('a gallery in trouble says so on its home page, and leads to the status page', async (t) => {
  const status = await statusServer(t, answering(summaryOf(trouble, { incidents: [told] })));
  const gallery = await startGallery(t, { HOLDFAST_STATUS_URL: status.url });
  let page = '';
  await waitFor(async () => {
    const answer = await fetch(gallery.url);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
    page = await answer.text();
    return page.includes('class="banner"');
  });
  assert.match(
    page,
    /<strong>Some of the gallery does not work\.<\/strong> <a href="https:\/\/status\.example\.org\/">/,
  );
  assert.match(page, /Python &lt;b&gt;cannot&lt;\/b&gt; be installed/);
  assert.match(page, /<footer><a href="https:\/\/status\.example\.org\/">Status<\/a>/);
  const before = status.asked;
  for (let count = 0; count < 20; count += 1) await (await fetch(gallery.url)).text();
  assert.ok(status.asked - before <= 1, 'looking at the page asks nobody');
});

test('with a status service that never answers, the home page is there at once and says nothing', async (t) => {
  const status = await statusServer(t, () => undefined);
  const gallery = await startGallery(t, { HOLDFAST_STATUS_URL: status.url });
  await waitFor(() => status.asked > 0);
  const answer = await fetch(gallery.url);
  assert.equal(answer.status, 200);
  const page = await answer.text();
  assert.ok(!page.includes('class="banner"'));
  assert.match(page, new RegExp(`<a href="${status.url}">Status</a>`));
});

test('without a status service there is no link to one', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_STATUS_URL: 'off' });
  assert.ok(!(await (await fetch(gallery.url)).text()).includes('Status</a>'));
});

test('the service of this machine is found by its port, unless there is none', () => {
  const of = (statusUrl: string, statusPort: number, statusHost = '127.0.0.1') =>
    statusAddress({ statusUrl, statusPort, statusHost });
  assert.equal(of('', 8081), 'http://127.0.0.1:8081');
  assert.equal(of('', 8081, '0.0.0.0'), 'http://127.0.0.1:8081');
  assert.equal(of('', 8081, '::'), 'http://[::1]:8081');
  assert.equal(of('', 8081, '10.0.0.5'), 'http://10.0.0.5:8081');
  assert.equal(of('', 0), undefined);
  assert.equal(of('https://status.example.org', 0), 'https://status.example.org');
  assert.equal(of('off', 8081), undefined);
});

test('an answer counts for two minutes, and the way to the page stays known', async (t) => {
  const status = await statusServer(t, answering(summaryOf(trouble)));
  let nowMs = 0;
  const watch = watchStatus(status.url, { ...systemClock, monotonicMs: () => nowMs });
  t.after(() => watch.stop());
  await waitFor(() => watch.current() !== undefined);
  assert.equal(watch.current()?.indicator, 'major');
  nowMs = answerKeptMs;
  assert.equal(watch.current()?.indicator, 'major');
  nowMs += 1;
  assert.equal(watch.current(), undefined);
  assert.equal(watch.link(), 'https://status.example.org/');
});

test('answers that are too large, no JSON, redirects, or of something else are no answers', async (t) => {
  const elsewhere = await statusServer(t, answering(summaryOf(trouble)));
  const bad: Readonly<Record<string, RequestListener>> = {
    large: answering({
      status: 200,
      body: `${JSON.stringify({ status: { indicator: 'major' } })}${' '.repeat(answerBytesMax)}`,
    }),
    html: answering({ status: 200, body: '<html>' }),
    list: answering({ status: 200, body: '[]' }),
    word: answering({ status: 200, body: '{"status":{"indicator":"terrible"}}' }),
    redirect: (_request, response) => response.writeHead(302, { location: elsewhere.url }).end(),
    unknown: answering(summaryOf(trouble, { isKnown: false })),
  };
  for (const [name, answer] of Object.entries(bad)) {
    const status = await statusServer(t, answer);
    const watch = watchStatus(status.url, systemClock);
    await waitFor(() => status.answered > 0);
    // Long enough for an answer that is here to be read, if it were.
    await wait(300);
    await watch.stop();
    assert.equal(watch.current(), undefined, name);
  }
});

test('a page’s address that is no web address leads nowhere', async (t) => {
  for (const url of ['javascript:alert(1)', 'ftp://example.org/', '//example.org', 'http://user@example.org/', 7]) {
    const status = await statusServer(
      t,
      answering({ status: 200, body: JSON.stringify({ page: { url }, status: { indicator: 'none' } }) }),
    );
    const watch = watchStatus(status.url, systemClock);
    await waitFor(() => watch.current() !== undefined);
    assert.equal(watch.link(), status.url, String(url));
    await watch.stop();
  }
});

test('maintenance is told of a day before, and while it lasts', () => {
  const of = (from: number, step: 'scheduled' | 'in_progress' | 'completed' = 'scheduled') => {
    const planned = maintenance('disks', {
      name: 'New disks',
      status: step,
      scheduledFor: from,
      scheduledUntil: from + 3_600_000,
    });
    return bannerOf(
      readStatus(JSON.parse(summaryOf({ website: 'operational' }, { incidents: [planned] }).body)),
      viewAt,
    );
  };
  assert.equal(of(viewAt + nearMs + 1), undefined);
  assert.deepEqual(of(viewAt + nearMs), {
    sentence: 'Maintenance is planned.',
    details: 'New disks, 2026-11-22 12:00 to 13:00 UTC',
  });
  assert.deepEqual(of(viewAt - 60_000, 'in_progress'), {
    sentence: 'Maintenance is under way.',
    details: 'New disks, until 12:59 UTC',
  });
  assert.equal(of(viewAt - 60_000, 'completed'), undefined);
  assert.equal(bannerOf(readStatus(JSON.parse(summaryOf({ website: 'operational' }).body)), viewAt), undefined);
});
