/**
 * Fills a gallery with a tree of packages before a measurement: the same rows, records, blobs and documents as publishing makes,
 * but nothing is forced to disk on the way, because a gallery that is lost here is simply made again.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { sql } from 'kysely';
import { found } from '../src/accounts/found.ts';
import { openGallery } from '../src/app.ts';
import { blobKey } from '../src/blobs/keys.ts';
import { localStore } from '../src/blobs/local.ts';
import { applyEvent, type CatalogueEvent } from '../src/catalogue/append.ts';
import { preparePublish } from '../src/catalogue/publish-file.ts';
import { findFeed } from '../src/catalogue/queries/find.ts';
import { loadPackage } from '../src/catalogue/queries/load-package.ts';
import { writeRecord } from '../src/catalogue/records.ts';
import type { FeedRow } from '../src/catalogue/tables.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Gallery } from '../src/gallery.ts';
import { placeOf } from '../src/render/context.ts';
import { renderFeeds, renderNames } from '../src/render/names.ts';
import { renderView } from '../src/render/renderer.ts';
import { writeOutputs } from '../src/render/write.ts';
import { rebuildSearch } from '../src/search/rebuild.ts';
import { type Disk, systemDisk } from '../src/std/disk.ts';
import { isRefusal } from '../src/std/refusals.ts';
import { startDigests } from '../src/upload/digests.ts';
import { inspectNupkg } from '../src/validate/nupkg/inspect.ts';
import { inspectPythonFile } from '../src/validate/python/inspect.ts';
import { pythonRules } from '../src/validate/python/rules.ts';

/** What documents of measured galleries are rendered for, and read by: a public address, as galleries have. */
export const baseUrl = 'http://gallery.example.org';

/** The file system without waiting for the disk, and without a thread for each call. */
const hastyDisk: Disk = {
  ...systemDisk,
  writeDurably: async (path, bytes) => fs.writeFileSync(path, bytes, { flag: 'wx' }),
  syncFile: async () => undefined,
  syncFolder: async () => undefined,
  rename: async (from, to) => fs.renameSync(from, to),
  link: async (existing, path) => fs.linkSync(existing, path),
  async remove(path) {
    const isThere = fs.existsSync(path);
    if (isThere) fs.unlinkSync(path);
    return isThere;
  },
  async makeFolder(path) {
    fs.mkdirSync(path, { recursive: true });
  },
  async state(path) {
    const state = fs.statSync(path, { throwIfNoEntry: false });
    return state?.isFile() ? { sizeBytes: state.size, modifiedAtMs: state.mtimeMs, identity: '' } : undefined;
  },
};

const limits = { entriesMax: 1_000, unpackedBytesMax: 2 ** 28, extractBytesMax: 2 ** 24, ratioMax: 50 };
const filesAtOnce = 100;

export interface FillReport {
  readonly files: number;
  readonly packages: number;
  readonly seconds: number;
}

/**
 * @param folder a tree of .nupkg, .whl and .tar.gz
 * @param dataDir the gallery's data folder, which does not exist yet
 * @param onProgress hears a sentence now and then
 */
export async function fillGallery(
  folder: string,
  dataDir: string,
  onProgress: (text: string) => void = () => undefined,
): Promise<FillReport> {
  const startedAt = performance.now();
  fs.mkdirSync(dataDir, { recursive: true });
  const settings = { HOLDFAST_DATA_DIR: resolve(dataDir), HOLDFAST_LOG_LEVEL: 'error', HOLDFAST_BASE_URL: baseUrl };
  const config = loadConfig(settings, dataDir);
  if ('problems' in config) throw new Error(config.problems.join('\n'));
  const gallery = await openGallery(config, 'write', { store: ({ store }) => localStore(store, hastyDisk) });
  await found(gallery);
  await sql`pragma synchronous = off`.execute(gallery.db);
  const feed = await findFeed(gallery.db, 'main');
  if (isRefusal(feed)) throw new Error(feed.message);
  const files = filesBelow(folder);
  for (let start = 0; start < files.length; start += filesAtOnce) {
    await addFiles(gallery, feed, files.slice(start, start + filesAtOnce));
    if (start % 5_000 === 0) onProgress(`files ${start}/${files.length}`);
  }
  await gallery.db.updateTable('files').set({ is_acknowledged: 1n }).execute();
  const packages = await renderAll(gallery, onProgress);
  await renderFeeds(gallery);
  await renderNames(gallery, feed);
  await rebuildSearch(gallery, onProgress);
  await gallery.db.deleteFrom('jobs').execute();
  await gallery.close();
  return { files: files.length, packages, seconds: (performance.now() - startedAt) / 1_000 };
}

function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(nupkg|whl|tar\.gz)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Reads and stores the files, then publishes all of them in one transaction, and writes their records. */
async function addFiles(gallery: Gallery, feed: FeedRow, paths: readonly string[]): Promise<void> {
  const uploads = await Promise.all(paths.map((path) => takeIn(gallery, path)));
  const { id: principalId } = await gallery.db.selectFrom('principals').select('id').executeTakeFirstOrThrow();
  const at = BigInt(gallery.clock.now());
  const events = await gallery.db.transaction().execute(async (transaction) => {
    const made: CatalogueEvent[] = [];
    for (const upload of uploads) {
      const make = await preparePublish(transaction, {
        feed,
        principalId,
        limits: { packageBytesMax: 0, pythonReleaseAgeMaxDays: 0, now: 0 },
        ...upload,
      });
      if (typeof make !== 'function') throw new Error(make.message);
      const { value: serial } = await transaction
        .updateTable('serial')
        .set({ value: sql`value + 1` })
        .returning('value')
        .executeTakeFirstOrThrow();
      const event = { serial, at, actor: { system: 'bench' }, cause: 'filled', change: make(serial, at) };
      await applyEvent(transaction, event);
      made.push(event);
    }
    return made;
  });
  for (const event of events) await writeRecord(gallery.store, gallery.key, event);
}

async function takeIn(gallery: Gallery, path: string) {
  const bytes = fs.readFileSync(path);
  const stream = await startDigests();
  stream.update(bytes);
  const digests = stream.finish();
  const inspected = path.endsWith('.nupkg')
    ? inspectNupkg(path, limits)
    : inspectPythonFile(path, basename(path), limits, pythonRules([], []));
  const candidate = await inspected;
  if (isRefusal(candidate)) throw new Error(`${path}: ${candidate.message}`);
  await gallery.store.put(blobKey(digests.sha256), bytes);
  const extracts = await Promise.all(
    candidate.extracts.map(async ({ name, bytes: part, contentType }) => {
      const sha256 = createHash('sha256').update(part).digest('hex');
      await gallery.store.put(blobKey(sha256), part);
      return { name, sha256, sizeBytes: part.length, contentType };
    }),
  );
  return { candidate, digests, sizeBytes: bytes.length, extracts };
}

async function renderAll(gallery: Gallery, onProgress: (text: string) => void): Promise<number> {
  const rows = await gallery.db.selectFrom('packages').select('id').execute();
  for (const [index, { id }] of rows.entries()) {
    const loaded = await loadPackage(gallery.db, id);
    if (!loaded) continue;
    await writeOutputs(gallery.store, {
      feed: placeOf(loaded.feed),
      outputs: renderView(gallery.protocols, loaded.view, gallery.baseUrl),
      serial: loaded.view.serial,
      baseUrl: gallery.baseUrl,
    });
    if (index % 5_000 === 0) onProgress(`packages ${index}/${rows.length}`);
  }
  return rows.length;
}
