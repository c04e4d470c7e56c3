/** `./holdfast package`: the same verbs as the API has, while the gallery runs and while it does not. */
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { pushNupkg, uploadPython } from '../publish/upload.ts';

let gallery: TestGallery;
const filled = { wheel: '', sdist: '' };

before(async (t) => {
  gallery = await startGallery(t as never);
  await gallery.command('feed', 'create', 'team', '--private');
  const wheel = await makeWheel({ name: 'Demo.Py', version: '1.0.0' });
  const sdist = await makeSdist({ name: 'Demo.Py', version: '1.0.0' });
  for (const file of [wheel, sdist, await makeWheel({ name: 'Demo.Py', version: '2.0.0' })]) {
    assert.equal((await uploadPython(gallery, file)).status, 200);
  }
  await uploadPython(gallery, await makeWheel({ name: 'inside', version: '1.0.0' }), { feed: 'team' });
  await pushNupkg(gallery, (await makeNupkg({ id: 'Demo.Lib', version: '1.0.0' })).bytes);
  Object.assign(filled, { wheel: wheel.filename, sdist: sdist.filename });
});

async function command(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const done = await gallery.command('package', ...args);
  assert.equal(done.exitCode, 0, done.stderr);
  return done;
}

async function page(name = 'demo-py') {
  const accept = 'application/vnd.pypi.simple.v1+json';
  return (await (await fetch(`${gallery.url}/simple/${name}/`, { headers: { accept } })).json()) as {
    'project-status': { status: string; reason?: string };
    files: { filename: string; yanked: boolean | string }[];
  };
}

test('list and show tell what is there and how it is', async () => {
  const { stdout } = await command('list');
  assert.deepEqual(stdout.trim().split('\n'), ['nupkg/Demo.Lib\t1\tactive\t', 'python/Demo.Py\t2\tactive']);
  assert.equal((await command('list', 'python', '--feed', 'team')).stdout, 'python/inside\t1\tactive\t\n');
  assert.equal((await command('list', '--status', 'archived')).stdout, '');
  const shown = await command('show', 'python/demo_py', '1.0.0');
  assert.match(shown.stderr, /^python\/Demo\.Py is active$/m);
  assert.deepEqual(
    shown.stdout
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('\t')
          .filter((_, index) => index !== 2)
          .slice(0, 3),
      ),
    [
      ['1.0.0', filled.wheel, 'listed'],
      ['1.0.0', filled.sdist, 'listed'],
    ],
  );
});

test('a release and a file are yanked and taken back, and what runs shows it at once', async () => {
  const done = await command('yank', 'python/Demo.Py', '1.0.0', '--file', filled.wheel, '--reason', 'wrong\nmachine');
  assert.equal(done.stderr, `${filled.wheel} of python/demo-py 1.0.0 is yanked.\n`);
  assert.deepEqual(
    (await page()).files.map(({ yanked }) => yanked),
    ['wrong\nmachine', false, false],
  );
  assert.match((await command('show', 'python/demo-py')).stdout, /file yanked\twrong machine\n/);
  await command('yank', 'python/Demo.Py', '1.0.0', '--reason', 'broken');
  assert.deepEqual(
    (await page()).files.map(({ yanked }) => yanked),
    ['broken', 'broken', false],
  );
  await command('unyank', 'python/Demo.Py', '1.0.0');
  await command('relist', 'python/Demo.Py', '1.0.0', '--file', filled.wheel);
  assert.deepEqual(
    (await page()).files.map(({ yanked }) => yanked),
    [false, false, false],
  );
  await command('unlist', 'nupkg/demo.lib', '1.0');
  assert.match((await command('show', 'nupkg/Demo.Lib')).stdout, /\tunlisted\t/);
});

