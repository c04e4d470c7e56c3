/**
 * A real S3 store: a Ceph cluster of one monitor, one OSD that keeps everything in memory, and the S3 gateway, in a temporary
 * folder on free ports. Ended by process id. One for a test file; each test takes a bucket of its own.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../gallery.ts';

export interface Radosgw {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Requests hang from now on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const programs = ['ceph', 'ceph-authtool', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'];
const startDeadlineMs = 60_000;
const keys = { accessKeyId: 'test', secretAccessKey: 'testing' };

/** @returns why there is no cluster on this machine; undefined when there can be one */
export function radosgwMissing(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  const lacking = programs.filter((name) => !folders.some((folder) => isExecutable(join(folder, name))));
  return lacking.length === 0
    ? undefined
    : `no ${lacking.join(', ')}; install ceph-mon, ceph-osd, radosgw, ceph-common`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a cluster, which takes a second or two. Nothing is left of it when it cannot be started. */
export async function startRadosgw(): Promise<Radosgw> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-radosgw-'));
  const children: ChildProcess[] = [];
  const stop = async () => {
    // The gateway first: without its monitor it would wait for long.
    for (const child of children.toReversed()) await end(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const port = await freePort();
    const osd = await startCluster(folder, port, children);
    return {
      endpoint: `http://127.0.0.1:${port}`,
      ...keys,
      freeze: () => void osd.kill('SIGSTOP'),
      thaw: () => void osd.kill('SIGCONT'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns the OSD, on which every request to the store waits */
async function startCluster(folder: string, port: number, children: ChildProcess[]): Promise<ChildProcess> {
  const file = (name: string) => join(folder, name);
  for (const name of ['mon', 'osd', 'run', 'log', 'rgw']) await mkdir(file(name));
  const id = randomUUID();
  const monitor = `127.0.0.1:${await freePort()}`;
  await writeFile(file('ceph.conf'), configuration(folder, id, monitor, port));
  const configured = ['-c', file('ceph.conf')];
  await run('ceph-authtool', [
    '--create-keyring',
    file('keyring'),
    '--gen-key',
    '-n',
    'mon.',
    '--cap',
    'mon',
    'allow *',
  ]);
  for (const name of ['client.admin', 'osd.0']) {
    const capabilities = ['mon', 'osd', 'mgr'].flatMap((what) => ['--cap', what, 'allow *']);
    await run('ceph-authtool', [file('keyring'), '--gen-key', '-n', name, ...capabilities]);
  }
  const map = ['--create', '--clobber', '--addv', 'a', `[v1:${monitor}/0]`, '--fsid', id, file('monmap')];
  await run('monmaptool', map);
  const make = ['--mkfs', '-i', 'a', '--monmap', file('monmap'), '--keyring', file('keyring')];
  await run('ceph-mon', [...configured, ...make]);
  const start = async (program: string, ...args: string[]) => {
    const output = await open(file(`${program}.out`), 'a');
    const child = spawn(program, [...configured, ...args, '-f'], { stdio: ['ignore', output.fd, output.fd] });
    await output.close();
    children.push(child);
    return child;
  };
  await start('ceph-mon', '-i', 'a');
  // An OSD or a gateway that starts before the monitor answers hunts for it for seconds.
  await until('the monitor answers', () => run('ceph', [...configured, '-s'], { timeout: 3_000 }));
  await run('ceph-osd', [...configured, '-i', '0', '--mkfs', '--osd-uuid', randomUUID()]);
  // The store in memory makes an id of its own.
  const osdId = (await readFile(file('osd/fsid'), 'utf8')).trim();
  await run('ceph', [...configured, 'osd', 'new', osdId], { timeout: 20_000 });
  const osd = await start('ceph-osd', '-i', '0');
  await start('radosgw', '-n', 'client.admin');
  await until('the gateway answers', () => fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) }));
  const user = [
    '--uid=t',
    '--display-name=t',
    `--access-key=${keys.accessKeyId}`,
    `--secret-key=${keys.secretAccessKey}`,
  ];
  const create = [...configured, '-n', 'client.admin', 'user', 'create', ...user];
  await run('radosgw-admin', create, { timeout: startDeadlineMs });
  return osd;
}

function configuration(folder: string, id: string, monitor: string, port: number): string {
  const settings: Readonly<Record<string, string | number | boolean>> = {
    fsid: id,
    mon_host: `v1:${monitor}`,
    public_addr: '127.0.0.1',
    cluster_addr: '127.0.0.1',
    ms_bind_msgr2: false,
    ms_bind_port_min: 26_810,
    ms_bind_port_max: 26_899,
    run_dir: join(folder, 'run'),
    admin_socket: join(folder, 'run', '$name.$pid.asok'),
    pid_file: join(folder, 'run', '$name.pid'),
    log_file: join(folder, 'log', '$name.log'),
    crash_dir: join(folder, 'run'),
    keyring: join(folder, 'keyring'),
    mon_data: join(folder, 'mon'),
    osd_data: join(folder, 'osd'),
    osd_pool_default_size: 1,
    osd_pool_default_min_size: 1,
    osd_pool_default_pg_num: 1,
    osd_pool_default_pgp_num: 1,
    osd_pool_default_pg_autoscale_mode: 'off',
    mon_allow_pool_size_one: true,
    mon_data_avail_crit: 1,
    mon_max_pg_per_osd: 1_000,
    osd_crush_chooseleaf_type: 0,
    osd_objectstore: 'memstore',
    memstore_device_bytes: 2_147_483_648,
    memstore_page_size: 8_192,
    osd_op_num_shards: 2,
    // Decisions of the monitor wait two seconds otherwise, and a start takes dozens of them.
    paxos_propose_interval: 0.02,
    paxos_min_wait: 0.01,
    rgw_data: join(folder, 'rgw'),
    rgw_frontends: `beast endpoint=127.0.0.1:${port} tcp_nodelay=1`,
    rgw_dns_name: '127.0.0.1',
    rgw_num_rados_handles: 1,
    rgw_thread_pool_size: 64,
    rgw_enable_gc_threads: false,
    rgw_enable_lc_threads: false,
    rgw_run_sync_thread: false,
    rgw_override_bucket_index_max_shards: 1,
    debug_rgw: 0,
    debug_rocksdb: 0,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  return `[global]\n${lines.join('')}`;
}

async function until(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + startDeadlineMs;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`${what}: not within ${startDeadlineMs} ms`, { cause: error });
    }
    await wait(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const graceMs = 3_000;
  const isOver = await Promise.race([ended.then(() => true), wait(graceMs, false)]);
  if (!isOver) child.kill('SIGKILL');
  await ended;
}
