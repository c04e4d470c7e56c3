/** Tokens, feeds and who may read: by command, by API, and as clients meet them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeWheel } from '../packages/wheel.ts';
import { callApi, uploadPython } from '../publish/upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as never);
  await gallery.command('feed', 'create', 'team', '--private');
});

async function createToken(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await gallery.command('token', 'create', ...args);
  assert.equal(exitCode, 0, stderr);
  return stdout.trim();
}

const basic = (token: string, user = '__token__') => ({
  authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
});

test('the first token and the installation key are readable by nobody else', () => {
  for (const name of ['first-token', 'installation-key']) {
    assert.equal(statSync(join(gallery.dataDir, name)).mode & 0o777, 0o600, name);
  }
  assert.match(gallery.token, /^hold_[A-Za-z0-9_-]{43}$/);
});

test('no token stands anywhere in the data folder but in first-token', async () => {
  const token = await createToken('--description', 'secret');
  await uploadPython(gallery, await makeWheel({ name: 'traces', version: '1.0.0' }), { token });
  const found = readdirSync(gallery.dataDir, { recursive: true, withFileTypes: true })
    // Documents in the making, which are gone a moment later.
    .filter((entry) => entry.isFile() && entry.name !== 'first-token' && !entry.name.startsWith('.tmp-'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(token) || readFileSync(path).includes(gallery.token));
  assert.deepEqual(found, []);
});

test('records in the store tell nothing about tokens to who lacks the key', () => {
  const records = join(gallery.dataDir, 'store', 'l1', 'catalogue');
  const texts = readdirSync(records, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  const sealed = texts.filter((text) => text.includes('"kind":"token.created"'));
  assert.ok(sealed.length > 0);
  for (const text of sealed) assert.doesNotMatch(text, /digest|scopes|first token/);
});

test('a private feed challenges whoever has no right, and tells nothing else', async () => {
  const page = `${gallery.url}/feeds/team/simple/anything/`;
  const elsewhere = await createToken('--feed', 'main', '--scope', 'read');
  const pushOnly = await createToken('--feed', 'team', '--scope', 'push-new');
  for (const headers of [{}, basic('hold_wrong'), basic(elsewhere), basic(pushOnly)]) {
    const answer = await fetch(page, { headers });
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm=/);
  }
});

test('a reader of a private feed gets its packages, and 404 for names that are not there', async () => {
  const reader = await createToken('--feed', 'team', '--scope', 'read');
  const wheel = await makeWheel({ name: 'internal', version: '1.0.0' });
  assert.equal((await uploadPython(gallery, wheel, { feed: 'team' })).status, 200);
  for (const headers of [
    basic(reader),
    basic(reader, 'anybody'),
    { authorization: `Bearer ${reader}` },
    { 'X-NuGet-ApiKey': reader },
  ]) {
    const page = await fetch(`${gallery.url}/feeds/team/simple/internal/`, {
      headers: headers as Record<string, string>,
    });
    assert.equal(page.status, 200);
    assert.match(page.headers.get('cache-control') ?? '', /^private/);
    const href = /href="([^"#]+)/.exec(await page.text())?.[1] ?? '';
    assert.match(href, /^\/feeds\/team\/packages\//);
    assert.equal((await fetch(`${gallery.url}${href}`)).status, 401);
    const file = await fetch(`${gallery.url}${href}`, { headers: headers as Record<string, string> });
    assert.deepEqual(Buffer.from(await file.arrayBuffer()), wheel.bytes);
    assert.equal(
      (await fetch(`${gallery.url}/feeds/team/simple/nothing/`, { headers: headers as Record<string, string> })).status,
      404,
    );
  }
});

test('what is in a private feed is in no other', async () => {
  assert.equal((await fetch(`${gallery.url}/simple/internal/`)).status, 404);
  const wheel = await makeWheel({ name: 'internal', version: '1.0.0' });
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
});

test('a revoked token stops reading and publishing at the next request', async () => {
  const token = await createToken('--scope', 'read', '--scope', 'push-new');
  const page = `${gallery.url}/feeds/team/simple/internal/`;
  assert.equal((await fetch(page, { headers: basic(token) })).status, 200);
  const { stdout } = await gallery.command('token', 'list');
  const id = stdout.split('\n')[0]?.split('\t')[0] ?? '';
  assert.equal((await gallery.command('token', 'revoke', id)).exitCode, 0);
  assert.equal((await fetch(page, { headers: basic(token) })).status, 401);
  assert.equal(
    (await uploadPython(gallery, await makeWheel({ name: 'late', version: '1.0.0' }), { token })).status,
    403,
  );
});

test('a token ends when it expires', async () => {
  const soon = new Date(Date.now() + 1_500).toISOString();
  const made = await callApi(gallery, 'POST', '/api/tokens', { scopes: ['read'], expiresAt: soon });
  const { token } = (await made.json()) as { token: string };
  const page = `${gallery.url}/feeds/team/simple/internal/`;
  assert.equal((await fetch(page, { headers: basic(token) })).status, 200);
  await new Promise((done) => setTimeout(done, 1_700));
  assert.equal((await fetch(page, { headers: basic(token) })).status, 401);
});

test('last use is told, to the minute', async () => {
  const token = await createToken('--scope', 'push-new', '--description', 'counted');
  await uploadPython(gallery, await makeWheel({ name: 'counted', version: '1.0.0' }), { token });
  const listed = (await (await callApi(gallery, 'GET', '/api/tokens')).json()) as {
    tokens: { description: string; lastUsedAt: string | null }[];
  };
  const counted = listed.tokens.find((entry) => entry.description === 'counted');
  assert.ok(Math.abs(Date.now() - Date.parse(counted?.lastUsedAt ?? '')) < 120_000);
});

test('the API makes, lists and revokes tokens, for administrators only', async () => {
  const made = await callApi(gallery, 'POST', '/api/tokens', {
    scopes: ['push-version'],
    packages: ['Contoso.*'],
    description: 'ci',
  });
  assert.equal(made.status, 200);
  const { id, token } = (await made.json()) as { id: number; token: string };
  const listed = await (await callApi(gallery, 'GET', '/api/tokens')).text();
  assert.match(listed, /Contoso/);
  assert.doesNotMatch(listed, new RegExp(token));
  assert.equal((await callApi({ ...gallery, token }, 'GET', '/api/tokens')).status, 403);
  assert.equal((await fetch(`${gallery.url}/api/tokens`)).status, 401);
  assert.equal((await callApi(gallery, 'DELETE', `/api/tokens/${id}`)).status, 200);
  assert.equal((await callApi({ ...gallery, token }, 'GET', '/api/tokens')).status, 403);
  assert.equal((await callApi(gallery, 'DELETE', '/api/tokens/999999')).status, 404);
});

test('values that cannot be are refused with a sentence', async () => {
  for (const [body, words] of [
    [{ scopes: ['fly'] }, /Unknown scope fly/],
    [{ scopes: [] }, /at least one scope/],
    [{ scopes: ['read'], expiresAt: '2001-01-01' }, /in the future/],
    [{ scopes: ['read'], expiresAt: 'soon' }, /in the future/],
    [{ scopes: ['read'], principal: 'nobody' }, /nobody called "nobody"/],
    [{ scopes: ['read'], description: 'x'.repeat(201) }, /200 characters/],
  ] as const) {
    const answer = await callApi(gallery, 'POST', '/api/tokens', body);
    assert.ok(answer.status === 400 || answer.status === 404);
    assert.match(((await answer.json()) as { message: string }).message, words);
  }
  assert.notEqual((await gallery.command('feed', 'create', 'simple')).exitCode, 0);
  assert.notEqual((await gallery.command('feed', 'create', 'Team')).exitCode, 0);
  assert.notEqual((await gallery.command('feed', 'create', 'team')).exitCode, 0);
});

test('a token that was cut down makes no token that may do more, and no feed', async () => {
  const cut = {
    ...gallery,
    token: await createToken('--scope', 'administer,read', '--feed', 'main', '--package', 'Contoso.*'),
  };
  for (const body of [
    { scopes: ['read'], feeds: ['*'], packages: ['Contoso.*'] },
    { scopes: ['read'], feeds: ['main'], packages: ['*'] },
    { scopes: ['push-new'], feeds: ['main'], packages: ['Contoso.*'] },
  ]) {
    const answer = await callApi(cut, 'POST', '/api/tokens', body);
    assert.equal(answer.status, 403, JSON.stringify(body));
  }
  const within = { scopes: ['read'], feeds: ['main'], packages: ['Contoso.Tools.*'] };
  assert.equal((await callApi(cut, 'POST', '/api/tokens', within)).status, 200);
  assert.equal((await callApi(cut, 'POST', '/api/feeds', { name: 'mine' })).status, 403);
  assert.equal((await callApi(cut, 'DELETE', '/api/tokens/4')).status, 403);
});

test('whoever has no right in a private feed cannot learn its names by trying to change them', async () => {
  await uploadPython(gallery, await makeWheel({ name: 'hidden', version: '1.0.0' }), { feed: 'team' });
  const stranger = {
    ...gallery,
    token: await createToken('--feed', 'main', '--scope', 'unlist,administer,push-new,push-version'),
  };
  const answers = await Promise.all(
    ['hidden', 'not-there'].map(async (name) => {
      const unlist = await callApi(stranger, 'POST', `/api/feeds/team/python/${name}/1.0.0/unlist`);
      const removal = await callApi(stranger, 'DELETE', `/api/feeds/team/python/${name}`);
      const wheel = await makeWheel({ name, version: '2.0.0' });
      const push = await uploadPython(gallery, wheel, { feed: 'team', token: stranger.token });
      return [unlist.status, await unlist.text(), removal.status, await removal.text(), push.status, await push.text()];
    }),
  );
  assert.deepEqual(answers[0], answers[1]);
  assert.equal(answers[0]?.[0], 403);
});

test('unlist, relist and delete need their scopes', async () => {
  const wheel = await makeWheel({ name: 'scoped', version: '1.0.0' });
  await uploadPython(gallery, wheel);
  const pusher = { ...gallery, token: await createToken('--scope', 'push-new,push-version') };
  const unlister = { ...gallery, token: await createToken('--scope', 'unlist') };
  const path = '/api/feeds/main/python/scoped/1.0.0';
  assert.equal((await callApi(pusher, 'POST', `${path}/unlist`)).status, 403);
  assert.equal((await callApi(unlister, 'DELETE', path)).status, 403);
  assert.equal((await callApi(unlister, 'POST', `${path}/unlist`, { reason: 'a <b>fault</b>' })).status, 200);
  const page = await (await fetch(`${gallery.url}/simple/scoped/`)).text();
  assert.match(page, /data-yanked="a &lt;b&gt;fault&lt;\/b&gt;"/);
  assert.equal((await callApi(unlister, 'POST', `${path}/relist`)).status, 200);
  assert.doesNotMatch(await (await fetch(`${gallery.url}/simple/scoped/`)).text(), /data-yanked/);
});
