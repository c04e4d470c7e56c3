/** `./holdfast incident`, `maintenance` and `status VERB`, as people type them, against the management API on a real port. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { ledger } from '../../src/status/ledger/ledger.ts';
import { isDated } from '../../src/status/ledger/outage.ts';
import { freePort, galleryEnvironment, projectFolder, temporaryFolder } from '../gallery.ts';
import { type ApiServer, startApi } from '../status/api/server.ts';

let api: ApiServer;
let folder: string;

interface Done {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

before(async (t) => {
  api = await startApi(t as never);
  folder = await temporaryFolder(t as never);
  mkdirSync(join(folder, 'status'));
  writeFileSync(join(folder, 'status', 'operator-token'), `${api.token}\n`);
  // Commands tell the time by this machine's clock.
  api.bench.clock.at = Math.floor(Date.now() / 1_000) * 1_000;
});

function run(
  args: readonly string[],
  settings: Record<string, string> = { HOLDFAST_STATUS_URL: api.url },
): Promise<Done> {
  const env = galleryEnvironment(folder, 1, settings);
  return new Promise((resolve) => {
    execFile(join(projectFolder, 'holdfast'), args, { env, cwd: folder }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function ok(...args: string[]): Promise<Done> {
  const done = await run(args);
  assert.equal(done.exitCode, 0, done.stderr);
  return done;
}

async function no(...args: string[]): Promise<string> {
  const done = await run(args);
  assert.notEqual(done.exitCode, 0, done.stdout);
  return `${done.exitCode} ${done.stderr.split('\n')[0]}`;
}

test('an incident is opened, told of, corrected, merged, resolved and explained', async () => {
  const affects = ['--affects', 'install/python=major', '--affects', 'website=degraded'];
  const opened = await ok(
    'incident',
    'open',
    'Slow installs',
    '--body',
    'We look.',
    ...affects,
    '--started-at',
    '15m ago',
    '--author',
    'Ada',
  );
  const id = opened.stdout.trim();
  assert.match(opened.stderr, /^opened: Slow installs \(investigating, since /);
  const incident = api.bench.incidents.find(id)!;
  assert.equal(incident.impact, 'major');
  assert.ok(
    Math.abs(api.bench.clock.at - 15 * 60_000 - incident.startedAt) < 60_000,
    'dated back by a quarter of an hour',
  );
  writeFileSync(join(folder, 'text'), 'A cable.\n\nReally.\n');
  await ok('incident', 'update', id, '--status', 'identified', '--body-file', 'text');
  const update = api.bench.incidents.find(id)!.updates[0]!;
  assert.deepEqual([update.body, update.author], ['A cable.\n\nReally.', 'operator']);
  await ok('incident', 'edit', id, '--name', 'No installs', '--update', update.id, '--body', 'A fibre.');
  const other = (await ok('incident', 'open', '--template', 'cdn', '--set', 'edge=Edge two')).stdout.trim();
  assert.equal(api.bench.incidents.find(other)?.name, 'Edge two is slow');
  assert.equal((await ok('incident', 'merge', other, id)).stdout.trim(), id);
  assert.match(
    (await ok('incident', 'list', '--open')).stdout,
    new RegExp(`^${id}\t.*\tidentified\tmajor\tNo installs\n$`),
  );
  await ok('incident', 'resolve', id);
  assert.equal((await ok('incident', 'list', '--open')).stdout, '');
  const { stdout } = await ok('incident', 'show', id);
  assert.match(
    stdout,
    /^No installs\nincident \w{12}: resolved, impact major\nbegan .*, ended .*\ndetected after 15 minutes, mended after 15 minutes\nAda looks after it\n/,
  );
  assert.match(stdout, /identified, by operator \(\w{12}\)\nA fibre\.\n/);
  assert.match(
    (await ok('incident', 'show', id, '--timeline')).stdout,
    /\tupdate\tresolved, by operator: This incident is resolved\.\n/,
  );
  const draft = await ok('incident', 'postmortem', id);
  assert.match(draft.stdout, /^# No installs\n/);
  writeFileSync(join(folder, 'draft.md'), `${draft.stdout}\nA cable.\n`);
  await ok('incident', 'postmortem', id, '--publish', '--body-file', 'draft.md');
  assert.match(api.bench.incidents.find(id)?.postmortem ?? '', /A cable\.$/);
});

test('a maintenance is announced, begun, given more time and ended', async () => {
  const announced = await ok(
    'maintenance',
    'schedule',
    'Disks',
    '--body',
    'Short.',
    '--from',
    '+1h',
    '--for',
    '1h30m',
    '--affects',
    'publish',
  );
  const id = announced.stdout.trim();
  const { scheduledFor = 0, scheduledUntil = 0 } = api.bench.incidents.find(id)!;
  assert.equal(scheduledUntil - scheduledFor, 90 * 60_000);
  await ok('maintenance', 'begin', id);
  assert.deepEqual([...api.bench.incidents.inMaintenance()], ['publish']);
  await ok('maintenance', 'extend', id, '--for', '2h');
  assert.equal(api.bench.incidents.find(id)?.scheduledUntil, scheduledUntil + 2 * 3_600_000);
  assert.match((await ok('maintenance', 'list', '--open')).stdout, /\tin_progress\tmaintenance\tDisks\n$/);
  assert.match((await ok('maintenance', 'end', id)).stderr, /^ended: Disks \(completed, /);
});

test('alarms, silences, marks, heartbeats and the state are there for people and for scripts', async () => {
  const shown = await run(['status', 'show']);
  assert.equal(shown.exitCode, 1, 'an alarm fires');
  assert.match(
    shown.stdout,
    /alarm \w{12} \(page, unconfirmed\): Installing Python packages fails\nheartbeat backup is late\non duty, primary: Ada\n/,
  );
  const { stdout } = await ok('status', 'alarms', '--since', '2020-01-01 00:00');
  const alarm = /^\w{12}/.exec(stdout)?.[0] ?? '';
  await ok('status', 'confirm', alarm, '--author', 'Ada');
  assert.match((await run(['status', 'show'])).stdout, /confirmed by Ada/);
  const id = (await ok('status', 'silence', 'probe:*', '--for', '2h', '--reason', 'Rewiring')).stdout.trim();
  assert.match((await ok('status', 'silences')).stdout, /\tprobe:\*\toperator\tRewiring\n$/);
  await ok('status', 'unsilence', id);
  assert.equal((await ok('status', 'silences')).stdout, '');
  await ok('status', 'mark', 'deployed 1.2', '--at', 'now');
  assert.equal(api.bench.incidents.marks(0, Date.now() + 60_000)[0]?.text, 'deployed 1.2');
  assert.match((await ok('status', 'heartbeats')).stdout, /^backup\tlate\t.*\thttp:\/\/x\/heartbeats\/backup\/s\t/);
  assert.equal((await ok('status', 'subscribers')).stdout, 'mail\t3\nwebhook\t1\n');
});

test('what is misspelt, missing or refused is said in one sentence', async () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['incident', 'resolve'], /^64 holdfast: resolve needs the id of an incident/],
    [['incident', 'sink'], /^64 holdfast: there is no "incident sink"/],
    [['incident', 'show', 'none'], /^1 holdfast: There is no incident "none" here\.$/],
    [['incident', 'open', 'x', 'y'], /^64 holdfast: "y" is one word too many/],
    [['incident', 'open', 'x', '--affects', 'website=bad'], /^64 holdfast: "website=bad" is not a component/],
    [['incident', 'update', 'x', '--at', 'yesterday'], /^64 holdfast: "yesterday" is not a time/],
    [['incident', 'open', 'x', '--colour', 'red'], /^64 holdfast: Unknown option '--colour'/],
    [['status', 'silence', 'x'], /^64 holdfast: silence needs --for/],
    [['maintenance', 'schedule', 'x', '--from', 'now'], /^64 holdfast: give --until TIME or --for STRETCH/],
    [['incident'], /^64 Usage: holdfast incident open/],
  ];
  await Promise.all(rows.map(async ([args, sentence]) => assert.match(await no(...args), sentence)));
  for (const command of ['incident', 'maintenance', 'status']) {
    assert.match((await ok(command, '--help')).stdout, new RegExp(`^Usage: holdfast ${command}`));
  }
});

test('a service that is away, a token that is wrong or missing, and a stranger at the address are told apart', async () => {
  const list = ['incident', 'list'];
  const said = async (settings: Record<string, string>, ...more: string[]) => {
    const { exitCode, stderr } = await run([...list, ...more], settings);
    assert.equal(exitCode, 1);
    return stderr;
  };
  const away = `http://127.0.0.1:${await freePort()}`;
  assert.match(
    await said({ HOLDFAST_STATUS_URL: away }),
    /does not answer \(ECONNREFUSED\); \.\/holdfast status starts it\n$/,
  );
  assert.match(await said({}), /HOLDFAST_STATUS_PORT is 0/);
  const wrong = join(folder, 'wrong');
  writeFileSync(wrong, 'something else\n');
  assert.match(await said({ HOLDFAST_STATUS_URL: api.url }, '--token-file', wrong), /holds no token/);
  writeFileSync(wrong, 'something-else\n');
  assert.match(
    await said({ HOLDFAST_STATUS_URL: api.url }, '--token-file', wrong),
    /does not know the token in .*wrong\n$/,
  );
  assert.match(
    await said({ HOLDFAST_STATUS_URL: api.url, HOLDFAST_STATUS_DIR: folder }),
    /operator's token .* is not there/,
  );
  const stranger = createServer((_request, response) => response.writeHead(302, { location: '/login' }).end('<html>'));
  await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  assert.match(await said({ HOLDFAST_STATUS_URL: url }), /answered 302, which is no answer of a status service/);
  stranger.closeAllConnections();
  stranger.close();
});

test('the history of another page is shown, taken over once, and taken out again', async (t) => {
  const update = { id: 'u', status: 'resolved', body: '<p>Over &amp; out</p>', display_at: '2021-01-01T01:00:00Z' };
  const incident = {
    id: 'i',
    name: 'Slow',
    status: 'resolved',
    impact: 'minor',
    created_at: '2021-01-01T00:00:00Z',
    resolved_at: '2021-01-01T01:00:00Z',
    incident_updates: [update],
  };
  const documents: Record<string, unknown> = {
    '/new/api/v2/incidents.json': {
      incidents: [incident, { id: 'open', status: 'identified', created_at: '2021-01-01T00:00:00Z' }],
    },
    '/new/api/v2/scheduled-maintenances.json': { scheduled_maintenances: [] },
    '/new/api/v2/components.json': { components: [] },
    '/broken/api/v2/incidents.json': 'x',
  };
  const page = createServer((request, response) => {
    const { url = '' } = request;
    if (url.startsWith('/old/')) return response.writeHead(301, { location: url.replace('/old/', '/new/') }).end();
    if (url.startsWith('/loop/')) return response.writeHead(302, { location: url }).end();
    if (url.startsWith('/large/')) return response.end(`"${'x'.repeat(17 * 1024 * 1024)}"`);
    const body = documents[url];
    if (body === undefined) return response.writeHead(404).end();
    return response.end(body === 'x' ? '<html>' : JSON.stringify(body));
  });
  await new Promise<void>((done) => page.listen(0, '127.0.0.1', done));
  t.after(() => {
    page.closeAllConnections();
    page.close();
  });
  const root = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
  const before = api.bench.incidents.list().length;
  const dry = await ok('status', 'import', `${root}/old/`, '--dry-run');
  assert.match(dry.stdout, /^i\t2021-01-01 00:00\t2021-01-01 01:00\tminor\t1\tSlow\n$/);
  assert.match(dry.stderr, /Left out: 1 that are not over yet\.\n1 would be imported; nothing was changed\.\n$/);
  assert.equal(api.bench.incidents.list().length, before);
  const first = await ok('status', 'import', `${root}/old/api/v2/summary.json`);
  assert.equal(first.stdout, '1 read: 1 new, 0 changed, 0 here already, 0 refused.\n');
  assert.equal(
    (await ok('status', 'import', `${root}/old`)).stdout,
    '1 read: 0 new, 0 changed, 1 here already, 0 refused.\n',
  );
  assert.equal(api.bench.incidents.list().find(({ name }) => name === 'Slow')?.updates[0]?.body, 'Over & out');
  assert.equal((await ok('status', 'import', `${root}/old`, '--remove')).stdout, '1 removed.\n');
  assert.equal(api.bench.incidents.list().length, before);
  assert.match(await no('status', 'import', `${root}/none`), /^1 .*incidents\.json answered 404$/);
  assert.match(await no('status', 'import', `${root}/broken`), /^1 .*cannot be read: it is not JSON$/);
  assert.match(await no('status', 'import', `${root}/loop`), /^1 .*leads on more than 3 times$/);
  assert.match(await no('status', 'import', `${root}/large`), /^1 .*is larger than 16777216 bytes$/);
  assert.match(await no('status', 'import', 'ftp://example.org'), /^64 .*is not the address of a page/);
});

test('the ledger’s outages become examples, once, and go again', async () => {
  const dated = ledger.filter(isDated).length;
  const first = await ok('status', 'import-ledger');
  assert.equal(first.stdout, `${dated} read: ${dated} new, 0 changed, 0 here already, 0 refused.\n`);
  assert.match(first.stderr, /^\d+ outages of the ledger have no month that is known, and are left out\.\n$/);
  assert.equal(
    (await ok('status', 'import-ledger')).stdout,
    `${dated} read: 0 new, 0 changed, ${dated} here already, 0 refused.\n`,
  );
  const examples = api.bench.incidents.list().filter(({ origin }) => origin === 'import');
  assert.equal(examples.length, dated);
  assert.ok(examples.every(({ updates }) => /it did not happen here/.test(updates[0]?.body ?? '')));
  assert.equal((await ok('status', 'import-ledger', '--remove')).stdout, `${dated} removed.\n`);
});
