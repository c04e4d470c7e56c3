/**
 * Loads, changes and removes advisories. An advisory is the installation's, of no feed: every feed lists it, and every package of
 * its name, in any feed, is rendered again. Several go in one transaction, together with the packages that they are about, so that
 * whatever is interrupted is completed like any other event (docs/decisions/0016-advisories.md).
 */
import { type Actor, appendAll, type CatalogueEvent, type MakeChange, packageOf } from '../catalogue/append.ts';
import type { CatalogueTransaction } from '../catalogue/database.ts';
import { newRecord } from '../catalogue/records.ts';
import type { AdvisoryRow } from '../catalogue/tables.ts';
import { documentTrustMs } from '../documents/trust.ts';
import type { Gallery } from '../gallery.ts';
import { renderFeeds } from '../render/names.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { completeChange } from '../upkeep/complete.ts';
import type { Ecosystem } from '../validate/candidate.ts';
import type { Advisory } from './osv.ts';

/**
 * What became of an advisory. `unchanged`: what is here is as new, or newer. `elsewhere`: it is about no package of an ecosystem of
 * ours.
 */
export type Outcome = 'new' | 'changed' | 'unchanged' | 'withdrawn' | 'elsewhere';

export interface Loaded {
  /** One for each advisory, in order. */
  readonly outcomes: readonly Outcome[];
  /** Packages whose documents are written again. */
  readonly packages: number;
  /** Of these, how many could not be written now, and are completed later. */
  readonly owed: number;
}

/** Advisories in one transaction, at most. */
export const batchMax = 200;
const namesAtOnceMax = 500;

/**
 * Loads up to `batchMax` advisories. Packages show them when this has resolved; feeds when `announceAdvisories` has, which is called
 * once after all batches.
 */
export async function loadAdvisories(gallery: Gallery, actor: Actor, advisories: readonly Advisory[]): Promise<Loaded> {
  const outcomes: Outcome[] = [];
  const events = await appendAll(gallery, actor, 'advisory', async (transaction) => {
    const known = await knownRows(transaction, advisories);
    const makers: MakeChange[] = [];
    const touched = new TouchedNames();
    for (const { id, modifiedAt, isWithdrawn, rows } of advisories) {
      const before = known.get(id) ?? [];
      const isOlder = before.some((row) => row.modified_at >= BigInt(modifiedAt));
      const outcome = isOlder ? 'unchanged' : outcomeOf(before, rows, isWithdrawn);
      outcomes.push(outcome);
      if (outcome === 'unchanged' || outcome === 'elsewhere') continue;
      makers.push(() => ({ kind: 'advisory.loaded', advisory: id, rows }));
      touched.addDifferences(before, rows);
      known.set(id, rows);
    }
    return [...makers, ...(await touchPackages(transaction, touched))];
  });
  if (isRefusal(events)) throw new Error(events.message);
  return { outcomes, ...(await complete(gallery, events)) };
}

function outcomeOf(before: readonly AdvisoryRow[], rows: readonly AdvisoryRow[], isWithdrawn: boolean): Outcome {
  if (before.length === 0) return rows.length > 0 ? 'new' : isWithdrawn ? 'unchanged' : 'elsewhere';
  return isWithdrawn ? 'withdrawn' : 'changed';
}

/** @returns undefined when it is gone; `not-found` when it was not here */
export async function removeAdvisory(gallery: Gallery, actor: Actor, id: string): Promise<Refusal | undefined> {
  const events = await appendAll(gallery, actor, 'advisory', async (transaction) => {
    const before = (await knownRows(transaction, [{ id }])).get(id);
    if (before === undefined) return refuse('not-found', `There is no advisory "${id}" here.`);
    const touched = new TouchedNames();
    touched.addDifferences(before, []);
    return [
      () => ({ kind: 'advisory.loaded', advisory: id, rows: [] }),
      ...(await touchPackages(transaction, touched)),
    ];
  });
  if (isRefusal(events)) return events;
  await complete(gallery, events);
  await announceAdvisories(gallery);
  return undefined;
}

/** Writes the documents that list all advisories; when this has resolved, every feed shows what was loaded before. */
export async function announceAdvisories(gallery: Gallery): Promise<void> {
  await renderFeeds(gallery);
  await gallery.clock.sleep(documentTrustMs);
}

async function knownRows(
  transaction: CatalogueTransaction,
  advisories: readonly { readonly id: string }[],
): Promise<Map<string, readonly AdvisoryRow[]>> {
  const ids = advisories.map(({ id }) => id);
  const rows = await transaction.selectFrom('advisories').selectAll().where('advisory', 'in', ids).execute();
  return Map.groupBy(rows, (row) => row.advisory);
}

/** Names of packages whose documents tell something else after a change, by ecosystem. */
class TouchedNames {
  readonly names = new Map<Ecosystem, Set<string>>();

  /** A time that alone is newer changes no document. */
  addDifferences(before: readonly AdvisoryRow[], after: readonly AdvisoryRow[]): void {
    const told = new Set(before.map(tells));
    const tellsNow = new Set(after.map(tells));
    for (const row of [...before, ...after]) {
      if (told.has(tells(row)) && tellsNow.has(tells(row))) continue;
      const known = this.names.get(row.ecosystem) ?? new Set();
      this.names.set(row.ecosystem, known.add(row.normalized_name));
    }
  }
}

function tells(row: AdvisoryRow): string {
  return JSON.stringify([row.ecosystem, row.normalized_name, Number(row.severity), row.url, row.content]);
}

async function touchPackages(transaction: CatalogueTransaction, { names }: TouchedNames): Promise<MakeChange[]> {
  const makers: MakeChange[] = [];
  const feeds = (await transaction.selectFrom('feeds').select('id').execute()).map(({ id }) => id);
  for (const [ecosystem, wanted] of names) {
    const list = [...wanted].sort();
    for (let start = 0; start < list.length; start += namesAtOnceMax) {
      const packages = await transaction
        .selectFrom('packages')
        .selectAll()
        .where('feed_id', 'in', feeds)
        .where('ecosystem', '=', ecosystem)
        .where('normalized_name', 'in', list.slice(start, start + namesAtOnceMax))
        .orderBy('id')
        .execute();
      for (const row of packages) {
        makers.push((serial) => ({ kind: 'package.touched', package: { ...row, last_serial: serial } }));
      }
    }
  }
  return makers;
}

/** Writes records and documents. A package that cannot be written now holds up no other: its event stays owed. */
async function complete(
  gallery: Gallery,
  events: readonly CatalogueEvent[],
): Promise<{ packages: number; owed: number }> {
  const isTouch = (event: CatalogueEvent) => event.change.kind === 'package.touched';
  const loaded = events.filter((event) => !isTouch(event));
  await gallery.store.putAll([await Promise.all(loaded.map((event) => newRecord(gallery.store, gallery.key, event)))]);
  for (const { serial } of loaded) gallery.finisher.add({ serial, packageId: null, acknowledgedFileId: null });
  const touches = events.filter(isTouch);
  let owed = 0;
  for (const event of touches) {
    try {
      await completeChange(gallery, event);
    } catch (error) {
      owed += 1;
      const about = { err: error, package: packageOf(event).toString() };
      gallery.log.error(about, 'a package does not show its advisories yet; it stays owed');
    }
  }
  return { packages: touches.length, owed };
}
