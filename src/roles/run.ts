/** Starts one role in this process and ends it on a signal. */
import { mkdirSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exitUnavailable } from '../commands/exit-codes.ts';
import { foldersOf } from '../config/folders.ts';
import { type Config, exitBadConfiguration } from '../config/load.ts';
import { keepFigures } from '../observe/figures.ts';
import { type Log, openLog } from '../observe/log.ts';
import { repeat, systemClock } from '../std/clock.ts';
import { announceReady, type RunningRole, stopOnSignals } from './running.ts';

const databaseCheckMs = 1_000;

/** @returns nothing: the process lives until it is told to stop */
export async function runInProcess(config: Config, role: string, args: readonly string[]): Promise<undefined> {
  // Sockets are named relative to the data folder.
  mkdirSync(config.dataDir, { recursive: true });
  process.chdir(config.dataDir);
  const log = openLog(role, config.logLevel);
  try {
    if (role === 'status') return await runWatcher(config, log);
    const { name, running } = await start(config, role, args);
    const stopFigures = keepFigures({
      folder: foldersOf(config.dataDir).run,
      role: name,
      clock: systemClock,
      log,
      figures: () => running.figures(),
      ...(running.times === undefined ? {} : { times: running.times }),
    });
    const stop = async () => {
      await stopFigures();
      await running.stop();
    };
    stopOnSignals({ ...running, stop }, log);
    if (name === 'write' || name === 'work') endWhenDatabaseMoves(foldersOf(config.dataDir).database, log);
    announceReady();
  } catch (error) {
    log.fatal({ err: error }, `the ${role} role could not start`);
    process.exit(1);
  }
}

/** The status service looks on: it keeps no figures among those of the gallery, which may be on another machine. */
async function runWatcher(config: Config, log: Log): Promise<undefined> {
  const { runStatus, StatusConfigError, StatusPortError } = await import('./status.ts');
  const { StatusDatabaseError } = await import('../status/database.ts');
  try {
    stopOnSignals(await runStatus(config), log);
    announceReady();
  } catch (error) {
    if (error instanceof StatusPortError || error instanceof StatusDatabaseError) {
      process.stderr.write(`holdfast: ${error.message}\n`);
      process.exit(exitUnavailable);
    }
    if (!(error instanceof StatusConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`holdfast: configuration: ${problem}\n`);
    process.exit(exitBadConfiguration);
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

/** @returns the role, and its name among the roles of the machine */
async function start(
  config: Config,
  role: string,
  args: readonly string[],
): Promise<{ name: string; running: RunningRole }> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      worker: { type: 'string', default: '1' },
      'shares-port': { type: 'boolean', default: false },
      'with-read': { type: 'boolean', default: false },
    },
  });
  const readOptions = { worker: Number(values.worker), sharesPort: values['shares-port'] };
  if (role === 'read') {
    return { name: `read-${values.worker}`, running: await (await import('./read.ts')).runRead(config, readOptions) };
  }
  if (role === 'work') return { name: role, running: await (await import('./work.ts')).runWork(config) };
  const { runWrite } = await import('./write.ts');
  if (!values['with-read']) return { name: role, running: await runWrite(config) };
  const write = await runWrite(config);
  const read = await (await import('./read.ts')).runRead(config, readOptions);
  const both: RunningRole = {
    figures: async () => [...(await write.figures()), ...(await read.figures())],
    times: () => read.times?.() ?? [],
    async stop() {
      await read.stop();
      await write.stop();
    },
  };
  return { name: role, running: both };
}
