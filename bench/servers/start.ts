/** Brings up each candidate: our read workers alone, nginx, and the bare server, all on loopback and on ports of their own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../src/drills/running-gallery.ts';
import { baseUrl } from '../fill.ts';
import type { BenchContext } from '../section.ts';
import type { BareFile } from './bare.ts';
import { cleanEnvironment, type Served, startServer } from './child.ts';

export const projectFolder = resolve(import.meta.dirname, '..', '..');
export const program = join(projectFolder, 'src', 'main.ts');

/** Settings of a gallery that is measured. */
export function settingsOf(dataDir: string, port: number): Record<string, string> {
  return {
    HOLDFAST_DATA_DIR: dataDir,
    HOLDFAST_PORT: String(port),
    HOLDFAST_LOG_LEVEL: 'warn',
    HOLDFAST_BASE_URL: baseUrl,
  };
}

/**
 * Read workers and no other role: reading needs none.
 * @param firstWorker their numbers name their access logs, so no two groups on one folder may share them
 */
export async function startReaders(
  context: BenchContext,
  dataDir: string,
  workers: number,
  firstWorker: number,
): Promise<Served> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = cleanEnvironment(settingsOf(dataDir, port));
  for (let worker = firstWorker; worker < firstWorker + workers; worker += 1) {
    const args = [program, 'read', '--worker', String(worker), ...(workers > 1 ? ['--shares-port'] : [])];
    await startServer(context, process.execPath, args, { url: `${url}/simple/`, folder: dataDir, environment });
  }
  return { url };
}

export async function startBare(context: BenchContext, files: Readonly<Record<string, BareFile>>): Promise<Served> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const script = join(import.meta.dirname, 'bare.ts');
  await startServer(context, process.execPath, [script, JSON.stringify({ port, files })], { url, folder: tmpdir() });
  return { url };
}

/**
 * @param configuration file in bench/, in which @NAMES@ stand for what only a run knows
 * @param root the folder that it serves
 */
export async function startNginx(
  context: BenchContext,
  configuration: 'gallery.nginx.conf' | 'static.nginx.conf',
  root: string,
  workers: number,
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-nginx-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const values: Record<string, string> = {
    PORT: String(port),
    ROOT: root,
    FOLDER: folder,
    WORKERS: String(workers),
    // nginx drops root's rights in its workers, and the tree may be root's own.
    USER: process.getuid?.() === 0 ? 'user root;' : '',
  };
  const text = readFileSync(join(projectFolder, 'bench', configuration), 'utf8');
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    text.replaceAll(/@([A-Z]+)@/g, (_, name: string) => values[name] ?? ''),
  );
  mkdirSync(join(folder, 'logs'));
  const url = `http://127.0.0.1:${port}`;
  await startServer(context, 'nginx', ['-c', file, '-p', folder], { url, folder, environment: pathWithSbin() });
  return { url };
}

/** Debian keeps nginx where only root looks. */
function pathWithSbin(): NodeJS.ProcessEnv {
  return cleanEnvironment({ PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` });
}
