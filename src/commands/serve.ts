/** `./holdfast serve`: all roles on this machine, and a greeting that gets a newcomer going. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderedBaseUrl, statusAddress } from '../config/base-url.ts';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { keepFigures, roleOfFile } from '../observe/figures.ts';
import { openLog } from '../observe/log.ts';
import { systemClock } from '../std/clock.ts';
import { systemDisk } from '../std/disk.ts';
import { FolderLockedError, lockFolder } from '../supervise/folder-lock.ts';
import { claimPort, PortTakenError, supervise } from '../supervise/supervisor.ts';
import { clientLines } from '../web/client-lines.ts';
import { exitUnavailable } from './exit-codes.ts';

const portWaitMs = 3_000;

/**
 * Runs until SIGINT or SIGTERM.
 * @param program path of main.ts
 * @param configFile absolute path of the configuration file, if there is one
 */
export async function serve(config: Config, program: string, configFile: string | undefined): Promise<number> {
  const folders = foldersOf(config.dataDir);
  const isFirstStart = !existsSync(folders.firstToken);
  mkdirSync(folders.data, { recursive: true });
  process.chdir(folders.data);
  const log = openLog('supervisor', config.logLevel);
  let unlock: () => Promise<void>;
  try {
    unlock = await lockFolder(folders.data);
    await claimPort(config, portWaitMs);
  } catch (error) {
    if (!(error instanceof FolderLockedError || error instanceof PortTakenError)) throw error;
    console.error(`holdfast: ${error.message}`);
    return exitUnavailable;
  }
  const stopped = nextStopSignal();
  await forgetFigures(folders.run);
  const supervisor = supervise(config, program, environmentOfRoles(config, configFile), log);
  const stopFigures = keepFigures({
    folder: folders.run,
    role: 'serve',
    clock: systemClock,
    log,
    figures: async () =>
      [...supervisor.restarts()].map(([role, value]) => ({
        name: 'holdfast_role_restarts_total',
        labels: { role },
        value,
      })),
  });
  void supervisor.ready.then(() => greet(config, folders.firstToken, isFirstStart));
  await stopped;
  console.error('Stopping: finishing what is under way …');
  await stopFigures();
  await supervisor.stop();
  await unlock();
  return 0;
}

/** Roles of an earlier start may have had other names. */
async function forgetFigures(folder: string): Promise<void> {
  for (const { name } of await systemDisk.list(folder)) {
    if (roleOfFile(name) !== undefined) await systemDisk.remove(join(folder, name));
  }
}

function nextStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}

/** Roles run in the data folder, so what was relative to here is passed on as absolute. */
function environmentOfRoles(config: Config, configFile: string | undefined): NodeJS.ProcessEnv {
  const { dataDir, statusDir, statusConfig } = config;
  return {
    ...process.env,
    HOLDFAST_DATA_DIR: dataDir,
    ...(statusDir === '' ? {} : { HOLDFAST_STATUS_DIR: statusDir }),
    ...(statusConfig === '' ? {} : { HOLDFAST_STATUS_CONFIG: statusConfig }),
    NODE_COMPILE_CACHE: join(dataDir, 'cache', 'compiled'),
    ...(configFile === undefined ? {} : { HOLDFAST_CONFIG: configFile }),
  };
}

function greet(config: Config, firstTokenFile: string, isFirstStart: boolean): void {
  const baseUrl = renderedBaseUrl(config);
  const out = [`Holdfast is running at ${baseUrl}/  (data in ${config.dataDir}; Ctrl-C stops it)`];
  if (config.statusPort !== 0) out.push(`How it is: ${statusAddress(config)}/`);
  if (isFirstStart && existsSync(firstTokenFile)) {
    const token = readFileSync(firstTokenFile, 'utf8').trim();
    out.push('', `Your first token (kept in ${firstTokenFile}): ${token}`);
    for (const section of clientLines(baseUrl, token))
      out.push('', `${section.title}:`, ...section.lines.map((line) => `  ${line}`));
  }
  console.log(out.join('\n'));
}
