/** The management API: who may ask, what is refused and how, and every verb over HTTP. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { importedAtOnceMax } from '../../../src/status/api/imports.ts';
import { bodyBytesMax, managementRoutes } from '../../../src/status/api/routes.ts';
import { operatorToken, operatorTokenFile } from '../../../src/status/operator/token.ts';
import { systemRandom } from '../../../src/std/random.ts';
import { projectFolder, temporaryFolder } from '../../gallery.ts';
import { hour, second, start } from '../incidents/bench.ts';
import { type ApiServer, startApi } from './server.ts';

let api: ApiServer;

before(async (t) => {
  api = await startApi(t as never);
});

const iso = (at: number) => new Date(at).toISOString();

test('nobody asks without the operator’s token, whatever the route, and no body of a stranger is read', async () => {
  for (const { method, url } of managementRoutes) {
    const path = url.replaceAll(/:\w+/g, 'x');
    const without = await api.call(method, path, undefined, {});
    assert.deepEqual([without.status, without.body.code], [401, 'credentials-missing'], `${method} ${path}`);
    assert.match(without.headers.get('www-authenticate') ?? '', /^Bearer/);
    const wrong = await api.call(method, path, undefined, { authorization: `Bearer ${api.token}x` });
    assert.deepEqual([wrong.status, wrong.body.code], [403, 'credentials-invalid'], `${method} ${path}`);
  }
  const basic = await api.call('POST', '/api/incidents', '{', { authorization: `Basic ${btoa(`a:${api.token}`)}` });
  assert.equal(basic.status, 401);
  const cookie = await api.call('POST', '/api/incidents', {}, { cookie: `token=${api.token}` });
  assert.equal(cookie.status, 401, 'what a browser sends by itself opens nothing');
});

test('what cannot be read or is not known is refused in JSON, with the field’s name', async () => {
  const no = async (body: unknown, path = '/api/incidents') => {
    const { status, body: answer } = await api.call('POST', path, body);
    return `${status} ${answer.code}: ${answer.message}`;
  };
  assert.match(await no('{'), /^400 form-unreadable/);
  assert.match(
    await no({ name: 'x', body: 'y', severity: 1 }),
    /^400 form-field-invalid: The body does not know "severity"/,
  );
  assert.match(await no({ name: 7, body: 'y' }), /"name"/);
  assert.match(await no({ name: 'x', body: 'y', startedAt: 'yesterday' }), /"startedAt" is a time such as/);
  assert.match(await no({ name: 'x', body: 'y', startedAt: '2026-11-21T14:00:00' }), /with its zone/);
  assert.match(await no({ name: 'x' }), /The text is missing/);
  assert.match(await no({ template: 'none' }), /^404 not-found: There is no template/);
  assert.match(await no({ template: 'cdn' }), /also needs edge/);
  assert.match(await no({ body: 'x' }, '/api/incidents/none/updates'), /^404 not-found/);
  assert.match(await no(`"${'x'.repeat(bodyBytesMax)}"`), /^413 upload-too-large/);
  const form = { authorization: `Bearer ${api.token}`, 'content-type': 'text/plain' };
  assert.equal((await api.call('POST', '/api/incidents', 'name=x', form)).status, 415);
  assert.deepEqual((await api.call('GET', '/api/incidents')).body, { count: 0, incidents: [] });
});

test('an incident from its opening to its postmortem', async () => {
  const { call } = api;
  const opened = await call('POST', '/api/incidents', {
    template: 'cdn',
    values: { edge: 'Edge two' },
    affected: { 'install/python': 'partial_outage' },
    startedAt: iso(start - hour),
    author: 'Ada',
  });
  assert.equal(opened.status, 200, JSON.stringify(opened.body));
  const { id } = opened.body;
  assert.deepEqual(
    [opened.body.name, opened.body.impact, opened.body.startedAt, opened.body.owner, opened.body.resolvedAt],
    ['Edge two is slow', 'major', iso(start - hour), 'Ada', null],
  );
  const one = `/api/incidents/${id}`;
  const update = await call('POST', `${one}/updates`, { status: 'identified', body: 'A cable.' });
  assert.equal(update.body.updates[0].author, 'operator');
  const fixed = { update: { id: update.body.updates[0].id, body: 'A fibre.' }, name: 'Edge two is gone' };
  assert.equal((await call('PATCH', one, fixed)).body.updates[0].body, 'A fibre.');
  const other = (await call('POST', '/api/incidents', { name: 'Also slow', body: 'See.' })).body.id;
  assert.equal((await call('POST', `/api/incidents/${other}/merge`, { into: id })).body.id, id);
  assert.equal((await call('GET', `/api/incidents/${other}`)).body.id, id, 'the old address leads there');
  assert.equal((await call('GET', '/api/incidents?open=true')).body.count, 1);
  assert.equal((await call('POST', `${one}/resolve`, {})).body.status, 'resolved');
  assert.equal((await call('GET', '/api/incidents?open=true')).body.count, 0);
  const { timeline } = (await call('GET', `${one}/timeline`)).body;
  assert.deepEqual(
    timeline.slice(0, 3).map(({ at, kind }: { at: string; kind: string }) => [at, kind]),
    [
      [iso(start - hour), 'incident'],
      [iso(start - hour), 'update'],
      [iso(start - hour + second), 'probe'],
    ],
  );
  const { draft } = (await call('GET', `${one}/postmortem`)).body;
  assert.match(draft, /^# Edge two is gone\n[\s\S]*Python packages \(install\/python\): 75 % of 4 attempts/);
  assert.equal((await call('GET', one)).body.postmortem, null);
  const published = await call('POST', `${one}/updates`, { status: 'postmortem', body: draft });
  assert.equal(published.body.postmortem, draft.trim());
});

test('a maintenance is announced, corrected and ended', async () => {
  const { call, bench } = api;
  const scheduledFor = iso(start + hour);
  const made = await call('POST', '/api/maintenances', {
    name: 'Disks',
    body: 'Short breaks.',
    affected: { install: 'under_maintenance' },
    scheduledFor,
    scheduledUntil: iso(start + 2 * hour),
  });
  assert.deepEqual([made.status, made.body.scheduledFor, made.body.kind], [200, scheduledFor, 'maintenance']);
  const { id } = made.body;
  const moved = await call('PATCH', `/api/incidents/${id}`, { scheduledUntil: iso(start + 3 * hour) });
  assert.equal(moved.body.scheduledUntil, iso(start + 3 * hour));
  bench.clock.at += hour;
  bench.incidents.followClock();
  assert.equal((await call('GET', '/api/maintenances?open=true')).body.maintenances[0].status, 'in_progress');
  assert.equal((await call('POST', `/api/maintenances/${id}/end`, {})).body.status, 'completed');
});

test('alarms are confirmed, silences begin and end, moments are marked', async () => {
  const { call } = api;
  const [alarm] = (await call('GET', '/api/alarms')).body.alarms;
  assert.deepEqual([alarm.key, alarm.startedAt], ['probe:install/python', iso(start)]);
  assert.equal((await call('POST', `/api/alarms/${alarm.id}/confirm`, { author: 'Ada' })).body.confirmedBy, 'Ada');
  assert.equal((await call('POST', '/api/alarms/none/confirm', {})).status, 404);
  const until = iso(start + 5 * hour);
  const silence = await call('POST', '/api/silences', { pattern: 'probe:*', reason: 'Rewiring', until });
  assert.deepEqual([silence.status, silence.body.until, silence.body.author], [200, until, 'operator']);
  assert.equal((await call('GET', '/api/silences')).body.silences.length, 1);
  assert.equal((await call('DELETE', `/api/silences/${silence.body.id}`)).status, 200);
  assert.equal((await call('GET', '/api/silences')).body.silences.length, 0);
  assert.match((await call('POST', '/api/silences', { pattern: 'x', reason: 'y' })).body.message, /until/);
  assert.deepEqual((await call('POST', '/api/marks', { text: 'deployed 1.2', at: iso(start) })).body, {});
  assert.deepEqual((await call('GET', `/api/marks?from=${iso(start)}`)).body.marks, [
    { at: iso(start), text: 'deployed 1.2', author: 'operator' },
  ]);
});

test('the state is told in one answer', async () => {
  const { body } = await api.call('GET', '/api/state');
  assert.equal(body.isKnown, true);
  assert.deepEqual(body.onDuty, { primary: 'Ada' });
  assert.deepEqual(body.lateHeartbeats, ['backup']);
  assert.equal(body.firing[0].title, 'Installing Python packages fails');
  assert.deepEqual(body.testPage, { sentAt: null, confirmedAt: null });
  assert.equal(body.components.length, 4);
  assert.deepEqual((await api.call('GET', '/api/subscribers')).body, { subscribers: { mail: 3, webhook: 1 } });
  assert.equal((await api.call('GET', '/api/heartbeats')).body.heartbeats[0].lastAt, iso(start));
  assert.deepEqual((await api.call('GET', '/api/templates')).body.templates[0].values, ['edge']);
});

test('an import is taken over with its times, changes nothing the second time, and can be taken out again', async () => {
  const { call, bench } = api;
  const past = {
    foreignId: 'abc',
    kind: 'incident',
    name: 'Slow, once',
    impact: 'minor',
    startedAt: '2020-03-01T10:00:00Z',
    endedAt: '2020-03-01T11:00:00Z',
    updates: [
      { status: 'resolved', body: 'Over.', at: '2020-03-01T11:00:00Z', affected: [] },
      {
        status: 'investigating',
        body: 'We look.',
        at: '2020-03-01T10:00:00Z',
        affected: [{ name: 'website', oldStatus: 'operational', newStatus: 'degraded_performance' }],
      },
    ],
    components: [
      { name: 'website', status: 'degraded_performance' },
      { name: 'Old Thing!', status: 'partial_outage' },
    ],
  };
  const wanted = { source: 'https://status.example.org', incidents: [past, { ...past, foreignId: 'def', name: '' }] };
  const before = bench.changes.length;
  const first = await call('POST', '/api/imports', wanted);
  assert.deepEqual([first.body.new, first.body.refused[0].foreignId, first.body.refused.length], [1, 'def', 1]);
  assert.deepEqual((await call('POST', '/api/imports', wanted)).body.unchanged, 1);
  const taken = bench.incidents.list().find(({ name }) => name === past.name);
  assert.deepEqual(
    [taken?.origin, taken?.status, taken?.impact, taken?.startedAt, taken?.resolvedAt, taken?.mendedAfterMs],
    ['import', 'resolved', 'minor', Date.UTC(2020, 2, 1, 10), Date.UTC(2020, 2, 1, 11), hour],
  );
  assert.deepEqual(
    taken?.components.map(({ key }) => key),
    ['website', 'old-thing'],
  );
  assert.equal(taken?.updates[0]?.status, 'resolved');
  const changed = { ...wanted, incidents: [{ ...past, name: 'Slow, twice' }] };
  assert.equal((await call('POST', '/api/imports', changed)).body.changed, 1);
  assert.equal(bench.incidents.find(taken!.id)?.name, 'Slow, twice');
  const many = { source: 's', incidents: Array(importedAtOnceMax + 1).fill(past) };
  assert.equal((await call('POST', '/api/imports', many)).status, 400);
  const address = `/api/imports?source=${encodeURIComponent(wanted.source)}`;
  assert.deepEqual((await call('DELETE', address)).body, { removed: 1 });
  assert.deepEqual((await call('DELETE', address)).body, { removed: 0 });
  assert.equal(bench.incidents.find(taken!.id), undefined);
  assert.deepEqual([...new Set(bench.changes.slice(before).map(({ what }) => what))], ['imported', 'removed']);
});

test('the operator’s token is made once, and nobody else reads it', async (t) => {
  const folder = join(await temporaryFolder(t), 'status');
  const token = operatorToken(folder, systemRandom);
  assert.match(token, /^hold_status_[\w-]{43}$/);
  assert.equal(statSync(operatorTokenFile(folder)).mode & 0o777, 0o600);
  assert.equal(operatorToken(folder, systemRandom), token);
  writeFileSync(operatorTokenFile(folder), '');
  assert.notEqual(operatorToken(folder, systemRandom), token);
});

test('the page on the management API has every route with what it does, and no other', () => {
  const page = readFileSync(join(projectFolder, 'docs/STATUS-API.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(GET|POST|PATCH|DELETE) ([^`]+)` \| ([^|]+) \|/gm)];
  assert.deepEqual(
    rows.map(([, method, url, does]) => `${method} ${url} ${does}`),
    managementRoutes.map(({ method, url, does }) => `${method} ${url} ${does}`),
  );
});
