/** The status page in a real browser: readable by everybody, on every screen, without a script, and from any place. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { pageFiles } from '../../../src/status/page/page-files.ts';
import { listen, noBrowser, openPage, serveFiles, startBrowser, violations } from './browser.ts';
import { sampleViews } from './sample-views.ts';

const looks = [
  { colorScheme: 'light' },
  { colorScheme: 'dark' },
  { colorScheme: 'light', forcedColors: 'active' },
] as const;

/** One page of each kind, and the front page of every state. */
const pages = [
  ...Object.keys(sampleViews).map((name) => `${name}/index.html`),
  'partial/history.html',
  'partial/uptime.html',
  'partial/subscribe.html',
  'partial/components/install.html',
  'partial/components/install/python.html',
  'unknown/components/website.html',
  'odd/history.html',
  'crowded/history/2025.html',
];
/** Enough for other colours: every kind of page, and every state. */
const pagesOfEachKind = pages.filter((path) => /^(partial|unknown|maintenance|odd)\//.test(path));
const prefix = (name: string) => `/copies/${name}/`;
const filesOf = Object.entries(sampleViews).map(([name, view]) => ({ name, files: pageFiles(view) }));

const serveAll: Parameters<typeof listen>[1] = (request, response) => {
  const copy = filesOf.find(({ name }) => request.url?.startsWith(prefix(name)));
  serveFiles(copy?.files ?? [], prefix(copy?.name ?? ''))(request, response);
};

function incidentPages(): string[] {
  return ['partial', 'odd'].flatMap((name) =>
    sampleViews[name]!.incidents.map(({ id }) => `${name}/incidents/${id}.html`),
  );
}

test('axe finds nothing amiss on any page, in light, dark and forced colours', { skip: noBrowser }, async (t) => {
  const [browser, base] = [await startBrowser(t), await listen(t, serveAll)];
  const found: string[] = [];
  for (const look of looks) {
    const page = await openPage(browser, `${base}copies/well/index.html`, look);
    for (const path of look === looks[0] ? [...pages, ...incidentPages()] : pagesOfEachKind) {
      await page.goto(`${base}copies/${path}`);
      for (const violation of await violations(page)) found.push(`${path} (${JSON.stringify(look)}): ${violation}`);
    }
  }
  assert.deepEqual(found, []);
});

test('no page is wider than a phone of 320 pixels', { skip: noBrowser }, async (t) => {
  const [browser, base] = [await startBrowser(t), await listen(t, serveAll)];
  const page = await openPage(browser, `${base}copies/well/index.html`, { viewport: { width: 320, height: 640 } });
  for (const path of [...pages, ...incidentPages()]) {
    await page.goto(`${base}copies/${path}`);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320, path);
  }
});

test('pages need no script, ask nobody but their own server, and break no rule of their policy', {
  skip: noBrowser,
}, async (t) => {
  const [browser, base] = [await startBrowser(t), await listen(t, serveAll)];
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => troubles.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) troubles.push(request.url());
  });
  page.on('response', (response) => {
    if (response.status() !== 200) troubles.push(`${response.status()} ${response.url()}`);
  });
  for (const path of pages) await page.goto(`${base}copies/${path}`);
  assert.deepEqual(troubles, []);
  await page.goto(`${base}copies/partial/index.html`);
  assert.equal(await page.locator('h1').textContent(), 'Some things do not work.');
  const box = await page.locator('.statement .g').boundingBox();
  assert.ok(box !== null && box.width > 30, 'the style sheet has to be in force');
});

test('one walks from the front page to a component, an incident and last year, and back, in a copy below a prefix', {
  skip: noBrowser,
}, async (t) => {
  const [browser, base] = [await startBrowser(t), await listen(t, serveAll)];
  const page = await openPage(browser, `${base}copies/partial/index.html`, { javaScriptEnabled: false });
  await page.getByRole('link', { name: '.NET packages', exact: true }).first().click();
  assert.equal(await page.locator('h1').textContent(), 'Install: .NET packages');
  assert.equal((await page.locator('table tbody tr').filter({ hasText: '2026' }).count()) > 90, true);
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('link', { name: 'Python index was stale' }).click();
  assert.match((await page.locator('main').textContent()) ?? '', /Mended after\s*1 h 35 min/);
  assert.match((await page.locator('main').textContent()) ?? '', /no silence last longer than a day/);
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('link', { name: '2025', exact: true }).click();
  assert.match((await page.locator('main').textContent()) ?? '', /Certificate of the website ended/);
  await page.getByRole('link', { name: 'Holdfast status' }).click();
  assert.equal(page.url(), `${base}copies/partial/index.html`);
});

test('whoever cannot see the bars is told what they show, and shapes differ without colours', {
  skip: noBrowser,
}, async (t) => {
  const [browser, base] = [await startBrowser(t), await listen(t, serveAll)];
  const page = await openPage(browser, `${base}copies/well/index.html`, { forcedColors: 'active' });
  const bars = page.getByRole('img', { name: /^Last 90 days: 99\.\d{3}% uptime\. Trouble on .*down for 42 min/ });
  assert.ok((await bars.count()) >= 8);
  const depths = await page
    .locator('.bars')
    .first()
    .locator('path')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('stroke-width')));
  assert.equal(new Set(depths).size, depths.length, 'each state hangs to another depth');
});
