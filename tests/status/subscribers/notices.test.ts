/** What subscribers are told, in which shape, and about which components. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { componentNotices, incidentNotices } from '../../../src/status/subscribers/notices.ts';
import type { Subscription } from '../../../src/status/subscribers/subscribers.ts';
import { projectFolder } from '../../gallery.ts';
import { anyView, incident, incidentUpdate, maintenance, viewAt, viewOf } from '../views.ts';

function subscription(id: string, kind: 'mail' | 'webhook', ...components: string[]): Subscription {
  const target = kind === 'mail' ? { kind, to: `${id}@example.org` } : { kind, url: `https://hooks.example.org/${id}` };
  return { id, target, components, unsubscribeUrl: `https://status.example.org/unsubscribe/${id}` };
}

const ids = (messages: readonly { readonly dedupeKey: string }[]) =>
  messages.map(({ dedupeKey }) => dedupeKey.split(':')[0]);

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
addFormats.default(ajv);
const schemaFolders = ['tests/status/statuspage/schemas', 'tests/status/subscribers/schemas'];
for (const folder of schemaFolders)
  for (const name of readdirSync(join(projectFolder, folder)))
    ajv.addSchema(JSON.parse(readFileSync(join(projectFolder, folder, name), 'utf8')), name);

test('webhooks get the shape of Statuspage for every incident and every component of every view', () => {
  const all = [subscription('hook', 'webhook')];
  fc.assert(
    fc.property(anyView, fc.constantFrom('operational', 'major_outage', 'unknown'), (view, oldStatus) => {
      for (const one of view.incidents) {
        const [message] = incidentNotices(view, { incident: { ...one, origin: 'person' }, what: 'updated' }, all);
        assert.ok(ajv.validate('incident-webhook.json', message!.json), ajv.errorsText());
      }
      for (const component of view.components)
        for (const { json } of componentNotices(view, { component, oldStatus, at: viewAt }, all))
          assert.ok(ajv.validate('component-webhook.json', json), ajv.errorsText());
    }),
    { numRuns: 150 },
  );
});

test('a mail is one line of subject and plain text, with a way out that mail programs know', () => {
  const everybody = [subscription('ada', 'mail')];
  fc.assert(
    fc.property(anyView, (view) => {
      for (const one of view.incidents) {
        const [message] = incidentNotices(view, { incident: { ...one, origin: 'probes' }, what: 'updated' }, everybody);
        assert.doesNotMatch(message!.subject, /[\r\n\x00\u2028]/);
        assert.ok(message!.subject.isWellFormed() && Array.from(message!.subject).length <= 200);
        for (const value of Object.values(message!.headers)) assert.match(value, /^[\x20-\x7e]+$/);
        assert.equal(message!.headers['List-Unsubscribe'], '<https://status.example.org/unsubscribe/ada>');
        assert.equal(message!.headers['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click');
        assert.ok(message!.text.includes('https://status.example.org/unsubscribe/ada'));
        assert.ok(message!.text.includes(`https://status.example.org/incidents/${one.id}`));
        assert.ok(message!.text.includes(one.updates[0]!.body));
      }
    }),
    { numRuns: 100 },
  );
  const affected = [{ key: 'install/python', name: 'Python', status: 'major_outage' as const }];
  const update = incidentUpdate('identified', { body: 'A disk is full.', createdAt: viewAt });
  const [mail] = incidentNotices(
    viewOf({ 'install/python': 'major_outage' }),
    { incident: incident('a', { name: 'Installs fail', components: affected, updates: [update] }), what: 'updated' },
    everybody,
  );
  assert.equal(mail!.subject, '[Holdfast status] Identified: Installs fail');
  assert.ok(
    mail!.text.startsWith(
      'Installs fail\nIdentified - 2026-11-21 12:00 UTC\nAffected: Python (major outage)\n\nA disk is full.\n',
    ),
  );
  const [plan] = incidentNotices(viewOf({}), { incident: maintenance('b'), what: 'opened' }, everybody);
  assert.match(plan!.text, /\nPlanned: 2026-11-22 12:00 UTC to 2026-11-22 13:00 UTC\n/);
});

test('people hear of the components that they chose, of their groups and members, and of what is about everything', () => {
  const chosen = [
    subscription('all', 'mail'),
    subscription('group', 'mail', 'install'),
    subscription('member', 'mail', 'install/python'),
    subscription('other', 'mail', 'website', 'install-new'),
  ];
  const view = viewOf({ 'install/python': 'major_outage', website: 'operational' });
  const told = (...keys: string[]) => {
    const components = keys.map((key) => ({ key, name: key, status: 'major_outage' as const }));
    return ids(incidentNotices(view, { incident: incident('a', { components }), what: 'opened' }, chosen));
  };
  assert.deepEqual(told('install/python'), ['all', 'group', 'member']);
  assert.deepEqual(told('install/nuget'), ['all', 'group']);
  assert.deepEqual(told('install'), ['all', 'group', 'member']);
  assert.deepEqual(told('website', 'install'), ['all', 'group', 'member', 'other']);
  assert.deepEqual(told(), ['all', 'group', 'member', 'other']);
});

test('each update is one message to each, and edits, merges and imports are none', () => {
  const view = viewOf({ website: 'operational' });
  const all = [subscription('a', 'mail'), subscription('b', 'webhook')];
  const first = incident('one');
  const second = { ...first, updates: [incidentUpdate('resolved'), ...first.updates] };
  const keys = (one: typeof first, what: string) =>
    incidentNotices(view, { incident: one, what }, all).map(({ dedupeKey }) => dedupeKey);
  const told = [...keys(first, 'opened'), ...keys(second, 'resolved')];
  assert.equal(new Set(told).size, 4);
  assert.deepEqual(keys(second, 'updated'), keys(second, 'resolved'));
  assert.deepEqual([...keys(first, 'edited'), ...keys(first, 'merged')], []);
  assert.deepEqual(keys({ ...first, origin: 'import' }, 'opened'), [], 'what was imported is old');
});

test('a change of a component goes to webhooks, and only when its readers can tell the difference', () => {
  const view = viewOf({ website: 'unknown', 'install/python': 'operational' });
  const chosen = [subscription('mail', 'mail'), subscription('hook', 'webhook'), subscription('no', 'webhook', 'mail')];
  const website = view.components.find(({ key }) => key === 'website')!;
  const told = (oldStatus: 'operational' | 'degraded_performance') =>
    ids(componentNotices(view, { component: website, oldStatus, at: viewAt }, chosen));
  assert.deepEqual(told('operational'), ['hook']);
  assert.deepEqual(told('degraded_performance'), []);
});
