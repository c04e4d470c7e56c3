/** A private feed with the real clients: nothing without a token, everything with one, and nothing again once it is revoked. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeWheel } from '../packages/wheel.ts';
import { requireOrSkip } from './runners/available.ts';
import { prepareDotnet } from './runners/dotnet.ts';
import { preparePip } from './runners/pip.ts';
import { ask, basic, publishNupkg, publishWheel } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';
import { prepareTwine } from './runners/twine.ts';

let gallery: TestGallery;
/** Address of the private feed. */
let team: string;
let reader: string;
let publisher: string;
let readerOfOther: string;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  team = (await gallery.command('feed', 'create', 'team', '--private')).stdout.trim();
  await gallery.command('feed', 'create', 'other', '--private');
  reader = (await makeToken('--feed', 'team', '--scope', 'read')).token;
  publisher = (await makeToken('--feed', 'team', '--scope', 'read,push-new,push-version')).token;
  readerOfOther = (await makeToken('--feed', 'other', '--scope', 'read')).token;
  const place = { url: team, token: publisher };
  await publishWheel(place, { name: 'team-needed', version: '1.0.0' });
  await publishWheel(place, { name: 'team-py', version: '1.0.0', requiresDist: ['team-needed'] });
  await publishNupkg(place, { id: 'Team.Needed', version: '1.0.0' });
  await publishNupkg(place, {
    id: 'Team.Lib',
    version: '1.0.0',
    dependencies: [{ id: 'Team.Needed', range: '1.0.0' }],
  });
});

test('the feed is told to nobody without a token of it, and to nobody through another feed', async () => {
  assert.equal(team, `${gallery.url}/feeds/team`);
  const paths = ['/simple/', '/simple/team-py/', '/simple/nowhere/', '/v3/index.json', '/v3/flat/team.lib/index.json'];
  const file = '/v3/flat/team.lib/1.0.0/team.lib.1.0.0.nupkg';
  for (const path of [...paths, file]) {
    for (const headers of [{}, { Authorization: basic('wrong') }, { Authorization: basic(readerOfOther) }]) {
      const answer = await ask(`${team}${path}`, { headers });
      assert.equal(answer.status, 401, path);
      assert.match(answer.headers['www-authenticate'] ?? '', /^Basic realm=/);
      assert.equal(answer.headers['cache-control'], 'no-store');
    }
    const headers = { Authorization: basic(reader) };
    if (path.includes('team')) assert.equal((await ask(`${gallery.url}${path}`, { headers })).status, 404, path);
  }
});

test('with a token, a name that does not exist is not found, so that clients look in their next index', async () => {
  const headers = { Authorization: basic(reader) };
  for (const path of ['/simple/nowhere/', '/v3/flat/nowhere/index.json', '/v3/registration/nowhere/index.json']) {
    assert.equal((await ask(`${team}${path}`, { headers })).status, 404, path);
  }
  for (const scheme of ['Bearer', 'bearer', 'token']) {
    const answer = await ask(`${team}/simple/team-py/`, { headers: { Authorization: `${scheme} ${reader}` } });
    assert.equal(answer.status, 200, scheme);
    assert.match(answer.headers['cache-control'] ?? '', /private|no-store/);
  }
});

test('pip installs with a token in the address or in .netrc, and finds nothing without', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const indexUrl = `${team}/simple/`;
  const netrc = { host: '127.0.0.1', username: '__token__', password: reader };
  await using inAddress = await preparePip({ indexUrl: withCredentials(indexUrl, reader) });
  await using inFile = await preparePip({ indexUrl, netrc });
  await using stranger = await preparePip({ indexUrl });
  await using wrong = await preparePip({ indexUrl: withCredentials(indexUrl, `${reader}x`) });

  for (const pip of [inAddress, inFile]) {
    succeeded(await pip.install(['team-py']));
    assert.deepEqual(await pip.installedPackages(), ['team_needed-1.0.0', 'team_py-1.0.0']);
  }
  for (const pip of [stranger, wrong]) {
    const failed = await pip.install(['team-py']);
    assert.equal(failed.exitCode, 1, describeResult(failed));
    assert.match(failed.stderr, /No matching distribution found for team-py|401/);
  }
});

test('twine uploads to the feed with a token that may publish, and not with one that may read', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const file = await twine.addFile(await makeWheel({ name: 'team-uploaded', version: '1.0.0' }));
  const url = `${team}/legacy/`;

  const failed = await twine.upload([file], { url, username: '__token__', password: reader });
  assert.equal(failed.exitCode, 1);
  assert.match(failed.stdout, /403 Forbidden/);
  assert.match(failed.stdout.replaceAll(/\s+/g, ' '), /lacks the scope "push-new"/);
  succeeded(await twine.upload([file], { url, username: '__token__', password: publisher }));
  const page = `${team}/simple/team-uploaded/`;
  assert.equal((await ask(page, { headers: { Authorization: basic(reader) } })).status, 200);
});

test('dotnet restores and pushes with credentials in its configuration, and not without', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  const source = `${team}/v3/index.json`;
  await using user = await prepareDotnet({ source, credentials: { username: 'anybody', password: reader } });
  await using author = await prepareDotnet({ source, credentials: { username: 'anybody', password: publisher } });
  await using stranger = await prepareDotnet({ source });

  const file = await author.addFile(await makeNupkg({ id: 'Team.Pushed', version: '1.0.0' }));
  succeeded(await author.push(file));
  const next = await author.addFile(await makeNupkg({ id: 'Team.Pushed', version: '1.0.1' }));
  const forbidden = await user.push(next);
  assert.equal(forbidden.exitCode, 1);
  assert.match(forbidden.stdout + forbidden.stderr, /403 \(The API key may not .*"push-version"\)/);
  succeeded(await user.push(next, { apiKey: publisher }));

  succeeded(await user.restore({ 'Team.Lib': '1.0.0', 'Team.Pushed': '1.0.1' }));
  assert.deepEqual(await user.restoredPackages(), ['team.lib/1.0.0', 'team.needed/1.0.0', 'team.pushed/1.0.1']);
  const failed = await stranger.restore({ 'Team.Lib': '1.0.0' });
  assert.equal(failed.exitCode, 1);
  assert.match(
    failed.stdout,
    /NU1301.*401 \(This feed is private: give a token as the password, with any user name\.\)/s,
  );
});

test('a revoked token stops working at the next request', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const { id, token } = await makeToken('--feed', 'team');
  const indexUrl = withCredentials(`${team}/simple/`, token);
  await using earlier = await preparePip({ indexUrl });
  await using later = await preparePip({ indexUrl });
  succeeded(await earlier.install(['team-py']));

  await gallery.command('token', 'revoke', id);
  const page = await ask(`${team}/simple/team-py/`, { headers: { Authorization: basic(token) } });
  assert.equal(page.status, 401);
  const push = await ask(`${team}/v3/package`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': token },
    body: 'anything',
  });
  assert.equal(push.status, 403);
  assert.equal((await later.install(['team-py'])).exitCode, 1);
});

async function makeToken(...options: string[]): Promise<{ id: string; token: string }> {
  const { stdout, stderr } = await gallery.command('token', 'create', ...options);
  return { id: /Token (\d+);/.exec(stderr)?.[1] ?? '', token: stdout.trim() };
}

function withCredentials(url: string, token: string): string {
  return url.replace('://', `://__token__:${token}@`);
}

function succeeded(result: RunResult): RunResult {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
