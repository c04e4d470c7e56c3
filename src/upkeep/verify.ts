/**
 * Compares what is with what ought to be: every record, blob (with its digest), document and link, against the catalogue.
 * Finds what is missing, what is wrong and what is surplus, in search too; changes nothing.
 */
import { createHash } from 'node:crypto';
import {
  accessKey,
  blobKey,
  blobsFolder,
  digestOfBlobKey,
  documentKey,
  type FeedPlace,
  feedFolder,
  linkKey,
  recordKey,
  recordsFolder,
} from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import { advisoriesJobKey } from '../catalogue/append.ts';
import { loadPackage } from '../catalogue/queries/load-package.ts';
import { decodeRecord, eventOfRow } from '../catalogue/records.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import { completeText } from '../documents/complete-text.ts';
import { readHeader, readText } from '../documents/format.ts';
import type { Document, Output } from '../documents/output.ts';
import type { Gallery } from '../gallery.ts';
import { catalogsOf, currentSerial, outputsOfCatalog } from '../render/catalog.ts';
import { placeOf } from '../render/context.ts';
import { outputsOfFeed, outputsOfNames } from '../render/names.ts';
import { renderView } from '../render/renderer.ts';
import { compareSearch } from '../search/compare.ts';
import { writeJson } from '../std/json.ts';
import { digestsInUse, keepAgeMs } from './clean-up.ts';

export interface Finding {
  readonly kind: 'missing' | 'wrong' | 'surplus';
  readonly key: Key;
  readonly about: string;
}

export interface VerifyReport {
  readonly packages: number;
  readonly documents: number;
  readonly links: number;
  readonly blobs: number;
  readonly records: number;
  /** Events that are still being written; what they are about may be reported as missing. */
  readonly outstandingEvents: number;
  /** Packages that search does not yet tell as they are now; their jobs wait. */
  readonly searchBehind: number;
  readonly findings: readonly Finding[];
  /** More was found than is listed. */
  readonly findingsOmitted: number;
}

export interface VerifyOptions {
  /** Without it, blobs are compared by presence and size only. */
  readonly readsBlobs: boolean;
  readonly onProgress: (text: string) => void;
}

const findingsMax = 10_000;

class Findings {
  readonly list: Finding[] = [];
  omitted = 0;

  add(kind: Finding['kind'], key: Key, about: string): void {
    if (this.list.length < findingsMax) this.list.push({ kind, key, about });
    else this.omitted += 1;
  }
}

/** Reads the whole gallery; other processes may go on, but what they change meanwhile may be reported. */
export async function verify(gallery: Gallery, options: VerifyOptions): Promise<VerifyReport> {
  const findings = new Findings();
  const expected = { documents: new Set<Key>(), links: new Set<Key>() };
  const records = await verifyRecords(gallery, findings, options);
  const blobs = await verifyBlobs(gallery, findings, options);
  let packages = 0;
  const feeds = await gallery.db.selectFrom('feeds').selectAll().orderBy('id').execute();
  const ownState = (await isJobWaiting(gallery, advisoriesJobKey)) ? 'list that waits' : 'document';
  for (const feed of feeds) {
    const lists = (await outputsOfNames(gallery, feed)).outputs;
    const own = (await outputsOfFeed(gallery, feed)).outputs;
    await verifyOutputs(gallery, options, findings, expected, placeOf(feed), own, ownState);
    await verifyOutputs(gallery, options, findings, expected, placeOf(feed), lists, await stateOfLists(gallery, feed));
    await verifyCatalogs(gallery, options, findings, expected, feed);
    const rows = await gallery.db.selectFrom('packages').select(['id']).where('feed_id', '=', feed.id).execute();
    for (const row of rows) {
      await verifyPackage(gallery, options, findings, expected, feed, row.id);
      packages += 1;
      if (packages % 100 === 0) options.onProgress(`packages ${packages}`);
    }
  }
  await findSurplus(gallery, findings, expected, feeds);
  if ((await gallery.store.state(accessKey)) === undefined) findings.add('missing', accessKey, 'the access document');
  const search = await compareSearch(gallery);
  for (const { kind, key, about } of search.findings) findings.add(kind, key, about);
  const outstanding = await gallery.db.selectFrom('outstanding').select('serial').execute();
  return {
    packages,
    outstandingEvents: outstanding.length,
    searchBehind: search.behind,
    documents: expected.documents.size,
    links: expected.links.size,
    blobs,
    records,
    findings: findings.list,
    findingsOmitted: findings.omitted,
  };
}

/** A catalog is whole up to the newest event as soon as no job for it waits. */
async function verifyCatalogs(
  gallery: Gallery,
  options: VerifyOptions,
  findings: Findings,
  expected: Expected,
  feed: FeedRow,
): Promise<void> {
  const upTo = await currentSerial(gallery);
  const as = (await stateOfLists(gallery, feed)) === 'list' ? 'document' : 'list that waits';
  for (const catalog of catalogsOf(gallery, feed)) {
    for await (const outputs of outputsOfCatalog(gallery, catalog, upTo)) {
      await verifyOutputs(gallery, options, findings, expected, placeOf(feed), outputs, as);
    }
  }
}

type Expected = { readonly documents: Set<Key>; readonly links: Set<Key> };

async function verifyPackage(
  gallery: Gallery,
  options: VerifyOptions,
  findings: Findings,
  expected: Expected,
  feed: FeedRow,
  packageId: bigint,
): Promise<void> {
  const loaded = await loadPackage(gallery.db, packageId);
  if (!loaded) return;
  const outputs = renderView(gallery.protocols, loaded.view, gallery.baseUrl);
  await verifyOutputs(gallery, options, findings, expected, placeOf(feed), outputs, 'document');
}

