/** The operator’s pages and the management API of a real service, used as a browser without scripts uses them: pages, forms, a cookie. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { startGallery, waitFor } from '../../gallery.ts';
import { quick, startStatus } from './running.ts';

/** A browser’s memory: one cookie, and the page it is on. */
function browse(base: string) {
  let [cookie, here, page] = ['', base, ''];
  const open = async (address: string, options: RequestInit = {}): Promise<number> => {
    here = new URL(address, here).href;
    const answer = await fetch(here, { ...options, redirect: 'manual', headers: { cookie } });
    const set = answer.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';')[0] ?? '';
    const location = answer.headers.get('location');
    page = await answer.text();
    return location === null ? answer.status : open(location);
  };
  return {
    open,
    path: () => new URL(here).pathname,
    page: () => page,
    /** Sends the form that has this button, with what its hidden fields say. */
    async press(button: string, values: Readonly<Record<string, string>>): Promise<number> {
      const forms = [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)];
      const form = forms.find(([, , inside = '']) => inside.includes(`>${button}</button>`));
      assert.ok(form, `no form with the button "${button}" at ${here}`);
      const [, attributes = '', inside = ''] = form;
      const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
      for (const name of Object.keys(values)) assert.ok(inside.includes(`name="${name}"`), `no field "${name}"`);
      const body = new URLSearchParams({
        ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
        ...values,
      });
      return open(/action="([^"]*)"/.exec(attributes)?.[1] ?? here, { method: 'POST', body });
    },
  };
}

test('an operator signs in, opens an incident, writes, and resolves it; the page follows', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const status = await startStatus(t, quick(gallery));
  const browser = browse(status.url);
  assert.equal(await browser.open('/operator/incidents/new'), 200);
  assert.equal(browser.path(), '/operator/sign-in', 'nothing is shown to strangers');
  assert.equal(await browser.press('Sign in', { author: 'Ada', token: 'wrong' }), 403);
  assert.equal(await browser.press('Sign in', { author: 'Ada', token: status.token() }), 200);
  assert.equal(browser.path(), '/operator');
  await browser.open('/operator/incidents/new');
  await waitFor(async () => {
    await browser.open('/operator/incidents/new');
    return browser.page().includes('name="affected:website"') || browser.page().includes('website');
  });
  const name = 'Pages are <slow> & odd';
  assert.equal(await browser.press('Open and tell everybody', { name, body: 'We look.', impact: 'major' }), 200);
  assert.match(browser.page(), /The incident is open\./);
  const id = /\/operator\/incidents\/([a-z0-9]{12})/.exec(browser.path())?.[1] ?? '';
  const incident = async () => (await status.json(`/api/v2/incidents/${id}.json`)).incident;
  await waitFor(async () => (await incident()).name === name);
  assert.match(await status.text('/'), /Pages are &lt;slow&gt; &amp; odd/);
  assert.doesNotMatch(await status.text('/'), /Ada/, 'who wrote is not public');
  assert.equal(await browser.press('Publish the update', { status: 'identified', body: 'A disk.' }), 200);
  await waitFor(async () => (await incident()).status === 'identified');
  assert.equal(await browser.press('Resolve', { body: 'It was a disk.' }), 200);
  await waitFor(async () => (await incident()).status === 'resolved');
  assert.deepEqual(
    (await incident()).incident_updates.map((update: { body: string }) => update.body),
    ['It was a disk.', 'A disk.', 'We look.'],
  );

  // Another one turns out to be the same: its address leads on.
  const other = (await status.command('incident', 'open', 'Odd as well', '--body', 'x')).stdout.trim();
  await waitFor(async () => (await fetch(`${status.url}/incidents/${other}.html`)).status === 200);
  await status.command('incident', 'merge', other, id);
  for (const [old, now] of [
    [`/incidents/${other}.html`, `/incidents/${id}.html`],
    [`/api/v2/incidents/${other}.json`, `/api/v2/incidents/${id}.json`],
  ]) {
    await waitFor(async () => (await fetch(status.url + old)).url === status.url + now);
    assert.equal((await fetch(status.url + old)).status, 200);
  }
});

test('strangers, wrong tokens and wrong addresses are answered in words', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const status = await startStatus(t, quick(gallery));
  const ask = (path: string, token?: string, method = 'GET') =>
    fetch(status.url + path, {
      method,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
  assert.equal((await ask('/api/alarms')).status, 401);
  assert.equal((await ask('/api/alarms', 'wrong')).status, 403);
  assert.equal((await ask('/api/incidents', 'wrong', 'POST')).status, 403);
  assert.equal((await ask('/api/alarms', status.token())).status, 200);
  const missing = await ask('/incidents/nothing/here');
  assert.equal(missing.status, 404);
  assert.match(missing.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  const page = await missing.text();
  assert.match(page, /<h1>There is no such page<\/h1>/);
  const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? [];
  assert.equal((await fetch(new URL(style, missing.url))).status, 200, 'it looks like the other pages');
  const nothing = await ask('/api/v2/nothing.json');
  assert.equal(nothing.status, 404);
  assert.equal(((await nothing.json()) as { code: string }).code, 'not-found');
  assert.equal((await ask('/incidents/abcdefghijkl.html')).status, 404);
});
