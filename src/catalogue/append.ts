/**
 * The only way to change what the catalogue says: one short transaction that checks, takes the next serial last, applies the change,
 * and notes what is still owed (record, documents, jobs). Whoever has read up to serial N never sees a new event below N.
 */
import { sql } from 'kysely';
import type { Clock } from '../std/clock.ts';
import { exactNumber, type Int64 } from '../std/int64.ts';
import { writeJson } from '../std/json.ts';
import { isRefusal, type Refusal } from '../std/refusals.ts';
import { isCanary } from './canaries.ts';
import { applyChange, type Change } from './changes.ts';
import type { CatalogueTransaction } from './database.ts';
import { enqueueJob } from './queries/enqueue-job.ts';
import { type HeldLeases, takeLease } from './queries/render-lease.ts';
import type { SharedTransactions } from './shared-transactions.ts';

/** Who did it. */
export type Actor = { readonly principalId: Int64; readonly tokenId: Int64 } | { readonly system: string };

export interface CatalogueEvent {
  readonly serial: Int64;
  /** UTC milliseconds. */
  readonly at: Int64;
  readonly actor: Actor;
  /** Why, in a word or a sentence: `upload`, `command line`. */
  readonly cause: string;
  readonly change: Change;
}

/** Makes the change once the serial is known; the serial is also the id of every new row. */
export type MakeChange = (serial: Int64, at: Int64) => Change;

/** In the lane `index`: every feed's own documents are made again, because they list all advisories. */
export const advisoriesJobKey = 'advisories:all';

/** What appending needs; a gallery has it. */
export interface Ledger {
  readonly transactions: SharedTransactions;
  readonly clock: Clock;
  /** The process that will write the documents; it takes the package's render lease in the same transaction. */
  readonly holder: string;
  readonly leases: HeldLeases;
}

/**
 * @param prepare reads what it must in the transaction and refuses, or says how to make the change
 * @returns the event, or the refusal of `prepare`, in which case nothing has happened
 */
export async function append(
  ledger: Ledger,
  actor: Actor,
  cause: string,
  prepare: (transaction: CatalogueTransaction) => Promise<MakeChange | Refusal>,
): Promise<CatalogueEvent | Refusal> {
  const { clock, holder, leases } = ledger;
  const now = clock.now();
  const appended = await ledger.transactions.share(async (transaction) => {
    const make = await prepare(transaction);
    if (isRefusal(make)) return { event: make };
    const event = await happen(transaction, actor, cause, make, now);
    const { package_id } = subjectOf(event.change);
    // Another process that is rendering it right now keeps it.
    return { event, lease: package_id === null ? undefined : await takeLease(transaction, package_id, holder, now) };
  });
  if (appended.lease) leases.note(appended.lease.packageId, exactNumber(appended.lease.expiresAt));
  return appended.event;
}

/**
 * As `append`, for several changes in one transaction, in this order. No lease is taken: who renders asks for it, package by
 * package, so that nobody waits for a package whose turn is far off.
 * @returns the events; or the refusal, in which case nothing has happened
 */
export async function appendAll(
  { transactions, clock }: Ledger,
  actor: Actor,
  cause: string,
  prepare: (transaction: CatalogueTransaction) => Promise<readonly MakeChange[] | Refusal>,
): Promise<readonly CatalogueEvent[] | Refusal> {
  return transactions.share(async (transaction) => {
    const makers = await prepare(transaction);
    if (isRefusal(makers)) return makers;
    const events: CatalogueEvent[] = [];
    for (const make of makers) events.push(await happen(transaction, actor, cause, make, clock.now()));
    return events;
  });
}

async function happen(
  transaction: CatalogueTransaction,
  actor: Actor,
  cause: string,
  make: MakeChange,
  now: number,
): Promise<CatalogueEvent> {
  const { serial, at } = await takeSerial(transaction, BigInt(now));
  const event: CatalogueEvent = { serial, at, actor, cause, change: make(serial, at) };
  await applyEvent(transaction, event);
  await owe(transaction, event);
  return event;
}

