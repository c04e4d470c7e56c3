/** Starts one role in this process and ends it on a signal. */
import { mkdirSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { type Log, openLog } from '../observe/log.ts';
import { repeat } from '../std/clock.ts';
import { announceReady, type RunningRole, stopOnSignals } from './running.ts';

const databaseCheckMs = 1_000;

/** @returns nothing: the process lives until it is told to stop */
export async function runInProcess(config: Config, role: string, args: readonly string[]): Promise<undefined> {
  // Sockets are named relative to the data folder.
  mkdirSync(config.dataDir, { recursive: true });
  process.chdir(config.dataDir);
  const log = openLog(role, config.logLevel);
  try {
    const running = await start(config, role, args);
    stopOnSignals(running, log);
    if (role === 'write' || role === 'work') endWhenDatabaseMoves(foldersOf(config.dataDir).database, log);
    announceReady();
  } catch (error) {
    log.fatal({ err: error }, `the ${role} role could not start`);
    process.exit(1);
  }
}

/** Whoever holds a file that has no name any more must start anew; the supervisor sees to that. */
function endWhenDatabaseMoves(file: string, log: Log): void {
  const opened = statSync(file, { throwIfNoEntry: false })?.ino;
  void repeat(databaseCheckMs, async () => {
    if (statSync(file, { throwIfNoEntry: false })?.ino === opened) return;
    log.fatal({ file }, 'the database is no longer the file that was opened; starting anew');
    process.exit(1);
  });
}

async function start(config: Config, role: string, args: readonly string[]): Promise<RunningRole> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      worker: { type: 'string', default: '1' },
      'shares-port': { type: 'boolean', default: false },
      'with-read': { type: 'boolean', default: false },
    },
  });
  const readOptions = { worker: Number(values.worker), sharesPort: values['shares-port'] };
  if (role === 'read') return (await import('./read.ts')).runRead(config, readOptions);
  if (role === 'work') return (await import('./work.ts')).runWork(config);
  if (role === 'status') return (await import('./status.ts')).runStatus(config);
  const { runWrite } = await import('./write.ts');
  if (!values['with-read']) return runWrite(config);
  const write = await runWrite(config);
  const read = await (await import('./read.ts')).runRead(config, readOptions);
  return {
    async stop() {
      await read.stop();
      await write.stop();
    },
  };
}
