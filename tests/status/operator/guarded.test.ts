/** Who may use the operator's pages: a session, a form of ours, and not by trying. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sessionMs, sessionsMax, triesMax, triesMs } from '../../../src/status/operator/sessions.ts';
import { condition } from '../alarms/watch-house.ts';
import { hour } from '../incidents/bench.ts';
import { operatorHouse, token } from './operator-house.ts';

const anyPages = [
  '/operator',
  '/operator/incidents',
  '/operator/incidents/new',
  '/operator/incidents/x',
  '/operator/maintenance/new',
  '/operator/alarms',
];
const anyActions = [
  '/operator/incidents',
  '/operator/maintenance',
  '/operator/marks',
  '/operator/incidents/x/update',
  '/operator/incidents/x/resolve',
  '/operator/incidents/x/end',
  '/operator/incidents/x/edit',
  '/operator/incidents/x/text',
  '/operator/incidents/x/merge',
  '/operator/incidents/x/postmortem',
  '/operator/silences',
  '/operator/silences/x/end',
  '/operator/alarms/x/confirm',
];

test('whoever has not signed in sees nothing and does nothing', async (t) => {
  const { url, send, bench } = await operatorHouse(t);
  for (const path of anyPages) {
    const answer = await fetch(`${url}${path}`, { redirect: 'manual' });
    assert.equal(answer.status, 303, path);
    assert.equal(new URL(answer.headers.get('location') ?? '', `${url}${path}`).pathname, '/operator/sign-in');
    assert.equal(await answer.text(), '');
  }
  for (const path of anyActions) {
    const answer = await send(path, { name: 'x', body: 'x', 'form-token': 'x' }, { cookie: 'holdfast_operator=guess' });
    assert.equal(answer.status, 303, path);
    assert.equal(new URL(answer.headers.get('location') ?? '', `${url}${path}`).pathname, '/operator/sign-in');
  }
  assert.deepEqual(bench.incidents.list(), []);
});

test('the cookie is for this site and no script, and only over https where the page is', async (t) => {
  const plain = await operatorHouse(t, {});
  const view = plain.parts.view();
  const answer = await plain.send('/operator/sign-in', { author: 'Ada', token });
  assert.match(
    answer.headers.get('set-cookie') ?? '',
    /^holdfast_operator=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/,
  );
  const inside = await operatorHouse(t, {
    view: () => ({ ...view, page: { ...view.page, url: 'http://10.0.0.5:8081' } }),
  });
  const other = await inside.send('/operator/sign-in', { author: 'Ada', token });
  assert.match(other.headers.get('set-cookie') ?? '', /SameSite=Strict$/);
  const seen = await fetch(`${inside.url}/operator`, {
    headers: { cookie: (other.headers.get('set-cookie') ?? '').split(';')[0] ?? '' },
  });
  assert.equal(seen.status, 200);
  assert.equal(seen.headers.get('cache-control'), 'no-store');
  assert.match(seen.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
});

test('a session ends by itself, by signing out, and when a hundred others began', async (t) => {
  const { url, bench, send, signIn, formToken } = await operatorHouse(t);
  const statusOf = async (cookie: string) =>
    (await fetch(`${url}/operator`, { headers: { cookie }, redirect: 'manual' })).status;
  const first = await signIn();
  assert.equal(await statusOf(first), 200);
  bench.clock.at += sessionMs - 1;
  assert.equal(await statusOf(first), 200);
  bench.clock.at += 1;
  assert.equal(await statusOf(first), 303);
  const second = await signIn();
  await send('/operator/sign-out', {}, { cookie: second });
  assert.equal(await statusOf(second), 200, 'no other site signs anybody out');
  await send('/operator/sign-out', { 'form-token': await formToken(second) }, { cookie: second });
  assert.equal(await statusOf(second), 303);
  const third = await signIn();
  for (let count = 0; count < sessionsMax - 1; count += 1) await signIn();
  assert.equal(await statusOf(third), 200);
  await signIn();
  assert.equal(await statusOf(third), 303);
});

test('after ten wrong tokens an address is told to wait, and the right token signs in all the same', async (t) => {
  const { bench, send } = await operatorHouse(t);
  const status = async (given: string) => (await send('/operator/sign-in', { author: 'Ada', token: given })).status;
  for (let count = 0; count < triesMax; count += 1) assert.equal(await status('wrong'), 403);
  const refused = await send('/operator/sign-in', { author: 'Ada', token: 'wrong' });
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '600']);
  assert.equal(refused.headers.get('set-cookie'), null);
  assert.equal(await status(token), 303);
  bench.clock.at += triesMs;
  assert.equal(await status('wrong'), 403);
});

test('names of machines are not taken as one’s own', async (t) => {
  const { send } = await operatorHouse(t);
  const answer = await send('/operator/sign-in', { author: 'probes', token });
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /is not the name of a person/);
});

test('a form counts only from our own pages, of whoever is signed in', async (t) => {
  const { url, bench, send, signIn, formToken } = await operatorHouse(t);
  const cookie = await signIn();
  const own = await formToken(cookie);
  const wanted = { name: 'Not ours', body: 'x', status: 'investigating' };
  const tries: [Record<string, string>, Record<string, string>][] = [
    [wanted, {}],
    [{ ...wanted, 'form-token': 'x' }, {}],
    [{ ...wanted, 'form-token': await formToken(await signIn('Ben')) }, {}],
    [{ ...wanted, 'form-token': own }, { 'sec-fetch-site': 'cross-site' }],
    [{ ...wanted, 'form-token': own }, { 'sec-fetch-site': 'same-site' }],
    [{ ...wanted, 'form-token': own }, { origin: 'https://elsewhere.example.org' }],
    [{ ...wanted, 'form-token': own }, { origin: 'null' }],
  ];
  for (const [values, headers] of tries) {
    const answer = await send('/operator/incidents', values, { cookie, ...headers });
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.match(await answer.text(), /value="Not ours"/, 'what was typed is not lost');
  }
  assert.deepEqual(bench.incidents.list(), []);
  const ours: Record<string, string>[] = [
    { origin: url },
    { origin: 'https://status.example.org' },
    { 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of ours) {
    const answer = await send('/operator/incidents', { ...wanted, 'form-token': own }, { cookie, ...headers });
    assert.equal(answer.status, 303, JSON.stringify(headers));
  }
  assert.equal(bench.incidents.list().length, 3);
});

test('looking at the link of a message confirms nothing, other sites cannot press its button, and a guess opens nothing', async (t) => {
  const { url, house, send } = await operatorHouse(t);
  house.conditions = [condition()];
  await house.pass(0);
  const path = new URL(house.pagers.anna!.taken[0]!.url ?? '').pathname;
  const page = await fetch(`${url}${path}`);
  assert.equal(page.status, 200);
  assert.ok(!(await page.text()).includes('Installing Python'), 'it tells nothing');
  assert.equal(house.alarms.firing()[0]!.confirmedAt, undefined);
  assert.equal((await send(path, { by: 'Eve' }, { 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await send(path, { by: ' ' })).status, 400);
  assert.equal((await send('/confirm/guess', { by: 'Eve' })).status, 404);
  assert.equal(house.alarms.firing()[0]!.confirmedAt, undefined);
  assert.equal((await send(path, { by: 'Anna' })).status, 200);
  assert.equal(house.alarms.firing()[0]!.confirmedBy, 'Anna');
  await house.pass(hour);
  assert.ok(!house.news().some((line) => line.startsWith('ben')), 'nobody else is called');
});

test('a body that is no form, or too large, is refused', async (t) => {
  const { url, signIn } = await operatorHouse(t);
  const cookie = await signIn();
  const status = async (type: string, body: string) =>
    (await fetch(`${url}/operator/marks`, { method: 'POST', body, headers: { cookie, 'content-type': type } })).status;
  assert.equal(await status('application/json', '{}'), 415);
  assert.equal(await status('multipart/form-data; boundary=x', '--x--'), 415);
  assert.equal(await status('application/x-www-form-urlencoded', `text=${'x'.repeat(1024 * 1024)}`), 413);
});