test('a package is archived, deprecated, quarantined and restored, with the reason', async () => {
  for (const [verb, status, done] of [
    ['archive', 'archived', 'is archived'],
    ['deprecate', 'deprecated', 'is deprecated'],
    ['quarantine', 'quarantined', 'is in quarantine'],
  ] as const) {
    assert.equal(
      (await command(verb, 'python/demo-py', '--reason', `for ${verb}`)).stderr,
      `python/demo-py ${done}.\n`,
    );
    assert.deepEqual((await page())['project-status'], { status, reason: `for ${verb}` });
    assert.equal((await command('list', '--status', status)).stdout, `python/Demo.Py\t2\t${status}\tfor ${verb}\n`);
    await command('restore', 'python/demo-py');
    assert.deepEqual((await page())['project-status'], { status: 'active' });
  }
});

test('deleting wants to be told twice, and takes a file, a release or a package', async () => {
  const hesitant = await gallery.command('package', 'delete', 'python/demo-py', '1.0.0');
  assert.equal(hesitant.exitCode, 1);
  assert.match(hesitant.stderr, /nothing was done to python\/demo-py 1\.0\.0: .* needs --yes/);
  assert.equal((await page()).files.length, 3);
  await command('delete', 'python/demo-py', '1.0.0', '--file', filled.sdist, '--yes');
  assert.equal((await page()).files.length, 2);
  await command('delete', 'python/demo-py', '1.0.0', '--yes');
  assert.equal((await page()).files.length, 1);
  const done = await command('delete', 'python/inside', '--feed', 'team', '--yes');
  assert.equal(done.stderr, 'python/inside of the feed team is deleted.\n');
  assert.equal((await command('list', '--feed', 'team')).stdout, '');
});

test('what was misunderstood is explained with exit code 64, what cannot be done with 1', async () => {
  const cases: readonly (readonly [exitCode: number, words: RegExp, ...args: string[]])[] = [
    [64, /^Usage: holdfast package/],
    [64, /^Usage: holdfast package/, 'explode', 'python/demo-py'],
    [64, /python\/NAME or nupkg\/NAME, not as "demo-py"/, 'archive', 'demo-py'],
    [64, /not as "cobol\/demo-py"/, 'show', 'cobol/demo-py'],
    [64, /not as ""/, 'quarantine'],
    [64, /yank needs a version/, 'yank', 'python/demo-py'],
    [64, /archive is about the whole package/, 'archive', 'python/demo-py', '1.0.0'],
    [64, /--file needs the version/, 'delete', 'python/demo-py', '--file', 'x.whl'],
    [64, /"on 3\.13" is one word too many/, 'yank', 'python/demo-py', '1.0.0', 'on 3.13'],
    [64, /no status "odd"/, 'list', '--status', 'odd'],
    [64, /Unknown option '--resaon'/, 'archive', 'python/demo-py', '--resaon', 'x'],
    [1, /There is no package "none" here/, 'archive', 'python/none'],
    [1, /There is no Demo\.Py 9\.0 here/, 'yank', 'python/demo-py', '9.0'],
    [1, /There is no python\/demo-py 9\.0 here/, 'show', 'python/demo-py', '9.0'],
    [1, /There is no feed "nowhere"/, 'list', '--feed', 'nowhere'],
    [1, /at most 1000 characters/, 'archive', 'python/demo-py', '--reason', 'x'.repeat(1_001)],
  ];
  for (const [exitCode, words, ...args] of cases) {
    const done = await gallery.command('package', ...args);
    assert.equal(done.exitCode, exitCode, args.join(' '));
    assert.match(done.stderr.replace(/^holdfast: /, ''), words, args.join(' '));
    assert.equal(done.stdout, '');
  }
  assert.match((await command('--help')).stdout, /^Usage: holdfast package/);
});

test('with the gallery stopped the commands work, and the next start shows what they did', async (t) => {
  await gallery.stop();
  await command('quarantine', 'python/demo-py', '--reason', 'reported while nobody was there');
  await command('relist', 'nupkg/Demo.Lib', '1.0.0');
  const again = await startGallery(t, { HOLDFAST_PORT: String(gallery.port) }, gallery.dataDir);
  assert.deepEqual((await page()).files, []);
  assert.equal((await page())['project-status'].reason, 'reported while nobody was there');
  await waitFor(async () => {
    const health = (await (await fetch(`${again.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  assert.doesNotMatch(await (await fetch(`${again.url}/simple/`)).text(), /demo-py/);
  const verified = await again.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout);
});
