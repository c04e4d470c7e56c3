/**
 * Keeps packages' records and documents as new as the catalogue. One render at a time for a package in this process, one process at a
 * time by lease; whoever asks while a render runs shares the next one. The answer to a publish waits for this.
 */
import assert from 'node:assert/strict';
import { LRUCache } from 'lru-cache';
import type { SecretKey } from '../access/seal.ts';
import { blobKey, type FeedPlace, linkKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Change } from '../catalogue/changes.ts';
import type { CatalogueDatabase } from '../catalogue/database.ts';
import { loadPackage } from '../catalogue/queries/load-package.ts';
import { endLeases, type HeldLeases, takeLease } from '../catalogue/queries/render-lease.ts';
import { claimedSymbols } from '../catalogue/queries/symbol-claims.ts';
import { eventOfRow, newRecord } from '../catalogue/records.ts';
import type { Output } from '../documents/output.ts';
import type { PackageView } from '../documents/package-view.ts';
import { documentTrustMs } from '../documents/trust.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Clock } from '../std/clock.ts';
import type { Int64 } from '../std/int64.ts';
import { contextOf, placeOf } from './context.ts';
import { removePaths, writeOutputs } from './write.ts';

interface LeaseParts {
  readonly db: CatalogueDatabase;
  readonly clock: Clock;
  /** Name of this process in leases: `write:PID:START`. */
  readonly holder: string;
  readonly leases: HeldLeases;
}

export interface RendererParts extends LeaseParts {
  readonly store: BlobStore;
  readonly key: SecretKey;
  readonly protocols: readonly Protocol[];
  readonly baseUrl: string;
}

export interface Renderer {
  /** Resolves when the package's documents show everything up to the serial, and all of it has its records. */
  renderPackage(packageId: Int64, serial: Int64): Promise<void>;
  /** Writes all of the package's documents and links again, whether they can have changed or not. */
  rewritePackage(packageId: Int64): Promise<void>;
}

/** Another process has held the package's render lease for longer than a request should wait. */
export class LeaseHeldError extends Error {}

const leaseWaitMs = 10_000;
const leasePollMs = 25;
const rememberedPackagesMax = 10_000;

export function createRenderer(parts: RendererParts): Renderer {
  const underWay = new Map<Int64, Promise<Int64>>();
  const renderedUpTo = new LRUCache<string, { serial: Int64 }>({ max: rememberedPackagesMax });

  return {
    async renderPackage(packageId, serial) {
      while ((renderedUpTo.get(packageId.toString())?.serial ?? 0n) < serial) {
        const running = underWay.get(packageId);
        if (running) {
          // It may have begun before our event was committed, so its end only means that it is time to look again.
          await running.catch(() => undefined);
          continue;
        }
        const run = renderOnce(parts, packageId, serial, false).finally(() => underWay.delete(packageId));
        underWay.set(packageId, run);
        renderedUpTo.set(packageId.toString(), { serial: await run });
      }
    },
    async rewritePackage(packageId) {
      await underWay.get(packageId)?.catch(() => undefined);
      try {
        await renderOnce(parts, packageId, 0n, true);
      } finally {
        parts.leases.forget([packageId]);
        // A publish that came meanwhile is waiting for it.
        await endLeases(parts.db, parts.holder, [packageId]);
      }
    },
  };
}

/** @returns the serial up to which the package's documents are now written */
async function renderOnce(parts: RendererParts, packageId: Int64, serial: Int64, writesAll: boolean): Promise<Int64> {
  const leaseUntil = await waitForLease(parts, packageId);
  // One transaction: a version that the index shows, but whose event is not among the owed ones, would get no links.
  const { owed, loaded } = await parts.db.transaction().execute(async (transaction) => ({
    owed: await transaction
      .selectFrom('outstanding')
      .innerJoin('events', 'events.serial', 'outstanding.serial')
      .selectAll('events')
      .where('outstanding.package_id', '=', packageId)
      .orderBy('events.serial')
      .execute(),
    loaded: await loadPackage(transaction, packageId),
  }));
  const events = owed.map(eventOfRow);
  const changes = events.map((event) => event.change);
  const records = await Promise.all(events.map((event) => newRecord(parts.store, parts.key, event)));
  const outputs = loaded ? renderView(parts.protocols, loaded.view, parts.baseUrl) : [];
  assert(parts.clock.now() < leaseUntil, 'the render lease must not have run out before writing');
  if (loaded) {
    await writeOutputs(
      parts.store,
      {
        feed: placeOf(loaded.feed),
        outputs: writesAll ? outputs : changedOutputs(outputs, changes),
        serial: loaded.view.serial,
        baseUrl: parts.baseUrl,
        first: records,
      },
      () => renewLease(parts, packageId),
    );
  } else await parts.store.putAll([records]);
  await removeLost(parts, changes, outputs);
  await parts.clock.sleep(documentTrustMs);
  return [serial, owed.at(-1)?.serial ?? 0n, loaded?.view.serial ?? 0n].reduce((a, b) => (a > b ? a : b));
}

