/**
 * The look at the gallery between a kill and the next start, when nothing has been completed yet: everything acknowledged
 * must be there already, and nothing that is visible may be half there.
 */
import { blobKey } from '../../src/blobs/keys.ts';
import { localStore } from '../../src/blobs/local.ts';
import type { Ledger } from './ledger.ts';
import { type PackageFile, sha256Of } from './package-files.ts';
import type { Roles } from './roles.ts';
import type { StoredRecords } from './stored-records.ts';
import { type NamedFile, namedFiles, nameInDocuments } from './visible.ts';

/** Names of files whose bytes have been fetched and compared once. */
export type Inspected = Set<string>;

/**
 * @param acknowledged what to hold the gallery to; its packages are looked at whole
 * @param touched files that were sent without an answer: their packages are looked at too
 * @returns what is wrong, a sentence each
 */
export async function inspectAfterKill(
  roles: Roles,
  records: StoredRecords,
  ledger: Ledger,
  acknowledged: readonly PackageFile[],
  touched: readonly PackageFile[],
  inspected: Inspected,
): Promise<string[]> {
  await records.refresh();
  const problems: string[] = [];
  const packages = Map.groupBy(new Set([...acknowledged, ...touched]), ({ normalizedName }) => normalizedName);
  const looks = [...packages.values()].map(async (files) => {
    const named = await namedFiles(roles.url, files[0]!);
    for (const file of files) {
      if (acknowledged.includes(file)) problems.push(...(await missingOf(roles, records, ledger, file, named)));
    }
    const sent = new Map(
      [...ledger.sent.values()]
        .filter(({ normalizedName }) => normalizedName === files[0]!.normalizedName)
        .map((file) => [nameInDocuments(file), file]),
    );
    for (const [name, place] of named) {
      const file = sent.get(name);
      if (!file) problems.push(`${place.fileUrl} is visible, but nobody sent it`);
      else if (acknowledged.includes(file) || !inspected.has(file.sha256)) {
        problems.push(...(await halfThere(file, place)));
        inspected.add(file.sha256);
      }
    }
  });
  await Promise.all(looks);
  return problems;
}

/** What an acknowledged file lacks. */
async function missingOf(
  roles: Roles,
  records: StoredRecords,
  ledger: Ledger,
  file: PackageFile,
  named: ReadonlyMap<string, NamedFile>,
): Promise<string[]> {
  const problems: string[] = [];
  const place = named.get(nameInDocuments(file));
  if (!place) problems.push('no document names it');
  else if (!place.isInAllDocuments) problems.push('one of its documents does not name it');
  if (!records.tellsPublish(file)) problems.push('its record is not in the store');
  const blob = await localStore(roles.folders.store).get(blobKey(file.sha256));
  if (!blob) problems.push('its blob is not in the store');
  else if (sha256Of(blob) !== file.sha256) problems.push('its blob has other bytes');
  if (ledger.unlisted.has(file)) {
    if (place?.isListed) problems.push('its documents list it although it was unlisted');
    if (!records.tellsUnlisting(file)) problems.push('its unlisting has no record in the store');
  }
  return problems.map((problem) => `${file.filename} was acknowledged, but ${problem}`);
}

/** A file that a document names must be there with its bytes and its metadata, whether it was acknowledged or not. */
async function halfThere(file: PackageFile, place: NamedFile): Promise<string[]> {
  const problems: string[] = [];
  const parts = [
    { what: 'bytes', url: place.fileUrl, sha256: file.sha256 },
    { what: 'metadata', url: place.metadataUrl, sha256: file.metadataSha256 },
  ];
  for (const { what, url, sha256 } of parts) {
    // Source distributions of metadata before 2.2 have none beside them; these have.
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (!answer.ok) problems.push(`${file.filename} is visible, but its ${what} cannot be fetched: ${answer.status}`);
    else if (sha256Of(bytes) !== sha256) problems.push(`${file.filename} is visible, but its ${what} are others`);
  }
  return problems;
}
