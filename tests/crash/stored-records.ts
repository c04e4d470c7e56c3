/** What the records in the store tell, read as a rebuild of the catalogue would read them, while the write process is dead. */
import { loadInstallationKey } from '../../src/access/installation-key.ts';
import { recordsFolder } from '../../src/blobs/keys.ts';
import { localStore } from '../../src/blobs/local.ts';
import { decodeRecord } from '../../src/catalogue/records.ts';
import type { Folders } from '../../src/config/folders.ts';
import type { PackageFile } from './package-files.ts';

export class StoredRecords {
  readonly #folders: Folders;
  readonly #read = new Set<string>();
  readonly #published = new Set<string>();
  readonly #unlisted = new Set<string>();

  constructor(folders: Folders) {
    this.#folders = folders;
  }

  /** Reads what has come since the last time. */
  async refresh(): Promise<void> {
    const store = localStore(this.#folders.store);
    const key = loadInstallationKey(this.#folders.installationKey, undefined, false);
    for await (const { key: name } of store.list(recordsFolder)) {
      if (this.#read.has(name)) continue;
      const bytes = await store.get(name);
      if (!bytes) continue;
      const { change } = decodeRecord(key, name, bytes);
      if (change.kind === 'file.published') this.#published.add(change.file.sha256);
      if (change.kind === 'version.listing' && change.isListed === 0n) {
        this.#unlisted.add(`${change.package.normalized_name} ${change.normalizedVersion}`);
      }
      this.#read.add(name);
    }
  }

  tellsPublish(file: PackageFile): boolean {
    return this.#published.has(file.sha256);
  }

  tellsUnlisting(file: PackageFile): boolean {
    return this.#unlisted.has(`${file.normalizedName} ${file.version}`);
  }
}
