// Installs what the gallery needs when it is missing or out of date; with --test also what the tests need, with --bench what
// the benchmark needs. Plain JavaScript, because it must run on whatever Node (20 or later) the machine has before the pinned
// one is there.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, 'package-lock.json');
const installedLockFile = join(root, 'node_modules', '.holdfast-lock.json');

/** True when node_modules was installed from exactly this lock file. */
function isInstalled() {
  return existsSync(installedLockFile) && readFileSync(installedLockFile).equals(readFileSync(lockFile));
}

if (!isInstalled()) {
  console.log('Installing what Holdfast needs (once) …');
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) {
    console.error("Installing failed; see npm's message above.");
    process.exit(done.status ?? 1);
  }
  copyFileSync(lockFile, installedLockFile);
}

if (process.argv.includes('--test') || process.argv.includes('--bench')) await import('./setup-tests.mjs');