async function verifyOutputs(
  gallery: Gallery,
  options: VerifyOptions,
  findings: Findings,
  expected: Expected,
  feed: FeedPlace,
  outputs: readonly Output[],
  as: 'document' | 'list' | 'list that waits',
): Promise<void> {
  for (const output of outputs) {
    if (output.type === 'link') {
      const key = linkKey(feed, output.path);
      expected.links.add(key);
      const [link, blob] = await Promise.all([gallery.store.state(key), gallery.store.state(blobKey(output.sha256))]);
      if (!link) findings.add('missing', key, 'a file that its documents lead to');
      else if (blob && link.sizeBytes !== blob.sizeBytes)
        findings.add('wrong', key, 'its size is not that of its blob');
      else if (
        options.readsBlobs &&
        link.identity !== blob?.identity &&
        (await digestOf(gallery, key)) !== output.sha256
      )
        findings.add('wrong', key, 'its bytes are not those of its blob');
    } else {
      const key = documentKey(feed, output.path);
      expected.documents.add(key);
      if (as !== 'list that waits') await verifyDocument(gallery, findings, key, output, as === 'list');
    }
  }
}

async function verifyDocument(
  gallery: Gallery,
  findings: Findings,
  key: Key,
  document: Document,
  isList: boolean,
): Promise<void> {
  const bytes = await gallery.store.get(key);
  if (!bytes) {
    findings.add('missing', key, 'a document');
    return;
  }
  try {
    const { baseUrl } = readHeader(bytes);
    const stored = (await readText(bytes)).toString('utf8');
    const text = await completeText(gallery.store, document);
    if (stored === text || (isList && withoutSerials(stored) === withoutSerials(text))) return;
    const isMoved = baseUrl !== '' && baseUrl !== gallery.baseUrl;
    findings.add(
      'wrong',
      key,
      isMoved
        ? `it was rendered for ${baseUrl}; rebuild renders it for ${gallery.baseUrl}`
        : 'it is not what the catalogue says',
    );
  } catch (error) {
    findings.add('wrong', key, (error as Error).message);
  }
}

/** A list whose job has not run yet is not expected to be right. */
async function stateOfLists(gallery: Gallery, feed: FeedRow): Promise<'list' | 'list that waits'> {
  return (await isJobWaiting(gallery, `%:${feed.id}`)) ? 'list that waits' : 'list';
}

async function isJobWaiting(gallery: Gallery, keyPattern: string): Promise<boolean> {
  const job = await gallery.db
    .selectFrom('jobs')
    .select('id')
    .where('lane', '=', 'index')
    .where('job_key', 'like', keyPattern)
    .executeTakeFirst();
  return job !== undefined;
}

/** A list of names is as new as its last run, and may be behind the newest serial without being wrong. */
function withoutSerials(text: string): string {
  return text.replace(/"_last-serial":\d+\},"projects"/, '"projects"').replace(/<!--SERIAL \d+-->/, '');
}

async function verifyBlobs(gallery: Gallery, findings: Findings, options: VerifyOptions): Promise<number> {
  const needed = await digestsInUse(gallery);
  let checked = 0;
  for (const sha256 of needed) {
    const key = blobKey(sha256);
    checked += 1;
    if (checked % 100 === 0) options.onProgress(`blobs ${checked}/${needed.size}`);
    if ((await gallery.store.state(key)) === undefined) findings.add('missing', key, 'a blob of a published file');
    else if (options.readsBlobs && (await digestOf(gallery, key)) !== sha256) {
      findings.add('wrong', key, 'its bytes do not have the digest of its name');
    }
  }
  const olderThan = gallery.clock.now() - keepAgeMs;
  for await (const blob of gallery.store.list(blobsFolder)) {
    if (!needed.has(digestOfBlobKey(blob.key)) && blob.modifiedAt < olderThan) {
      findings.add('surplus', blob.key, 'no package needs it; clean-up will remove it');
    }
  }
  return checked;
}

async function digestOf(gallery: Gallery, key: Key): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of gallery.store.stream(key)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function verifyRecords(gallery: Gallery, findings: Findings, options: VerifyOptions): Promise<number> {
  const expected = new Set<Key>();
  for await (const row of gallery.db.selectFrom('events').selectAll().orderBy('serial').stream()) {
    const key = recordKey(row.serial);
    expected.add(key);
    if (expected.size % 100 === 0) options.onProgress(`records ${expected.size}`);
    const bytes = await gallery.store.get(key);
    if (!bytes) {
      findings.add('missing', key, 'the record of an event');
      continue;
    }
    try {
      const stored = decodeRecord(gallery.key, key, bytes);
      if (writeJson(stored) !== writeJson(eventOfRow(row)))
        findings.add('wrong', key, 'it tells another event than the catalogue');
    } catch (error) {
      findings.add('wrong', key, (error as Error).message);
    }
  }
  for await (const { key } of gallery.store.list(recordsFolder)) {
    if (!expected.has(key)) findings.add('surplus', key, 'the catalogue has no such event');
  }
  return expected.size;
}

async function findSurplus(
  gallery: Gallery,
  findings: Findings,
  expected: Expected,
  feeds: readonly FeedRow[],
): Promise<void> {
  // Feeds of others lie below the default feed's folder, so every key is looked at once, whatever feed lists it.
  const seen = new Set<Key>();
  for (const feed of feeds) {
    for await (const { key } of gallery.store.list(feedFolder(placeOf(feed)))) {
      if (seen.has(key)) continue;
      seen.add(key);
      if (!expected.documents.has(key) && !expected.links.has(key))
        findings.add('surplus', key, 'nothing in the catalogue leads to it');
    }
  }
}
