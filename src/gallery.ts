/** The parts of a running gallery that its verbs (publish, list, delete, complete) work with; put together in app.ts. */
import type { SecretKey } from './access/seal.ts';
import type { BlobStore } from './blobs/store.ts';
import type { CatalogueDatabase } from './catalogue/database.ts';
import type { HeldLeases } from './catalogue/queries/render-lease.ts';
import type { SharedTransactions } from './catalogue/shared-transactions.ts';
import type { Folders } from './config/folders.ts';
import type { Config } from './config/load.ts';
import type { Log } from './observe/log.ts';
import type { Protocol } from './protocols/protocol.ts';
import type { Renderer } from './render/renderer.ts';
import type { Clock } from './std/clock.ts';
import type { Finisher } from './upkeep/finish.ts';
import type { UploadSlots } from './upload/slots.ts';

/** What the write role, the work role and the commands share. */
export interface Gallery {
  readonly config: Config;
  readonly folders: Folders;
  readonly log: Log;
  readonly clock: Clock;
  readonly store: BlobStore;
  readonly key: SecretKey;
  readonly db: CatalogueDatabase;
  readonly transactions: SharedTransactions;
  readonly protocols: readonly Protocol[];
  readonly renderer: Renderer;
  readonly finisher: Finisher;
  readonly uploads: UploadSlots;
  /** Name of this process in leases and locks. */
  readonly holder: string;
  readonly leases: HeldLeases;
  /** What absolute URLs in documents begin with. */
  readonly baseUrl: string;
  close(): Promise<void>;
}
