/** The status service's configuration: read whole, every error at once, and paths made absolute. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Config, loadConfig } from '../../../src/config/load.ts';
import { loadStatusConfig, type StatusSettings } from '../../../src/status/config/load.ts';
import { temporaryFolder } from '../../gallery.ts';

async function load(t: TestContext, content: unknown, environment: NodeJS.ProcessEnv = {}) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'data', 'status'), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await writeFile(join(folder, 'data', 'status', 'status.config.json'), text);
  const config = loadConfig(environment, folder);
  assert.ok(!('problems' in config), JSON.stringify(config));
  return { folder, loaded: loadStatusConfig(config as Config) };
}

function problemsOf(loaded: ReturnType<typeof loadStatusConfig>): readonly string[] {
  assert.ok('problems' in loaded);
  return loaded.problems;
}

test('without a file everything has its default, and the gallery of this machine is watched', async (t) => {
  const folder = await temporaryFolder(t);
  const config = loadConfig({ HOLDFAST_PORT: '8123' }, folder) as Config;
  const loaded = loadStatusConfig(config) as StatusSettings;
  assert.equal(loaded.gallery.url, 'http://127.0.0.1:8123');
  assert.equal(loaded.gallery.tokenFile, join(folder, 'data', 'canary-token'));
  assert.equal(loaded.page.url, 'http://127.0.0.1:8081');
  assert.equal(loaded.probing.everySeconds, 15);
  assert.equal(loaded.onCall.testPage.at, '10:00');
  assert.equal(loaded.folder, join(folder, 'data', 'status'));
});

test('paths are relative to the file, and addresses lose their last slash', async (t) => {
  const { folder, loaded } = await load(t, {
    gallery: { url: 'https://packages.example.org/', tokenFile: 'token' },
    exports: [{ kind: 'folder', folder: 'copy' }],
    mail: { host: 'mail.example.org', from: 'status@example.org', passwordFile: 'pass' },
  });
  const settings = loaded as StatusSettings;
  assert.equal(settings.gallery.url, 'https://packages.example.org');
  assert.equal(settings.gallery.tokenFile, join(folder, 'data', 'status', 'token'));
  assert.deepEqual(settings.exports, [{ kind: 'folder', folder: join(folder, 'data', 'status', 'copy') }]);
  assert.equal(settings.mail?.passwordFile, join(folder, 'data', 'status', 'pass'));
  assert.equal(settings.mail?.port, 587);
});

test('every error is told at once, with the place where it stands', async (t) => {
  const { loaded } = await load(t, {
    probing: { everySeconds: 0, evrySeconds: 3 },
    page: { name: '' },
    slos: [{ component: 'install', objective: 2 }],
  });
  const problems = problemsOf(loaded).join('\n');
  for (const said of [
    'probing.everySeconds',
    '"probing": "evrySeconds" is not a setting',
    'page.name',
    'slos.0.objective',
  ]) {
    assert.ok(problems.includes(said), `${said} in\n${problems}`);
  }
});

test('a name that leads nowhere, or twice to something, is an error', async (t) => {
  const { loaded } = await load(t, {
    channels: [
      { kind: 'mail', name: 'anna-mail', to: 'anna@example.org' },
      { kind: 'webhook', name: 'chat', url: 'https://chat.example.org/hook' },
      { kind: 'webhook', name: 'chat', url: 'https://chat.example.org/other' },
    ],
    onCall: {
      people: [{ name: 'anna', channels: ['anna-mail', 'pager'] }],
      rotations: [{ name: 'weekly', people: ['anna', 'bert'], startsAt: '2026-11-02T09:00', timeZone: 'Mars/Olympus' }],
      escalation: [{ afterSeconds: 0, notify: ['weekly', 'nobody'] }],
    },
  });
  const problems = problemsOf(loaded).join('\n');
  for (const said of [
    'a channel is called "chat" twice',
    'the person "anna" names "pager"',
    'the rotation "weekly" names "bert"',
    'step 1 of the escalation names "nobody"',
    '"mail" does not say by which server',
    '"Mars/Olympus" is not a time zone',
  ]) {
    assert.ok(problems.includes(said), `${said} in\n${problems}`);
  }
});

test('a file that is no JSON is an error that names the file', async (t) => {
  const { loaded } = await load(t, '{"page": ');
  assert.match(problemsOf(loaded)[0] ?? '', /status\.config\.json: .*JSON/);
});
