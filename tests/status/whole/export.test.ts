/** The exported copy of the page: the same as what is served, readable when the service is gone, wherever somebody puts it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readExposition } from '../../../src/status/metrics/exposition.ts';
import { startGallery, temporaryFolder, waitFor } from '../../gallery.ts';
import { quick, type RunningStatus, startStatus, untilWell } from './running.ts';

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.holdfast-'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** Whether every file is what the service serves; what changes with time is so while both are of one moment. */
async function isSame(status: RunningStatus, copy: string): Promise<boolean> {
  for (const path of filesIn(copy)) {
    const served = await fetch(`${status.url}/${path}`);
    if (!Buffer.from(await served.arrayBuffer()).equals(readFileSync(join(copy, path)))) return false;
  }
  return true;
}

/** A plain file server that knows nothing of the page, below a prefix. */
async function servedBelow(t: TestContext, folder: string, prefix: string): Promise<string> {
  const types: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', svg: 'image/svg+xml' };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split(/[?#]/)[0] ?? '';
    const file = join(folder, path.slice(prefix.length));
    if (!path.startsWith(prefix) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}${prefix}`;
}

/** Follows every link and every file that pages name, from the front page on. @returns the pages; fails for one that leads nowhere */
async function walk(front: string, base: string): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const waiting = [front];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const answer = await fetch(next);
    assert.equal(answer.status, 200, next);
    if (!next.endsWith('.html')) continue;
    for (const [, address = ''] of (await answer.text()).matchAll(/(?:href|src)="([^"#]+)/g)) {
      const found = new URL(address.replaceAll('&amp;', '&'), next).href;
      // Forms need the service; the rest of the page is in the copy.
      if (found.startsWith(base)) waiting.push(found);
      else assert.ok(!address.startsWith('/') && !address.startsWith('..'), `${next} leads to ${address}`);
    }
  }
  return seen;
}

test('the copy is what is served, byte for byte, and works from any folder when the service is gone', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const copy = join(await temporaryFolder(t), 'copy');
  const status = await startStatus(t, quick(gallery, { exports: [{ kind: 'folder', folder: copy }] }));
  await untilWell(status);
  const opened = await status.command('incident', 'open', 'A <slow> one', '--body', 'We look.\n\nMore soon.');
  const id = opened.stdout.trim();
  await waitFor(() => existsSync(join(copy, `incidents/${id}.html`)));
  await waitFor(() => isSame(status, copy));
  const paths = filesIn(copy);
  for (const one of ['index.html', 'uptime.html', 'history.atom', 'calendar.ics', 'api/v2/summary.json']) {
    assert.ok(paths.includes(one), one);
  }

  // A restart takes nothing away from the copy, not for a moment.
  await status.end();
  let isPutAgain = false;
  const starting = status.start().then(async () => {
    const second = await status.command('incident', 'open', 'Another', '--body', 'We look.');
    await waitFor(() => existsSync(join(copy, `incidents/${second.stdout.trim()}.html`)));
    isPutAgain = true;
  });
  while (!isPutAgain) {
    const left = filesIn(copy);
    assert.deepEqual(
      paths.filter((path) => !left.includes(path)),
      [],
    );
    await Promise.race([starting, wait(10)]);
  }
  assert.equal((await fetch(`${status.url}/incidents/${id}.html`)).status, 200);
  await status.end();
  const moved = join(dirname(copy), 'moved');
  renameSync(copy, moved);
  const base = await servedBelow(t, moved, '/some/where/else/');
  const seen = await walk(`${base}index.html`, base);
  for (const one of [`incidents/${id}.html`, 'subscribe.html', 'history.atom']) assert.ok(seen.has(base + one), one);
  assert.match(await (await fetch(`${base}index.html`)).text(), /A &lt;slow&gt; one/);
});

test('the service’s own metrics can be read, and agree with the page', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const status = await startStatus(t, quick(gallery));
  const agree = async () => {
    const samples = readExposition(await status.text('/metrics'));
    const one = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
    const { incidents, components } = await status.json('/api/v2/summary.json');
    assert.equal(one('holdfast_status_known')[0]?.value, 1);
    const website = components.find((row: { name: string }) => row.name === 'Website');
    assert.equal(one('holdfast_status_component', { component: 'website', status: website.status })[0]?.value, 1);
    const open = one('holdfast_status_incidents_open').reduce((sum, { value }) => sum + value, 0);
    assert.equal(open, incidents.length);
    assert.ok(one('probe_success', { component: 'website' }).length > 0);
    return { website: website.status as string, isUp: one('probe_success', { component: 'website' })[0]!.value };
  };
  await untilWell(status);
  assert.deepEqual(await agree(), { website: 'operational', isUp: 1 });
  await gallery.stop();
  await waitFor(async () => (await status.json('/api/v2/incidents/unresolved.json')).incidents.length === 1);
  await waitFor(async () => (await status.component('Website')) === 'major_outage');
  assert.deepEqual(await agree(), { website: 'major_outage', isUp: 0 });
});
