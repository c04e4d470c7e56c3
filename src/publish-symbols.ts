/**
 * Publishes the symbol package of a version, top to bottom, in the order of publish.ts: what is acknowledged is durable, and
 * debuggers find it. Nothing is unpacked for whoever may not publish here.
 */
import type { Credentials } from './access/access-document.ts';
import { actorOf, authenticate } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { blobKey } from './blobs/keys.ts';
import { type Actor, append, packageOf } from './catalogue/append.ts';
import type { CatalogueDatabase, CatalogueTransaction } from './catalogue/database.ts';
import { AlreadyPublished, refuseClosed } from './catalogue/publish-file.ts';
import { prepareSymbols } from './catalogue/publish-symbols.ts';
import { findVersion } from './catalogue/queries/find.ts';
import type { FinishedEvent } from './catalogue/queries/finish-events.ts';
import type { PackageRow, VersionRow } from './catalogue/tables.ts';
import type { Gallery } from './gallery.ts';
import type { Int64 } from './std/int64.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { discard, type Received } from './upload/receive.ts';
import {
  type InspectedSymbols,
  removeUnpacked,
  type SymbolsSubject,
  type UnpackedSymbol,
} from './validate/snupkg/inspect.ts';

/** One upload, as its protocol understands it. */
export interface SymbolsUpload {
  readonly feedName: string;
  /** Takes the body in. */
  receive(): Promise<Received | Refusal>;
  /** Reads the archive; asks `admit` before it unpacks anything. */
  inspect(
    received: Received,
    admit: (subject: SymbolsSubject) => Promise<Refusal | undefined>,
  ): Promise<InspectedSymbols | Refusal>;
  /** The path inside the feed at which debuggers ask for a symbol file. */
  pathOf(file: UnpackedSymbol): string;
}

/** On whose behalf symbols are published. */
export interface SymbolsPublisher {
  readonly actor: Actor;
  /** Why, as of `append`. */
  readonly cause: string;
  readonly principalId: Int64;
  /** Finds the package, if it may have symbols from this publisher. */
  find(db: Db, address: PackageAddress): Promise<{ found: PackageRow } | Refusal>;
}

type Db = CatalogueDatabase | CatalogueTransaction;

/** @returns undefined when debuggers find the symbols; refuses, or fails when a part of the gallery is away */
export async function publishSymbols(
  gallery: Gallery,
  upload: SymbolsUpload & { readonly credentials: Credentials | undefined },
): Promise<Refusal | undefined> {
  const identity = await authenticate(gallery.db, upload.credentials, gallery.clock.now());
  if (isRefusal(identity)) return identity;
  const release = gallery.uploads.enter();
  if (isRefusal(release)) return release;
  const publisher: SymbolsPublisher = {
    actor: actorOf(identity),
    cause: 'upload',
    principalId: identity.principalId,
    find: (db, address) => findAllowed(db, identity, address, 'push-version'),
  };
  try {
    return await publishSymbolsAs(gallery, publisher, upload);
  } finally {
    release();
  }
}

/** As `publishSymbols`, for whoever is known already. */
export async function publishSymbolsAs(
  gallery: Gallery,
  publisher: SymbolsPublisher,
  upload: SymbolsUpload,
): Promise<Refusal | undefined> {
  const received = await upload.receive();
  if (isRefusal(received)) return received;
  const finished = await inspectAndCommit(gallery, publisher, upload, received).finally(() => discard(received.file));
  if (isRefusal(finished)) return finished;
  gallery.finisher.add(finished);
  return undefined;
}

async function inspectAndCommit(
  gallery: Gallery,
  publisher: SymbolsPublisher,
  upload: SymbolsUpload,
  received: Received,
): Promise<FinishedEvent | Refusal> {
  const inspected = await upload.inspect(received, async (subject) => {
    const parent = await findParent(gallery.db, publisher, upload.feedName, subject);
    return isRefusal(parent) ? parent : undefined;
  });
  if (isRefusal(inspected)) return inspected;
  return commit(gallery, publisher, upload, received, inspected).finally(() => removeUnpacked(inspected.files));
}

/** The version that the symbols belong to, if whoever asks may publish to it. */
async function findParent(
  db: Db,
  publisher: SymbolsPublisher,
  feedName: string,
  { name, normalizedName, normalizedVersion }: SymbolsSubject,
): Promise<{ found: PackageRow; version: VersionRow } | Refusal> {
  const allowed = await publisher.find(db, { feedName, ecosystem: 'nupkg', normalizedName });
  const missing = `There is no ${name} ${normalizedVersion} here; push the package before its symbols.`;
  if (isRefusal(allowed)) return allowed.code === 'not-found' ? allowed.withMessage(missing) : allowed;
  const { found } = allowed;
  const version = await findVersion(db, found.id, normalizedVersion);
  if (!version) return refuse('not-found', missing);
  return refuseClosed(found) ?? { found, version };
}

async function commit(
  gallery: Gallery,
  publisher: SymbolsPublisher,
  upload: SymbolsUpload,
  received: Received,
  { subject, files }: InspectedSymbols,
): Promise<FinishedEvent | Refusal> {
  const symbols = distinctSymbols(files, upload.pathOf);
  if (isRefusal(symbols)) return symbols;
  const whole = { key: blobKey(received.file.digests.sha256), file: received.file.path };
  await gallery.store.putAll([[whole, ...files.map(({ sha256, path }) => ({ key: blobKey(sha256), file: path }))]]);
  const { digests, sizeBytes } = received.file;
  const made = { filename: subject.filename, digests, sizeBytes, symbols, principalId: publisher.principalId };
  // Asked once more where it counts: the version may have been deleted meanwhile.
  const event = await append(gallery, publisher.actor, publisher.cause, async (transaction) => {
    const parent = await findParent(transaction, publisher, upload.feedName, subject);
    return isRefusal(parent) ? parent : prepareSymbols(transaction, parent.found, parent.version, made);
  });
  if (event instanceof AlreadyPublished) {
    await gallery.renderer.renderPackage(event.packageId, event.serial);
    return { serial: event.serial, packageId: event.packageId, acknowledgedFileId: event.serial };
  }
  if (isRefusal(event)) return event;
  await gallery.renderer.renderPackage(packageOf(event), event.serial);
  return { serial: event.serial, packageId: packageOf(event), acknowledgedFileId: event.serial };
}

/** A library for several frameworks may hold one symbol file in several folders; two different ones cannot have one path. */
function distinctSymbols(
  files: readonly UnpackedSymbol[],
  pathOf: SymbolsUpload['pathOf'],
): { path: string; sha256: string }[] | Refusal {
  const byPath = new Map<string, string>();
  for (const file of files) {
    const path = pathOf(file);
    const known = byPath.get(path);
    if (known !== undefined && known !== file.sha256) {
      return refuse(
        'metadata-invalid',
        `The symbol package holds two files ${file.name} of one id with different bytes.`,
      );
    }
    byPath.set(path, file.sha256);
  }
  return [...byPath].map(([path, sha256]) => ({ path, sha256 })).sort((a, b) => (a.path < b.path ? -1 : 1));
}
