/**
 * What publishing a symbol package means in the catalogue: it belongs to a version that is there, takes the place of the one that
 * the version had, and never changes what a debugger gets for another version.
 */
import type { Digests } from '../documents/package-view.ts';
import type { Int64 } from '../std/int64.ts';
import { type Refusal, refuse } from '../std/refusals.ts';
import type { MakeChange } from './append.ts';
import type { CatalogueTransaction } from './database.ts';
import { AlreadyPublished } from './publish-file.ts';
import { findSymbolRival } from './queries/symbol-claims.ts';
import type { FileRow, PackageRow, SymbolRow, VersionRow } from './tables.ts';

export interface SymbolsToPublish {
  /** As it is served. */
  readonly filename: string;
  readonly digests: Digests;
  readonly sizeBytes: number;
  /** One for each path. */
  readonly symbols: readonly Pick<SymbolRow, 'path' | 'sha256'>[];
  readonly principalId: Int64;
}

/**
 * @param found the package, which takes uploads
 * @param version the version whose symbols they are
 * @returns how to make the change; `AlreadyPublished` when the version has this very symbol package; `file-exists`
 */
export async function prepareSymbols(
  transaction: CatalogueTransaction,
  found: PackageRow,
  version: VersionRow,
  upload: SymbolsToPublish,
): Promise<MakeChange | Refusal> {
  const earlier = await transaction
    .selectFrom('files')
    .selectAll()
    .where('version_id', '=', version.id)
    .where('kind', '=', 'snupkg')
    .executeTakeFirst();
  if (earlier?.sha256 === upload.digests.sha256) {
    return new AlreadyPublished('This symbol package is here already.', found.id, earlier.id, true);
  }
  const rival = await findSymbolRival(transaction, found.feed_id, version.id, upload.symbols);
  if (rival) {
    const name = rival.path.slice(rival.path.lastIndexOf('/') + 1);
    return refuse('file-exists', `${rival.name} ${rival.version} has ${name} of the same id with other bytes.`);
  }
  const kept = new Set(upload.symbols.map(({ path }) => path));
  const paths = earlier ? (await pathsOf(transaction, earlier.id)).filter((path) => !kept.has(path)) : [];
  return (serial, at) => ({
    kind: 'symbols.published',
    package: { ...found, last_serial: serial },
    versionId: version.id,
    normalizedVersion: version.normalized_version,
    file: makeFile(found, version, upload, serial, at),
    symbols: upload.symbols.map(({ path, sha256 }) => ({ file_id: serial, feed_id: found.feed_id, path, sha256 })),
    paths,
  });
}

async function pathsOf(transaction: CatalogueTransaction, fileId: Int64): Promise<string[]> {
  const rows = await transaction.selectFrom('symbols').select('path').where('file_id', '=', fileId).execute();
  return rows.map(({ path }) => path);
}

function makeFile(
  found: PackageRow,
  version: VersionRow,
  { filename, digests, sizeBytes, principalId }: SymbolsToPublish,
  serial: Int64,
  at: Int64,
): FileRow {
  return {
    id: serial,
    package_id: found.id,
    version_id: version.id,
    filename,
    kind: 'snupkg',
    size_bytes: BigInt(sizeBytes),
    sha256: digests.sha256,
    sha512: digests.sha512,
    blake2b_256: digests.blake2b256,
    md5: digests.md5,
    sha1: digests.sha1,
    metadata: '{}',
    extracts: '[]',
    uploaded_at: at,
    uploaded_by: principalId,
    is_listed: 1n,
    unlisted_reason: '',
  };
}
