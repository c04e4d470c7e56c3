/** The read role: one worker of possibly many. Opens the store's folder and a listening socket, and no database. */
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadInstallationKey } from '../access/installation-key.ts';
import type { SecretKey } from '../access/seal.ts';
import { localStore } from '../blobs/local.ts';
import { renderedBaseUrl } from '../config/base-url.ts';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { documentTrustMs } from '../documents/trust.ts';
import { openAccessLog } from '../observe/access-log.ts';
import { poolFigures } from '../observe/figures.ts';
import { openLog } from '../observe/log.ts';
import { requestTimes } from '../observe/request-times.ts';
import { nugetV2 } from '../protocols/nuget-v2/index.ts';
import { nugetV3 } from '../protocols/nuget-v3/index.ts';
import { pypi } from '../protocols/pypi/index.ts';
import { originReader } from '../serve/base-url.ts';
import { derivedMemory } from '../serve/derived.ts';
import { decodeDocument, rebasedDocuments, sizeOfDocument } from '../serve/documents.ts';
import { createForwarder } from '../serve/forward.ts';
import { accessCache } from '../serve/reader-access.ts';
import { createReadServer } from '../serve/server.ts';
import { TrustedCache } from '../serve/trusted-cache.ts';
import { systemClock } from '../std/clock.ts';
import { drainServer } from './drain.ts';
import type { RunningRole } from './running.ts';

const storeDeadlineMs = 1_000;
/** Shares of the document memory: for copies with another base address, and for answers made from documents. */
const rebasedShare = 0.25;
const derivedShare = 0.25;

export interface ReadOptions {
  /** 1, 2, 3 …: names the worker's access log. */
  readonly worker: number;
  /** Whether other workers of the machine listen on the same port. */
  readonly sharesPort: boolean;
}

export async function runRead(config: Config, options: ReadOptions): Promise<RunningRole> {
  const log = openLog(`read-${options.worker}`, config.logLevel);
  const folders = foldersOf(config.dataDir);
  const store = localStore(folders.store);
  const forwarder = createForwarder({
    url: config.writeUrl === '' ? undefined : config.writeUrl,
    socketPath: folders.writeSocket,
    atOnceMax: config.forwardsAtOnceMax,
    searchesAtOnceMax: config.searchesAtOnceMax,
    deadlineMs: config.forwardDeadlineMs,
    bodyIdleMs: config.uploadIdleMs,
    log,
  });
  const accessLog = openAccessLog(
    join(folders.logs, `access-${options.worker}.log`),
    config.accessLogBytesMax,
    config.accessLogFilesMax,
    log,
  );
  const role = `read-${options.worker}`;
  const times = requestTimes(role);
  const cacheBytesMax = config.documentCacheBytesMax;
  const server = createReadServer({
    store,
    protocols: [pypi, nugetV3, nugetV2],
    documents: new TrustedCache(store, {
      bytesMax: Math.floor(cacheBytesMax * (1 - rebasedShare - derivedShare)),
      trustMs: documentTrustMs,
      deadlineMs: storeDeadlineMs,
      decode: decodeDocument,
      sizeOf: sizeOfDocument,
    }),
    rebased: rebasedDocuments(Math.floor(cacheBytesMax * rebasedShare)),
    derived: derivedMemory(Math.floor(cacheBytesMax * derivedShare)),
    access: accessCache(store, lazyKey(folders.installationKey), documentTrustMs, storeDeadlineMs),
    forwarder,
    accessLog,
    times,
    readOrigin: originReader(config.baseUrl, config.trustedProxies, renderedBaseUrl(config)),
    headersMs: config.headersMs,
    clock: systemClock,
    log,
  });
  server.maxConnections = config.connectionsMax;
  server.setTimeout(Math.max(config.uploadIdleMs, config.forwardDeadlineMs) + 5_000);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: config.port, host: config.host, reusePort: options.sharesPort, backlog: 4_096 }, resolve);
  });
  const connections = promisify(server.getConnections.bind(server)) as () => Promise<number>;
  return {
    times: () => times.read(),
    async figures() {
      const { forwards, searches } = forwarder.inUse();
      return [
        ...poolFigures(role, 'connections', await connections(), config.connectionsMax),
        ...poolFigures(role, 'forwards', forwards, config.forwardsAtOnceMax),
        ...poolFigures(role, 'forwarded-searches', searches, config.searchesAtOnceMax),
      ];
    },
    async stop() {
      await drainServer(server, config.drainMs, () => promisify(server.close.bind(server))());
      forwarder.close();
      await accessLog.close();
    },
  };
}

/** The key is made by the write role at the very first start, perhaps a moment after this worker began. */
function lazyKey(file: string): () => SecretKey {
  let key: SecretKey | undefined;
  return () => {
    key ??= loadInstallationKey(file, process.env.HOLDFAST_INSTALLATION_KEY, false);
    return key;
  };
}
