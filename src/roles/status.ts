/**
 * The status role: an outsider that shares nothing with the gallery but the program. Reads its configuration again when the file
 * changes, and keeps the last good one when the new one has an error.
 */
import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import type { Config } from '../config/load.ts';
import { openLog } from '../observe/log.ts';
import { loadStatusConfig, type StatusSettings } from '../status/config/load.ts';
import { createStatusServer } from '../status/serve/server.ts';
import { type StatusService, startStatusService } from '../status/service.ts';
import { type Clock, repeat, systemClock } from '../std/clock.ts';
import { type RandomBytes, systemRandom } from '../std/random.ts';
import { drainServer } from './drain.ts';
import type { RunningRole } from './running.ts';

const configCheckMs = 5_000;

/** Parts that tests and drills replace. */
export interface StatusReplacements {
  readonly clock?: Clock;
  readonly random?: RandomBytes;
}

/** Everything that is wrong with the configuration; nothing was started. */
export class StatusConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Another program has the port. */
export class StatusPortError extends Error {}

export async function runStatus(config: Config, replace: StatusReplacements = {}): Promise<Pick<RunningRole, 'stop'>> {
  const log = openLog('status', config.logLevel);
  const first = loadStatusConfig(config);
  if ('problems' in first) throw new StatusConfigError(first.problems);
  let inForce = first;
  let readAt = changedAt(first);
  const parts = { clock: replace.clock ?? systemClock, random: replace.random ?? systemRandom, log };
  // Asked first, because a service that begins tells people; it would do so at each try.
  const claim = createServer();
  await listen(claim, first);
  await promisify(claim.close.bind(claim))();
  let service: StatusService = await startStatusService(first, parts);
  const server = createStatusServer({
    publication: () => service.publication(),
    others: (request, response) => service.handle(request, response),
  });
  try {
    await listen(server, first);
  } catch (error) {
    await service.stop();
    throw error;
  }
  const stopReading = repeat(configCheckMs, async () => {
    const at = changedAt(first);
    if (at === readAt) return;
    readAt = at;
    const next = loadStatusConfig(config);
    if ('problems' in next) {
      log.error({ problems: next.problems }, 'the changed configuration has errors; the last good one stays in force');
      return;
    }
    await exchange(next);
  });
  /** What only shows when it is used, such as a file that is not there, must not end the service that called people until now. */
  const exchange = async (next: StatusSettings) => {
    const again = (settings: StatusSettings) =>
      startStatusService(settings, { ...parts, earlier: service.publication(), remembered: service.memory() });
    await service.stop();
    try {
      service = await again(next);
      inForce = next;
      log.info({ file: next.file }, 'the changed configuration is in force');
    } catch (error) {
      log.error({ err: error }, 'the changed configuration cannot be used; the last good one stays in force');
      service = await again(inForce);
    }
  };
  return {
    async stop() {
      await stopReading();
      await drainServer(server, config.drainMs, () => promisify(server.close.bind(server))());
      await service.stop();
    },
  };
}

function listen(server: Server, { port, host }: StatusSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      const hint = 'another program uses it; choose another with HOLDFAST_STATUS_PORT';
      reject(new StatusPortError(`cannot listen on ${host}:${port}: ${hint}`));
    });
    server.listen({ port, host, backlog: 4_096 }, resolve);
  });
}

/** @returns what changes when the file does; its absence too */
function changedAt({ folder, file }: StatusSettings): string {
  const state = statSync(file ?? `${folder}/status.config.json`, { throwIfNoEntry: false });
  return state === undefined ? 'none' : `${state.mtimeMs}:${state.size}:${state.ino}`;
}