/** Times never fall while serials rise, whatever the clock does: mirrors remember up to which time they have seen everything. */
async function takeSerial(transaction: CatalogueTransaction, now: Int64): Promise<{ serial: Int64; at: Int64 }> {
  const row = await transaction
    .updateTable('serial')
    .set({ value: sql`value + 1`, at: sql`max(at, ${now})` })
    .where('id', '=', 1n)
    .returning(['value', 'at'])
    .executeTakeFirstOrThrow();
  return { serial: row.value, at: row.at };
}

/** Applies the change and keeps the event; used when it happens and when the catalogue is rebuilt. */
export async function applyEvent(transaction: CatalogueTransaction, event: CatalogueEvent): Promise<void> {
  await applyChange(transaction, event.change);
  await transaction
    .insertInto('events')
    .values({ serial: event.serial, at: event.at, ...subjectOf(event.change), ...described(event) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function described(event: CatalogueEvent) {
  return {
    kind: event.change.kind,
    actor: writeJson(event.actor),
    cause: event.cause,
    change: writeJson(event.change),
  };
}

/** What the event is about. */
export function subjectOf(change: Change): {
  feed_id: Int64 | null;
  package_id: Int64 | null;
  version_id: Int64 | null;
} {
  switch (change.kind) {
    case 'feed.created':
      return { feed_id: change.feed.id, package_id: null, version_id: null };
    case 'file.published':
      return { feed_id: change.package.feed_id, package_id: change.package.id, version_id: change.version.id };
    case 'version.listing':
    case 'version.deprecation':
    case 'version.deleted':
    case 'file.listing':
    case 'file.deleted':
    case 'symbols.published':
      return { feed_id: change.package.feed_id, package_id: change.package.id, version_id: change.versionId };
    case 'package.status':
    case 'package.touched':
    case 'package.deleted':
      return { feed_id: change.package.feed_id, package_id: change.package.id, version_id: null };
    default:
      return { feed_id: null, package_id: null, version_id: null };
  }
}

/** The package that an event is about; for events that are about one. */
export function packageOf(event: CatalogueEvent): Int64 {
  const { package_id } = subjectOf(event.change);
  if (package_id === null) throw new Error(`event ${event.serial} (${event.change.kind}) is about no package`);
  return package_id;
}

/** Notes in the same transaction what must follow: the record, the package's documents, and jobs. */
async function owe(transaction: CatalogueTransaction, event: CatalogueEvent): Promise<void> {
  const { change } = event;
  const subject = subjectOf(change);
  await transaction
    .insertInto('outstanding')
    .values({ serial: event.serial, package_id: subject.package_id, normalized_version: versionOf(change) })
    .execute();
  if ('package' in change && !isCanary(change.package)) {
    // Lists of names and news for Python, the catalog for NuGet.
    const key = `${change.package.ecosystem}:${change.package.feed_id}`;
    await enqueueJob(transaction, { lane: 'index', key, at: event.at });
  }
  if (change.kind === 'advisory.loaded') {
    await enqueueJob(transaction, { lane: 'index', key: advisoriesJobKey, at: event.at });
  }
  const searched = searchedPackageOf(change);
  if (searched !== null) {
    await enqueueJob(transaction, { lane: 'search', key: String(searched), at: event.at });
  }
}

/** The package of which search tells something else now. */
function searchedPackageOf(change: Change): Int64 | null {
  if ('package' in change) {
    return change.package.ecosystem === 'nupkg' && !isCanary(change.package) ? change.package.id : null;
  }
  return change.kind === 'role.granted' ? change.role.package_id : null;
}

function versionOf(change: Change): string | null {
  if (change.kind === 'file.published') return change.version.normalized_version;
  return 'normalizedVersion' in change ? change.normalizedVersion : null;
}
