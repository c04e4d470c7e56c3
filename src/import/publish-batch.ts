/**
 * Publishes what was staged, in the order of every publish: the catalogue, then records, leaves and links, then indexes. A batch
 * shares its transactions, and a package's documents are made once, however many of its files are in the batch.
 */
import { append, packageOf } from '../catalogue/append.ts';
import { AlreadyPublished, type FileToPublish, preparePublish } from '../catalogue/publish-file.ts';
import type { Gallery } from '../gallery.ts';
import { type PackageFailure, renderMany } from '../render/many.ts';
import type { Int64 } from '../std/int64.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import type { Crew } from '../upkeep/crew.ts';
import type { StagedFile } from './stage.ts';

/** A staged file with its name in the tree. */
export interface NamedFile {
  readonly name: string;
  readonly file: StagedFile;
}

/** How one file ended: it was imported, or it had been there before, or it is refused. */
export type Ending = 'imported' | 'there' | Refusal;

export interface Publisher {
  /** @returns how each file ended, by its name, once all that was imported is durable and visible */
  publish(batch: readonly NamedFile[]): Promise<Map<string, Ending>>;
  /** @returns how each would end, if nothing else of the batch were published before it */
  tryOut(batch: readonly NamedFile[]): Promise<Map<string, Ending>>;
}

interface Appended {
  readonly name: string;
  readonly ending: Ending;
  /** What is still owed for it, if it is imported now. */
  readonly event?: { readonly packageId: Int64; readonly serial: Int64 };
}

/** Who did it, as events tell. */
export const commandLine = { system: 'command line' };

/** @param principalId who becomes owner of new packages */
export async function publisher(gallery: Gallery, crew: Crew, principalId: Int64): Promise<Publisher> {
  const { value: startSerial } = await gallery.db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  const rendering = new Map<Int64, Promise<unknown>>();

  /** One render at a time for a package: another batch may be at it. Resolves with what failed. */
  async function renderInTurn(serials: ReadonlyMap<Int64, Int64>): Promise<readonly PackageFailure[]> {
    const before = [...serials.keys()].map((id) => rendering.get(id));
    const mine = Promise.allSettled(before).then(() => renderAll(gallery, crew, serials));
    for (const id of serials.keys()) rendering.set(id, mine);
    try {
      return await mine;
    } finally {
      for (const id of serials.keys()) if (rendering.get(id) === mine) rendering.delete(id);
    }
  }

  return {
    async publish(batch) {
      const appended = await Promise.all(
        inOrder(batch).map((one) => appendOne(gallery, principalId, startSerial, one)),
      );
      const serials = new Map<Int64, Int64>();
      for (const { event } of appended) if (event) serials.set(event.packageId, event.serial);
      const failures = new Map((await renderInTurn(serials)).map(({ packageId, reason }) => [packageId, reason]));
      const endings = new Map<string, Ending>();
      for (const { name, ending, event } of appended) {
        const failure = event && failures.get(event.packageId);
        // What could not be completed stays owed, and is tried again by the gallery.
        if (failure !== undefined) endings.set(name, refuse('unavailable', `Published, but not complete: ${failure}`));
        else endings.set(name, ending);
        if (event && failure === undefined) gallery.finisher.add({ ...event, acknowledgedFileId: event.serial });
      }
      return endings;
    },
    async tryOut(batch) {
      const endings = new Map<string, Ending>();
      for (const { name, file } of batch) {
        const outcome = await gallery.db
          .transaction()
          .execute((transaction) => preparePublish(transaction, wholeFile(gallery, principalId, file)));
        const isThere = outcome instanceof AlreadyPublished;
        endings.set(name, isThere ? 'there' : isRefusal(outcome) ? outcome : 'imported');
      }
      return endings;
    },
  };
}

/** Older versions first, so that a package's newest file says how its name is written. */
function inOrder(batch: readonly NamedFile[]): NamedFile[] {
  const keyOf = ({ file: { candidate } }: NamedFile) =>
    `${candidate.ecosystem} ${candidate.normalizedName}\0${candidate.sortKey}\0${candidate.filename}`;
  return batch
    .map((one) => ({ one, key: keyOf(one) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ one }) => one);
}

function wholeFile({ config, clock }: Gallery, principalId: Int64, file: StagedFile): FileToPublish {
  const { packageBytesMax, pythonReleaseAgeMaxDays } = config;
  return { ...file, principalId, limits: { packageBytesMax, pythonReleaseAgeMaxDays, now: clock.now() } };
}

async function appendOne(
  gallery: Gallery,
  principalId: Int64,
  startSerial: Int64,
  { name, file }: NamedFile,
): Promise<Appended> {
  const event = await append(gallery, commandLine, 'import', (transaction) =>
    preparePublish(transaction, wholeFile(gallery, principalId, file)),
  );
  if (event instanceof AlreadyPublished) {
    const { packageId, serial, isRetry } = event;
    // An import that was killed had published it, and was not there to see it through; or the tree has it twice.
    const isLeftOver = isRetry && serial <= startSerial;
    return isLeftOver ? { name, ending: 'imported', event: { packageId, serial } } : { name, ending: 'there' };
  }
  if (isRefusal(event)) return { name, ending: event };
  return { name, ending: 'imported', event: { packageId: packageOf(event), serial: event.serial } };
}

/** @param serials by package, up to which serial it is to be rendered */
async function renderAll(
  gallery: Gallery,
  crew: Crew,
  serials: ReadonlyMap<Int64, Int64>,
): Promise<readonly PackageFailure[]> {
  const now = gallery.clock.now();
  const until = [...serials.keys()].map((id) => ({ id, heldUntil: gallery.leases.heldUntil(id, now) }));
  const held = until.filter(({ heldUntil }) => heldUntil !== undefined);
  const failures: PackageFailure[] = [];
  if (held.length > 0) {
    const leaseUntil = BigInt(Math.min(...held.map(({ heldUntil }) => heldUntil ?? 0)));
    const packageIds = held.map(({ id }) => id);
    failures.push(...(await crew.do(renderMany, { packageIds, scope: 'owed' as const, leaseUntil })).failures);
  }
  // Another process has the lease, or ours is about to end: the renderer takes it when it can.
  for (const { id, heldUntil } of until) {
    if (heldUntil !== undefined) continue;
    await gallery.renderer.renderPackage(id, serials.get(id) ?? 0n).catch((error: unknown) => {
      failures.push({ packageId: id, reason: (error as Error).message });
    });
  }
  return failures;
}
