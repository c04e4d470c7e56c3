/** What the status page says in each state, and that it says it of any view: escaped, linked, bounded, and the same again. */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import type { ComponentStatus, StatusView } from '../../../src/status/model.ts';
import { bars } from '../../../src/status/page/bars.ts';
import { pageFiles } from '../../../src/status/page/page-files.ts';
import { subscriptionsAddress } from '../../../src/status/page/subscribe-page.ts';
import { anyView, dayMs, incident, maintenance, ninetyDays, viewAt } from '../views.ts';
import { sampleView, sampleViews } from './sample-views.ts';

const textOf = (view: StatusView, path = 'index.html') => {
  const file = pageFiles(view).find((one) => one.path === path);
  assert.ok(file, `${path} is not published`);
  return file.body.toString();
};
const headingOf = (view: StatusView) => /<h1>([^<]*)<\/h1>/.exec(textOf(view))?.[1];
/** What other parts publish or answer. */
const elsewhere = /^(api\/v2\/|history\.(atom|rss)$|calendar\.ics$)/;

test('the first sentence says how it is, in every state', () => {
  const said = Object.fromEntries(Object.entries(sampleViews).map(([name, view]) => [name, headingOf(view)]));
  assert.deepEqual(said, {
    well: 'Everything works.',
    degraded: 'It works, but not as well as it should.',
    partial: 'Some things do not work.',
    major: 'Nothing works at the moment.',
    maintenance: 'Maintenance is under way.',
    unknown: 'We do not know.',
    'one-unknown': 'What we can see works; some of it we do not know.',
    'just-begun': 'We do not know.',
    'first-minute': 'We do not know.',
    imported: 'Everything works.',
    odd: 'Some things do not work.',
    crowded: 'Everything works.',
  });
});

test('when nothing is known, nothing is shown as operational', () => {
  for (const name of ['unknown', 'first-minute', 'just-begun']) {
    for (const file of pageFiles(sampleViews[name]!).filter(({ path }) =>
      /^(index|components\/.*)\.html$/.test(path),
    )) {
      const states = [...file.body.toString().matchAll(/class="state [^"]*">.*?<\/svg>([^<]*)<\/span>/g)].map(
        ([, words]) => words,
      );
      const now = file.path === 'index.html' ? states : states.slice(0, 1);
      assert.ok(!now.includes('Operational'), `${name}/${file.path}`);
    }
  }
  assert.match(textOf(sampleViews.unknown!), /measurements have stopped or are late/);
});

test('an affected part is named with what it is a part of, and what is only planned has affected nothing yet', () => {
  const parts = (status: ComponentStatus) => [
    { key: 'install/powershell', name: 'PowerShell modules', status },
    { key: 'publish/powershell', name: 'PowerShell modules', status },
  ];
  const open = incident('two-parts', { components: parts('major_outage') });
  const ahead = maintenance('two-parts', { components: parts('under_maintenance') });
  const shown = textOf({ ...sampleViews.well!, incidents: [open, ahead] }).replaceAll(/<\/?bdi>/g, '');
  assert.match(
    shown,
    /Affected: Install: PowerShell modules \(major outage\), Publish: PowerShell modules \(major outage\)</,
  );
  assert.match(shown, /Affected: Install: PowerShell modules, Publish: PowerShell modules</);
});

test('mail is offered only where mail is sent', () => {
  const view = sampleViews.well!;
  assert.match(textOf(view, 'subscribe.html'), /By mail/);
  const withoutMail = textOf({ ...view, sendsMail: false }, 'subscribe.html');
  assert.doesNotMatch(withoutMail, /By mail|name="kind" value="mail"/);
  assert.match(withoutMail, /By webhook/);
});

test('history begins with this year, whatever is planned for the next', () => {
  const ahead = maintenance('far', { startedAt: viewAt + 60 * dayMs, scheduledFor: viewAt + 60 * dayMs });
  const view = { ...sampleViews.well!, incidents: [ahead] };
  assert.match(textOf(view, 'history.html'), /November 2026/);
  assert.match(textOf(view, 'history/2027.html'), /Maintenance of far/);
  checkPages(view);
});

test('a budget that is spent many times over is not told in thousands of percent', () => {
  const slo = {
    objective: 0.999,
    windowDays: 30,
    slowerThanMs: undefined,
    events: 40,
    badEvents: 13,
    budgetLeft: -324,
  };
  const view = sampleViews.well!;
  const components = view.components.map((one) => (one.key === 'install' ? { ...one, slo } : one));
  assert.match(textOf({ ...view, components }), /Spent 325 times over/);
});

test('pages of any view are well formed, have no script and no style of their own, and lead only to what there is', () => {
  fc.assert(
    fc.property(anyView, (view) => checkPages(view)),
    { numRuns: 60 },
  );
  for (const view of Object.values(sampleViews)) checkPages(view);
});

/** Parsed as XML once the few elements without an end are closed: stricter than a browser would be. */
function checkPages(view: StatusView): void {
  const files = pageFiles(view);
  const paths = new Set(files.map(({ path }) => path));
  assert.equal(paths.size, files.length, 'no two files of one path');
  for (const { path, body } of files.filter(({ contentType }) => contentType.startsWith('text/html'))) {
    const parser = new SaxesParser();
    const ids = new Set<string>();
    parser.on('error', (error) => assert.fail(`${path}: ${error.message}`));
    parser.on('opentag', ({ name, attributes }) => {
      assert.ok(!['script', 'style', 'iframe', 'object'].includes(name), `${path} has a ${name}`);
      for (const [attribute, value] of Object.entries(attributes)) {
        assert.doesNotMatch(attribute, /^(on|style$)/, path);
        if (attribute === 'id') assert.ok(!ids.has(value) && ids.add(value), `${path}: #${value} twice`);
        if (/^(href|src|action)$/.test(attribute)) checkAddress(path, value, paths, view);
      }
    });
    parser.write(xmlOf(body.toString())).close();
  }
}

