/** The examples of docs/API.md, run by a shell as they stand there, one after another. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { projectFolder, startGallery } from '../gallery.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { uploadPython } from '../publish/upload.ts';

/** curl says nothing of a refusal by itself; here it does, and ends the script. */
const preamble = 'set -eu\ncurl() { command curl --silent --show-error --fail-with-body "$@"; }\n';

test('every example of the page on the API works, in the order of the page', async (t) => {
  const gallery = await startGallery(t);
  for (const file of [
    await makeWheel({ name: 'demo-py', version: '1.0.0' }),
    await makeSdist({ name: 'demo-py', version: '1.0.0' }),
  ]) {
    assert.equal((await uploadPython(gallery, file)).status, 200);
  }
  const page = readFileSync(join(projectFolder, 'docs', 'API.md'), 'utf8');
  const [first = '', ...examples] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text);
  // The page is read by somebody who is where the gallery was started; here the token has a path of its own.
  const setting = first.replace('http://127.0.0.1:8080', gallery.url).replace('data/', './');
  assert.notEqual(setting, first);
  assert.ok(examples.length > 5, `${examples.length} examples were found`);
  const answers: string[] = [];
  for (const example of examples) {
    const run = promisify(execFile)('bash', ['-c', `${preamble}${setting}${example}`], { cwd: gallery.dataDir });
    const { stdout } = await run.catch((error: { stdout: string; stderr: string }) =>
      assert.fail(`${example}\n${error.stdout}${error.stderr}`),
    );
    answers.push(stdout);
  }
  assert.match(answers[0] ?? '', /"normalizedName":"demo-py"/);
});