/**
 * Removes what a deletion, say, took out of the package and nothing has put there again, except the symbol files that other packages
 * lead to as well.
 */
export async function removeLost(
  parts: { readonly db: CatalogueDatabase; readonly store: BlobStore },
  changes: readonly Change[],
  outputs: readonly Output[],
): Promise<void> {
  if (!changes.some((change) => 'paths' in change)) return;
  const kept = new Set(outputs.map((output) => output.path));
  for (const change of changes) {
    if (!('paths' in change)) continue;
    const lost = change.paths.filter((path) => !kept.has(path));
    if (lost.length > 0) await removeUnclaimed(parts, change.package.feed_id, lost);
  }
}

async function removeUnclaimed(
  { db, store }: { readonly db: CatalogueDatabase; readonly store: BlobStore },
  feedId: Int64,
  paths: readonly string[],
): Promise<void> {
  const feed = await feedPlace(db, feedId);
  const claimed = new Set((await claimedSymbols(db, feedId, paths)).map(({ path }) => path));
  const removed = paths.filter((path) => !claimed.has(path));
  await removePaths(store, feed, removed);
  // Another package may have been given such a file and its link just before the link was removed here. Whoever comes to have it
  // after this question writes the link later than this.
  const again = await claimedSymbols(db, feedId, removed);
  await store.putAll([again.map(({ path, sha256 }) => ({ key: linkKey(feed, path), link: blobKey(sha256) }))]);
}

/** @returns the outputs that these changes can have touched */
export function changedOutputs(outputs: readonly Output[], changes: readonly Change[]): readonly Output[] {
  if (changes.some(({ kind }) => kind === 'package.status' || kind === 'package.touched')) return outputs;
  const versions = changes.map((change) => {
    if ('version' in change) return change.version.normalized_version;
    return 'normalizedVersion' in change ? change.normalizedVersion : '';
  });
  const changed = new Set(versions);
  return outputs.filter((output) => canHaveChanged(output, changed));
}

/** Leaves and links of versions that no outstanding event is about were written by an earlier render. */
function canHaveChanged(output: Output, changedVersions: ReadonlySet<string>): boolean {
  if (output.type === 'document') {
    if (output.rank === 'index') return true;
    if (output.isUntouchedBy?.(changedVersions)) return false;
  }
  return output.version === undefined || changedVersions.has(output.version);
}

/** Everything that is stored for a package: its documents and the links to its files, of all protocols. */
export function renderView(protocols: readonly Protocol[], view: PackageView, baseUrl: string): Output[] {
  const context = contextOf(baseUrl, view.feed);
  return protocols
    .filter((protocol) => protocol.ecosystem === view.ecosystem)
    .flatMap((protocol) => protocol.render(view, context));
}

/**
 * In the order in which they are to go: indexes before the leaves and links that they lead to.
 * @returns paths of the documents and links that are there before a change and not after it; undefined: the package is gone
 */
export function pathsLost(
  { protocols, baseUrl }: { readonly protocols: readonly Protocol[]; readonly baseUrl: string },
  before: PackageView,
  after: PackageView | undefined,
): string[] {
  const pathsOf = (view: PackageView) => renderView(protocols, view, baseUrl).map((output) => output.path);
  const kept = new Set(after ? pathsOf(after) : []);
  const lost = renderView(protocols, before, baseUrl).filter(({ path }) => !kept.has(path));
  const isIndex = (output: Output) => output.type === 'document' && output.rank === 'index';
  return [...lost.filter(isIndex), ...lost.filter((output) => !isIndex(output))].map(({ path }) => path);
}

async function feedPlace(db: CatalogueDatabase, feedId: Int64): Promise<FeedPlace> {
  return placeOf(await db.selectFrom('feeds').selectAll().where('id', '=', feedId).executeTakeFirstOrThrow());
}

/** A package with thousands of leaves takes longer to write than a lease lasts. */
export async function renewLease(parts: LeaseParts, packageId: Int64): Promise<void> {
  if (parts.leases.heldUntil(packageId, parts.clock.now()) !== undefined) return;
  const lease = await takeLease(parts.db, packageId, parts.holder, parts.clock.now());
  if (!lease) throw new LeaseHeldError(`the documents of package ${packageId} were taken over by another process`);
}

/** @returns until when the lease is held, UTC milliseconds */
async function waitForLease(parts: RendererParts, packageId: Int64): Promise<number> {
  const heldUntil = parts.leases.heldUntil(packageId, parts.clock.now());
  if (heldUntil !== undefined) return heldUntil;
  const waitUntil = parts.clock.monotonicMs() + leaseWaitMs;
  for (;;) {
    const lease = await takeLease(parts.db, packageId, parts.holder, parts.clock.now());
    if (lease) return Number(lease.expiresAt);
    if (parts.clock.monotonicMs() > waitUntil) {
      throw new LeaseHeldError(`the documents of package ${packageId} are being written by another process`);
    }
    await parts.clock.sleep(leasePollMs);
  }
}
