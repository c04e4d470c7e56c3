/** flit, the real one, against a running gallery: what it uploads, and what its user reads when the gallery refuses. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { requireOrSkip } from './runners/available.ts';
import { prepareFlit } from './runners/flit.ts';
import { ask } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const signIn = () => ({ url: `${gallery.url}/legacy/`, username: '__token__', password: gallery.token });

test('flit publishes a wheel and an sdist, of which it sends no Python version', async (t) => {
  if (!requireOrSkip(t, 'flit')) return;
  await using flit = await prepareFlit(signIn());
  await flit.writeProject({ name: 'demo-flit', version: '1.0.0', summary: 'Says what it is' });

  succeeded(await flit.publish());
  const answer = await ask(`${gallery.url}/pypi/demo-flit/1.0/json`);
  assert.equal(answer.status, 404, 'the version is 1.0.0');
  const { info, urls } = JSON.parse((await ask(`${gallery.url}/pypi/demo-flit/1.0.0/json`)).body.toString());
  assert.deepEqual(
    urls.map((file: { filename: string; python_version: string }) => [file.filename, file.python_version]),
    [
      ['demo-flit-1.0.0.tar.gz', 'source'],
      ['demo_flit-1.0.0-py3-none-any.whl', 'py3'],
    ],
  );
  assert.equal(info.summary, 'Says what it is');
  assert.match(info.description, /^# demo-flit\n\nWritten for flit\./);
  assert.deepEqual(info.project_urls, { Home: 'https://example.org/demo-flit' });
});

test('flit may publish the very same files again; other bytes are refused in words', async (t) => {
  if (!requireOrSkip(t, 'flit')) return;
  await using flit = await prepareFlit(signIn());
  await flit.writeProject({ name: 'demo-repeat', version: '1.0.0' });
  succeeded(await flit.publish());
  succeeded(await flit.publish());

  await flit.writeProject({ name: 'demo-repeat', version: '1.0.0', summary: 'Changed after the fact' });
  const refused = await flit.publish();
  assert.equal(refused.exitCode, 1, describeResult(refused));
  // flit shows the reason phrase in a traceback, and no body.
  assert.match(
    refused.stderr,
    /HTTPError: 400 Client Error: File already exists \('demo_repeat-1\.0\.0-py3-none-any\.whl'/,
  );
});

test('flit is told why its token is not enough', async (t) => {
  if (!requireOrSkip(t, 'flit')) return;
  await using flit = await prepareFlit({ ...signIn(), password: `${gallery.token}x` });
  await flit.writeProject({ name: 'demo-intruder', version: '1.0.0' });

  const refused = await flit.publish();
  assert.equal(refused.exitCode, 1, describeResult(refused));
  assert.match(refused.stderr, /HTTPError: 403 Client Error: Invalid or non-existent authentication information/);
});

function succeeded(result: RunResult): RunResult {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
