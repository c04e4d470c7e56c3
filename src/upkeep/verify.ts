/**
 * Compares what is with what ought to be: every record, blob (with its digest), document and link, against the catalogue.
 * Finds what is missing, what is wrong and what is surplus, in search too; changes nothing.
 */
import { accessKey, blobsFolder, digestOfBlobKey, feedFolder, recordKey, recordsFolder } from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import { advisoriesJobKey } from '../catalogue/append.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import { catalogsOf, currentSerial, outputsOfCatalog } from '../render/catalog.ts';
import { placeOf } from '../render/context.ts';
import { outputsOfFeed, outputsOfNames } from '../render/names.ts';
import { compareSearch } from '../search/compare.ts';
import { digestsInUse, keepAgeMs } from './clean-up.ts';
import { rangesUpTo, verifyRecords } from './compare-records.ts';
import { type Crew, piecesOf, shareOut } from './crew.ts';
import { type Finding, Findings } from './findings.ts';
import { packagePieces } from './package-pieces.ts';
import { verifyBlobs } from './verify-blobs.ts';
import { type VerifiedOutputs, verifyOutputs, verifyPackages } from './verify-outputs.ts';

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

/** Blobs that are looked at together. */
const blobsInPiece = 500;

type Expected = { readonly documents: Set<Key>; readonly links: Set<Key> };

/** Reads the whole gallery; other processes may go on, but what they change meanwhile may be reported. */
export async function verify(gallery: Gallery, crew: Crew, options: VerifyOptions): Promise<VerifyReport> {
  const findings = new Findings();
  const expected = { documents: new Set<Key>(), links: new Set<Key>() };
  const records = await verifyAllRecords(gallery, crew, findings, options);
  const blobs = await verifyAllBlobs(gallery, crew, findings, options);
  const feeds = await gallery.db.selectFrom('feeds').selectAll().orderBy('id').execute();
  const packages = await verifyDocuments(gallery, crew, feeds, findings, expected, options);
  options.onProgress('looking for what nothing leads to');
  await findSurplus(gallery, findings, expected, feeds);
  if ((await gallery.store.state(accessKey)) === undefined) findings.add('missing', accessKey, 'the access document');
  options.onProgress('search');
  const search = await compareSearch(gallery);
  findings.addAll(search.findings);
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

async function verifyDocuments(
  gallery: Gallery,
  crew: Crew,
  feeds: readonly FeedRow[],
  findings: Findings,
  expected: Expected,
  { readsBlobs, onProgress }: VerifyOptions,
): Promise<number> {
  let packages = 0;
  const note = (verified: VerifiedOutputs) => {
    findings.addAll(verified.findings);
    for (const key of verified.documents) expected.documents.add(key);
    for (const key of verified.links) expected.links.add(key);
  };
  const ownState = (await isJobWaiting(gallery, advisoriesJobKey)) ? 'list that waits' : 'document';
  for (const feed of feeds) {
    const place = placeOf(feed);
    const lists = (await outputsOfNames(gallery, feed)).outputs;
    const own = (await outputsOfFeed(gallery, feed)).outputs;
    note(await verifyOutputs(gallery, place, own, { as: ownState }));
    note(await verifyOutputs(gallery, place, lists, { as: await stateOfLists(gallery, feed) }));
    await verifyCatalogs(gallery, feed, note);
    const pieces = mapped(packagePieces(gallery.db, feed.id), (packageIds) => ({ packageIds, readsBlobs }));
    await shareOut(crew, verifyPackages, pieces, (verified) => {
      note(verified);
      packages += verified.packages;
      onProgress(`packages ${packages}, now in feed ${feed.name}`);
    });
  }
  return packages;
}

/** A catalog is whole up to the newest event as soon as no job for it waits. */
async function verifyCatalogs(
  gallery: Gallery,
  feed: FeedRow,
  note: (verified: VerifiedOutputs) => void,
): Promise<void> {
  const upTo = await currentSerial(gallery);
  const as = (await stateOfLists(gallery, feed)) === 'list' ? 'document' : 'list that waits';
  for (const catalog of catalogsOf(gallery, feed)) {
    for await (const outputs of outputsOfCatalog(gallery, catalog, upTo)) {
      note(await verifyOutputs(gallery, placeOf(feed), outputs, { as }));
    }
  }
}

async function* mapped<From, To>(items: AsyncIterable<From>, map: (item: From) => To): AsyncGenerator<To> {
  for await (const item of items) yield map(item);
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

async function verifyAllBlobs(
  gallery: Gallery,
  crew: Crew,
  findings: Findings,
  { readsBlobs, onProgress }: VerifyOptions,
): Promise<number> {
  const needed = await digestsInUse(gallery);
  const pieces = piecesOf([...needed], blobsInPiece).map((digests) => ({ digests, readsBlobs }));
  let checked = 0;
  await shareOut(crew, verifyBlobs, pieces, (verified) => {
    findings.addAll(verified.findings);
    checked += verified.checked;
    onProgress(`blobs ${checked}/${needed.size}`);
  });
  const olderThan = gallery.clock.now() - keepAgeMs;
  for await (const blob of gallery.store.list(blobsFolder)) {
    if (!needed.has(digestOfBlobKey(blob.key)) && blob.modifiedAt < olderThan) {
      findings.add('surplus', blob.key, 'no package needs it; clean-up will remove it');
    }
  }
  return checked;
}

async function verifyAllRecords(
  gallery: Gallery,
  crew: Crew,
  findings: Findings,
  { onProgress }: VerifyOptions,
): Promise<number> {
  const { value: last } = await gallery.db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  const expected = new Set<Key>();
  await shareOut(crew, verifyRecords, rangesUpTo(gallery, last), (verified) => {
    findings.addAll(verified.findings);
    for (const serial of verified.serials) expected.add(recordKey(serial));
    onProgress(`records ${expected.size}`);
  });
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
