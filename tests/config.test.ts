/** Configuration is checked whole before anything runs, every error is told at once, and its exit code is 78. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { loadConfig } from '../src/config/load.ts';
import { freePort, galleryEnvironment, runCommand, temporaryFolder } from './gallery.ts';

test('without any setting the defaults hold, relative to the working folder', () => {
  const config = loadConfig({}, '/somewhere');
  assert.ok(!('problems' in config));
  assert.equal(config.port, 8080);
  assert.equal(config.dataDir, '/somewhere/data');
});

test('the environment wins over the file', async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(
    join(folder, 'holdfast.config.json'),
    JSON.stringify({ port: 1234, readWorkers: 3, trustedProxies: ['10.0.0.0/8'] }),
  );
  const config = loadConfig({ HOLDFAST_PORT: '4321' }, folder);
  assert.ok(!('problems' in config));
  assert.deepEqual([config.port, config.readWorkers, config.trustedProxies], [4321, 3, ['10.0.0.0/8']]);
});

test('every error is told at once, with where it is and what it should be', async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, 'holdfast.config.json'), JSON.stringify({ port: '80 80', prot: 1, uploadBytesMax: 5 }));
  const config = loadConfig(
    { HOLDFAST_BASE_URL: 'example.org/', HOLDFAST_TYPO: '1', HOLDFAST_TRUSTED_PROXIES: 'proxy' },
    folder,
  );
  assert.ok('problems' in config);
  const text = config.problems.join('\n');
  for (const words of [
    /prot" is not a setting/,
    /port: must be a whole number/,
    /uploadBytesMax: must be/,
    /HOLDFAST_BASE_URL: must be/,
    /HOLDFAST_TYPO: not a setting/,
    /HOLDFAST_TRUSTED_PROXIES: proxy: not an address/,
  ]) {
    assert.match(text, words);
  }
  assert.equal(config.problems.length, 6);
});

test('values that look right and cannot be are refused as well', () => {
  for (const environment of [
    { HOLDFAST_TRUSTED_PROXIES: '1.2.3.4/99' },
    { HOLDFAST_TRUSTED_PROXIES: '10.0.0.300' },
    { HOLDFAST_TRUSTED_PROXIES: '::1/200' },
    { HOLDFAST_WRITE_LISTEN: 'host:99999' },
    { HOLDFAST_INSTALLATION_KEY: 'abc' },
  ]) {
    assert.ok('problems' in loadConfig(environment, '/somewhere'), JSON.stringify(environment));
  }
});

test('a file that is no JSON, or was named and is not there, is an error', async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, 'holdfast.config.json'), '{');
  assert.ok('problems' in loadConfig({}, folder));
  assert.ok('problems' in loadConfig({ HOLDFAST_CONFIG: 'other.json' }, folder));
});

test('no command starts on bad configuration: exit code 78 and the sentences', async (t) => {
  const folder = await temporaryFolder(t);
  const environment = galleryEnvironment(folder, await freePort(), {
    HOLDFAST_READ_WORKERS: 'many',
    HOLDFAST_HOST: '',
  });
  for (const args of [['serve'], ['config', 'check'], ['write'], ['token', 'list']]) {
    const { exitCode, stderr } = await runCommand(environment, folder, args);
    assert.equal(exitCode, 78, args.join(' '));
    assert.match(stderr, /HOLDFAST_READ_WORKERS: must be a whole number/);
    assert.match(stderr, /HOLDFAST_HOST: must not be empty/);
  }
});

test('config check says that a good configuration is good', async (t) => {
  const folder = await temporaryFolder(t);
  const { exitCode, stdout } = await runCommand(galleryEnvironment(folder, 8080), folder, ['config', 'check']);
  assert.equal(exitCode, 0);
  assert.match(stdout, /The configuration is good/);
});
