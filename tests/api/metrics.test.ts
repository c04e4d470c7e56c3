/** `GET /metrics`: what the gallery tells of itself, to whom, and that it stops telling what is not known any more. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { before, type TestContext } from 'node:test';
import { readRoleFiles } from '../../src/metrics/role-files.ts';
import { metricTable } from '../../src/metrics/table.ts';
import {
  galleryEnvironment,
  runCommand,
  startGallery,
  type TestGallery,
  temporaryFolder,
  waitFor,
} from '../gallery.ts';
import { makeWheel } from '../packages/wheel.ts';
import { uploadPython } from '../publish/upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const ask = (token: string | undefined, url = gallery.url) =>
  fetch(`${url}/metrics`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

/** Value of one series, by its whole name as it is written. */
async function readSeries(series: string): Promise<number | undefined> {
  const text = await (await ask(gallery.token)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

test('metrics are for whoever has a token that holds, whatever it may do', async () => {
  const canaryToken = readFileSync(join(gallery.dataDir, 'canary-token'), 'utf8').trim();
  for (const token of [gallery.token, canaryToken]) {
    const answer = await ask(token);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
  const basic = { authorization: `Basic ${Buffer.from(`any:${canaryToken}`).toString('base64')}` };
  assert.equal((await fetch(`${gallery.url}/metrics`, { headers: basic })).status, 200);
  assert.equal((await ask(undefined)).status, 401);
  assert.equal((await ask('hold_wrong')).status, 403);
  assert.equal((await fetch(`${gallery.url}/feeds/main/metrics`)).status, 404);
});

test('every metric of the table is told, and figures of all roles are among them', async () => {
  await uploadPython(gallery, await makeWheel({ name: 'measured', version: '1.0.0' }));
  assert.equal((await fetch(`${gallery.url}/simple/measured/`)).status, 200);
  assert.equal((await gallery.command('verify')).exitCode, 0);
  const isTold = (text: string, { name, type }: (typeof metricTable)[number]) =>
    text.includes(`\n${name}${type === 'histogram' ? '_count{' : ''}`) && text.includes(`# TYPE ${name} ${type}\n`);
  await waitFor(async () => {
    const text = await (await ask(gallery.token)).text();
    return metricTable.every((kind) => isTold(text, kind)) && text.includes('http_route="pypi-project"');
  });
  const text = await (await ask(gallery.token)).text();
  for (const role of ['read-1', 'read-2', 'write', 'work', 'serve']) {
    assert.match(text, new RegExp(`\nholdfast_event_loop_utilization_ratio\\{role="${role}"\\} [0-9.e-]+\n`), role);
  }
  assert.match(text, /\nholdfast_pool_max\{role="write",pool="uploads"\} 64\n/);
  for (const key of ['serial', 'job', 'lease-fence', 'search-feed', 'search-entry']) {
    assert.match(text, new RegExp(`\nholdfast_key_used_ratio\\{key="${key}"\\} `), key);
  }
  for (const lane of ['index', 'search']) {
    assert.match(text, new RegExp(`\nholdfast_queue_oldest_age_seconds\\{lane="${lane}"\\} [0-9.]+\n`), lane);
  }
  const verifiedAt = await readSeries('holdfast_verified_timestamp_seconds');
  assert.ok(verifiedAt !== undefined && verifiedAt > 1e9);
});

test('a role that ended is counted as restarted', async () => {
  process.kill(gallery.processes().get('work') ?? 0, 'SIGKILL');
  await waitFor(async () => (await readSeries('holdfast_role_restarts_total{role="work"}')) === 1);
  assert.equal(await readSeries('holdfast_role_restarts_total{role="write"}'), 0);
});

test('jobs that wait are told with their age', async (t) => {
  const work = gallery.processes().get('work') ?? 0;
  process.kill(work, 'SIGSTOP');
  t.after(() => process.kill(work, 'SIGCONT'));
  await uploadPython(gallery, await makeWheel({ name: 'measured', version: '1.1.0' }));
  await waitFor(async () => ((await readSeries('holdfast_queue_oldest_age_seconds{lane="index"}')) ?? 0) > 0.2);
  assert.equal(await readSeries('holdfast_queue_jobs{lane="index"}'), 1);
});

test('what a process told is left out when it is old, damaged or unknown', async (t) => {
  const folder = await temporaryFolder(t);
  const figure = { name: 'holdfast_process_resident_memory_bytes', labels: { role: 'x' }, value: 5 };
  const write = (role: string, writtenAt: number, figures: unknown) =>
    writeFileSync(join(folder, `metrics-${role}.json`), JSON.stringify({ role, writtenAt, figures, times: [] }));
  write('good', 100_000, [figure]);
  write('old', 69_999, [figure]);
  write('unknown', 100_000, [{ ...figure, name: 'something_else' }]);
  write('mislabelled', 100_000, [{ ...figure, labels: { path: '/secret' } }]);
  write('empty', 100_000, undefined);
  writeFileSync(join(folder, 'metrics-broken.json'), '{"role"');
  writeFileSync(join(folder, 'metrics-large.json'), ' '.repeat(2 ** 20));
  writeFileSync(join(folder, 'write.sock'), 'no metrics');
  assert.deepEqual(await readRoleFiles(folder, 100_000), { figures: [figure], times: [], stale: 6 });
});

test('a restored copy that verify found whole is noted in the gallery itself', async (t) => {
  assert.equal(await readSeries('holdfast_restore_verified_timestamp_seconds'), 0);
  const own = await gallery.command('verify', '--restored-copy', gallery.dataDir);
  assert.equal(own.exitCode, 1);
  assert.match(own.stderr, /about this gallery itself/);
  const copy = join(await temporaryFolder(t), 'copy');
  for (const name of ['store', 'installation-key']) {
    cpSync(join(gallery.dataDir, name), join(copy, name), { recursive: true });
  }
  const environment = galleryEnvironment(copy, gallery.port);
  const unverified = await gallery.command('verify', '--restored-copy', copy);
  assert.match(unverified.stderr, /no note of a verified copy/);
  for (const args of [['rebuild', '--catalogue'], ['rebuild'], ['verify']]) {
    const done = await runCommand(environment, copy, args);
    assert.equal(done.exitCode, 0, `${args}: ${done.stdout} ${done.stderr}`);
  }
  const noted = await gallery.command('verify', '--restored-copy', copy);
  assert.equal(noted.exitCode, 0, noted.stderr);
  assert.ok(((await readSeries('holdfast_restore_verified_timestamp_seconds')) ?? 0) > 1e9);
  const other = await startGallery(t);
  await other.command('verify');
  const foreign = await gallery.command('verify', '--restored-copy', other.dataDir);
  assert.match(foreign.stderr, /another key/);
});

test('with the write service away, metrics are 503 and installs go on', async () => {
  const write = gallery.processes().get('write') ?? 0;
  process.kill(write, 'SIGKILL');
  assert.equal((await ask(gallery.token)).status, 503);
  assert.equal((await fetch(`${gallery.url}/simple/measured/`)).status, 200);
  await waitFor(async () => (await ask(gallery.token)).status === 200);
});
