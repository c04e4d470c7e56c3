/** Where things are inside the data folder. Everything the program makes is below it. */
import { join } from 'node:path';

export interface Folders {
  readonly data: string;
  /** The blob store's root. */
  readonly store: string;
  readonly database: string;
  /** Uploads under way; on the same file system as the store. */
  readonly incoming: string;
  readonly logs: string;
  readonly run: string;
  /** Socket of the write service, relative to the data folder, because socket paths have 107 bytes at most. */
  readonly writeSocket: string;
  readonly installationKey: string;
  readonly firstToken: string;
  /** Token of the status service, which may publish and delete canaries and nothing else. */
  readonly canaryToken: string;
  /** When `verify` last found nothing amiss, here and in a restored copy. */
  readonly verified: string;
  readonly drills: string;
  /** The search file. */
  readonly search: string;
}

/** @param dataDir the data folder's absolute path */
export function foldersOf(dataDir: string): Folders {
  return {
    data: dataDir,
    store: join(dataDir, 'store'),
    database: join(dataDir, 'catalogue', 'holdfast.sqlite'),
    incoming: join(dataDir, 'incoming'),
    logs: join(dataDir, 'logs'),
    run: join(dataDir, 'run'),
    writeSocket: join('run', 'write.sock'),
    installationKey: join(dataDir, 'installation-key'),
    firstToken: join(dataDir, 'first-token'),
    canaryToken: join(dataDir, 'canary-token'),
    verified: join(dataDir, 'verified.json'),
    drills: join(dataDir, 'drills'),
    search: join(dataDir, 'search.sqlite'),
  };
}