function xmlOf(page: string): string {
  return page
    .replace('<!doctype html>', '')
    .replaceAll(/<(meta|link|br|input)((?:\s[a-z-]+(?:="[^"]*")?)*)>/g, (_, name, rest) => `<${name}${rest}/>`)
    .replaceAll(/ (required|checked|selected)(?=[ />])/g, ' $1=""');
}

function checkAddress(from: string, address: string, paths: ReadonlySet<string>, view: StatusView): void {
  if (address.startsWith('#') || address.startsWith('data:image/svg+xml,')) return;
  if (/^https?:\/\//.test(address)) return;
  assert.doesNotMatch(address, /^[a-z]+:|^\//i, `${from} leads to ${address}`);
  const target = posix.join(posix.dirname(from), decodeURIComponent(address));
  const isThere = paths.has(target) || elsewhere.test(target) || target === subscriptionsAddress;
  assert.ok(isThere, `${from} leads to ${address} (${view.components.length} components)`);
}

test('markup in names and texts is text', () => {
  const page = textOf(sampleViews.odd!);
  assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;'));
  assert.ok(!page.includes('<script'));
});

test('addresses in texts can be followed, and nothing but http is an address', () => {
  const body = 'See https://example.org/a?b=1&c=2. Not javascript:alert(1), nor http://x"onclick=1.';
  const told = incident('links', { updates: [{ ...incident('links').updates[0]!, body }] });
  const page = textOf(sampleView({}, { incidents: [told] }), `incidents/${told.id}.html`);
  assert.ok(
    page.includes(
      'See <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener">https://example.org/a?b=1&amp;c=2</a>. Not javascript:alert(1)',
    ),
  );
  assert.ok(page.includes('>http://x</a>&quot;onclick=1.'));
});

test('the front page with twelve components is at most 40 KB', () => {
  const view = sampleViews.well!;
  assert.equal(view.components.length, 12);
  assert.ok(Buffer.byteLength(textOf(view)) <= 40_000, `${Buffer.byteLength(textOf(view))} bytes`);
});

test('with hundreds of incidents the front page stays small, and history has each of them', () => {
  const view = sampleViews.crowded!;
  assert.ok(Buffer.byteLength(textOf(view)) <= 48_000);
  const history = pageFiles(view).filter(({ path }) => path.startsWith('history'));
  for (const { id } of view.incidents) {
    assert.equal(history.filter(({ body }) => body.includes(`incidents/${id}.html`)).length, 1, id);
  }
});

test('a page about the past stays the same while time goes on', () => {
  const before = pageFiles(sampleViews.well!);
  const after = pageFiles({ ...sampleViews.well!, at: viewAt + 60_000 });
  const changed = after.filter(({ body }, index) => !body.equals(before[index]!.body)).map(({ path }) => path);
  assert.deepEqual(
    changed.filter((path) => /^(history|incidents|subscribe|style)/.test(path)),
    [],
  );
  assert.ok(changed.includes('index.html'), 'the front page tells its time');
  assert.match(textOf(sampleViews.well!), /As of <time datetime="2026-11-21T12:00:00Z">21 Nov 2026, 12:00 UTC<\/time>/);
  assert.match(textOf(sampleViews.well!), /a copy that is no longer renewed/);
});

test('days before the service began are not called quiet', () => {
  const view = sampleViews['first-minute']!;
  assert.equal(textOf(view).match(/No incidents reported/g)?.length, 1);
});

test('each day has one place in the bars, and hangs as deep as its worst was', () => {
  const kinds = { upMs: 9, degradedMs: 16, partialMs: 24, downMs: 32, maintenanceMs: 4 };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('upMs', 'degradedMs', 'partialMs', 'downMs', 'maintenanceMs', undefined)),
      (worst) => {
        const days = worst.map((kind) => ({ ...ninetyDays(viewAt, [])[0]!, ...(kind && { [kind]: 1 }) }));
        const depths: (number | undefined)[] = days.map(() => undefined);
        for (const [, depth, path] of bars(days).text.matchAll(/stroke-width="(\d+)" d="([^"]*)"/g)) {
          for (const [, x, length] of path!.matchAll(/M(\d+) [\d.]+h(\d+)/g)) {
            for (let at = Number(x); at < Number(x) + Number(length); at += 4) {
              assert.equal(depths[at / 4], undefined, 'no day has two bars');
              depths[at / 4] = Number(depth);
            }
          }
        }
        assert.deepEqual(
          depths,
          worst.map((kind) => (kind === undefined ? 2 : kinds[kind])),
        );
      },
    ),
  );
});

test('uptime is cut off and never rounded up, and the formula stands beside it', () => {
  const [component] = sampleView().components.filter(({ isGroup }) => !isGroup);
  const days = component!.days.map((day) => ({
    ...day,
    upMs: dayMs - 1,
    downMs: 1,
    degradedMs: 0,
    partialMs: 0,
    maintenanceMs: 0,
    uptime: (dayMs - 1) / dayMs,
  }));
  const view = { ...sampleView(), components: [{ ...component!, days }] };
  assert.match(textOf(view), /Last 90 days: 99\.999% uptime/);
  assert.match(textOf(view), /Uptime = /);
  assert.match(textOf(view, 'uptime.html'), /Uptime = /);
});
