// Brings what the tests need and the machine lacks, when it can: Debian packages, as root, through apt-get. With --bench only what
// the benchmark needs. Never fails the run: what is missing is told by the test, or the section, that wants it. Plain JavaScript, because it runs on any Node from 20.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Commands that the benchmark runs, the Debian package that brings each, and the service in it. Its test runs them too. */
const benchTools = [
  { command: 'wrk', package: 'wrk' },
  { command: 'nginx', package: 'nginx-light', service: 'nginx' },
];
/** Where Debian's mono has the libraries that it comes without; nuget.exe 5.8 needs three of them. */
const monoLibraries = '/usr/lib/mono/4.5';
/** The same for tests, and libraries that belong to no command. */
const testTools = [
  { command: 'twine', package: 'twine' },
  { command: 'poetry', package: 'python3-poetry' },
  { command: 'flit', package: 'flit' },
  { command: 'nuget', package: 'nuget' },
  { command: 'chromium', package: 'chromium' },
  { file: `${monoLibraries}/System.Net.Http.dll`, package: 'libmono-system-net-http4.0-cil' },
  { file: `${monoLibraries}/System.IO.Compression.dll`, package: 'libmono-system-io-compression4.0-cil' },
  {
    file: `${monoLibraries}/System.IO.Compression.FileSystem.dll`,
    package: 'libmono-system-io-compression-filesystem4.0-cil',
  },
  // An S3 store to export to, run by tests/services/radosgw.ts.
  { command: 'ceph-mon', package: 'ceph-mon' },
  { command: 'ceph-osd', package: 'ceph-osd' },
  { command: 'radosgw', package: 'radosgw' },
  { command: 'radosgw-admin', package: 'radosgw' },
  { command: 'ceph', package: 'ceph-common' },
  ...benchTools,
];
const isForBench = process.argv.includes('--bench');
const tools = isForBench ? benchTools : testTools;

const policyFile = '/usr/sbin/policy-rc.d';

/** True when the file exists, or the command is on the path or in a system folder. */
function isInstalled({ command, file }) {
  if (file !== undefined) return existsSync(file);
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs apt-get with no questions. Returns the reason when it failed. */
function aptGet(...args) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const done = spawnSync('apt-get', ['-q', ...args], {
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 600_000,
  });
  if (done.status === 0) return undefined;
  const lines = `${done.stdout ?? ''}\n${done.stderr ?? ''}`.split('\n');
  return lines.findLast((line) => line.startsWith('E:')) ?? done.error?.message ?? `apt-get ended with ${done.status}`;
}

/** Installs packages while no service may start by itself, now or with the machine. Returns the reason when it failed. */
function install(packages, services) {
  const isOurPolicy = !existsSync(policyFile);
  if (isOurPolicy) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const reason = aptGet('update') ?? aptGet('install', '-y', '--no-install-recommends', ...packages);
    for (const service of services) spawnSync('update-rc.d', [service, 'disable'], { stdio: 'ignore' });
    return reason;
  } finally {
    // What we put there for the installation must not silence the services that the machine's owner installs later.
    if (isOurPolicy) rmSync(policyFile, { force: true });
  }
}

/** Installs what is missing; says in one line what still is. */
function setUp() {
  const lacking = tools.filter((tool) => !isInstalled(tool));
  if (lacking.length === 0) return;
  const packages = [...new Set(lacking.map((tool) => tool.package))];
  let reason;
  if (process.getuid?.() !== 0) reason = 'not root';
  else if (!isInstalled({ command: 'apt-get' })) reason = 'no apt-get';
  else
    reason = install(
      packages,
      lacking.map(({ service }) => service).filter((service) => service !== undefined),
    );
  const still = lacking.filter((tool) => !isInstalled(tool)).map(({ command, file }) => command ?? file);
  if (still.length === 0) return;
  console.error(
    `Missing for the ${isForBench ? 'benchmark' : 'tests'}: ${still.join(', ')} (${reason ?? 'the package did not bring it'}; apt-get install ${packages.join(' ')})`,
  );
}

try {
  setUp();
} catch (error) {
  console.error(`Setting up did not finish: ${error.message}`);
}
