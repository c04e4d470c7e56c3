/**
 * What publishing one file means in the catalogue: a version's bytes never change, a name that was deleted is never used
 * again, and the same file sent again by whoever never got an answer is the same publish.
 */
import type { Digests } from '../documents/package-view.ts';
import type { Int64 } from '../std/int64.ts';
import { writeJson } from '../std/json.ts';
import { Refusal, refuse } from '../std/refusals.ts';
import type { Candidate, StoredExtract } from '../validate/candidate.ts';
import type { MakeChange } from './append.ts';
import type { CatalogueTransaction } from './database.ts';
import type { FeedRow, FileRow, PackageRow, VersionRow } from './tables.ts';
import { findHeldName, type HeldName } from './tombstones.ts';

export interface FileToPublish {
  readonly feed: FeedRow;
  readonly candidate: Candidate;
  readonly digests: Digests;
  readonly sizeBytes: number;
  /** Digest and size of each extract, in the candidate's order. */
  readonly extracts: readonly StoredExtract[];
  readonly principalId: Int64;
  readonly limits: PublishLimits;
}

/** How much a package may grow. */
export interface PublishLimits {
  /** All files of a package together, in bytes; 0 for no limit. */
  readonly packageBytesMax: number;
  /** Age up to which a Python release takes files, in days; 0 for no limit. */
  readonly pythonReleaseAgeMaxDays: number;
  /** UTC milliseconds. */
  readonly now: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The very same file is there already: no conflict for some protocols, and none for whoever never got an answer. */
export class AlreadyPublished extends Refusal {
  readonly packageId: Int64;
  /** Serial of the event that published it, which is also the file's id. */
  readonly serial: Int64;
  /** True when the earlier publish was never answered and this is the same principal trying again. */
  readonly isRetry: boolean;

  constructor(message: string, packageId: Int64, serial: Int64, isRetry: boolean) {
    super('file-exists', message);
    this.packageId = packageId;
    this.serial = serial;
    this.isRetry = isRetry;
  }
}

/** @returns how to make the change; or what is there already; or `file-exists`, `name-held`, `package-full`, `release-closed` */
export async function preparePublish(
  transaction: CatalogueTransaction,
  upload: FileToPublish,
): Promise<MakeChange | Refusal> {
  const { candidate, feed } = upload;
  const held = await findHeldName(transaction, feed.id, candidate.ecosystem, namesOf(candidate));
  if (held) return refuse('name-held', heldSentence(held, candidate));
  const existing = await transaction
    .selectFrom('packages')
    .selectAll()
    .where('feed_id', '=', feed.id)
    .where('ecosystem', '=', candidate.ecosystem)
    .where('normalized_name', '=', candidate.normalizedName)
    .executeTakeFirst();
  const closed = existing && refuseClosed(existing);
  if (closed) return closed;
  const version =
    existing &&
    (await transaction
      .selectFrom('versions')
      .selectAll()
      .where('package_id', '=', existing.id)
      .where('normalized_version', '=', candidate.normalizedVersion)
      .executeTakeFirst());
  const conflict = existing && (await findConflict(transaction, upload, existing, version));
  if (conflict) return conflict;
  const limit = await findLimit(transaction, upload, existing, version);
  if (limit) return limit;
  return (serial, at) => makeChange(upload, existing, version, serial, at);
}

/** @returns `package-closed` when the package takes no uploads */
export function refuseClosed({ name, status, status_reason: reason }: PackageRow): Refusal | undefined {
  if (status !== 'archived' && status !== 'quarantined') return undefined;
  return refuse('package-closed', `"${name}" is ${status} and takes no uploads${reason === '' ? '.' : `: ${reason}`}`);
}

function namesOf(candidate: Candidate): HeldName[] {
  const { normalizedName, normalizedVersion, filename } = candidate;
  return [
    { kind: 'package', name: normalizedName },
    { kind: 'version', name: `${normalizedName}/${normalizedVersion}` },
    { kind: 'file', name: filename.toLowerCase() },
  ];
}

function heldSentence(held: HeldName, candidate: Candidate): string {
  if (held.kind === 'package') {
    return `The package name "${candidate.name}" belonged to a package that was deleted; it is never used again.`;
  }
  if (held.kind === 'version') {
    return `${candidate.name} ${candidate.version} was deleted; a deleted version is never published again.`;
  }
  return `The file name ${candidate.filename} belonged to a file that was deleted; publish a new version.`;
}

async function findConflict(
  transaction: CatalogueTransaction,
  upload: FileToPublish,
  existing: PackageRow,
  version: VersionRow | undefined,
): Promise<Refusal | undefined> {
  const { candidate, digests } = upload;
  const files = await transaction
    .selectFrom('files')
    .selectAll()
    .where((where) =>
      where.or([
        where('version_id', '=', version?.id ?? -1n),
        // Each with its own index: a package may have ten thousand files.
        where.and([where('package_id', '=', existing.id), where('filename', '=', candidate.filename)]),
        where.and([where('package_id', '=', existing.id), where('blake2b_256', '=', digests.blake2b256)]),
      ]),
    )
    .execute();
  const sameName = files.find((file) => file.filename.toLowerCase() === candidate.filename.toLowerCase());
  if (sameName && sameName.sha256 === digests.sha256) {
    const isRetry = sameName.is_acknowledged === 0n && sameName.uploaded_by === upload.principalId;
    return new AlreadyPublished(existsSentence(candidate, sameName), existing.id, sameName.id, isRetry);
  }
  const sameBytes = files.find((file) => file.sha256 === digests.sha256);
  const rival = sameName ?? sameBytes;
  if (rival) return refuse('file-exists', existsSentence(candidate, rival));
  const excluding = files.find((file) => excludes(file, candidate, version));
  if (excluding && candidate.fileKind === 'sdist') {
    const release = `${candidate.name} ${candidate.version}`;
    return refuse(
      'sdist-exists',
      `${release} has a source distribution, ${excluding.filename}; a release has only one.`,
    );
  }
  return excluding && refuse('file-exists', existsSentence(candidate, excluding));
}

/** A version has one source distribution, and one package file where the ecosystem has only one. */
function excludes(file: FileRow, candidate: Candidate, version: VersionRow | undefined): boolean {
  return file.version_id === version?.id && file.kind === candidate.fileKind && candidate.fileKind !== 'wheel';
}

/** Asked last, so that the same file sent again is still no error. */
async function findLimit(
  transaction: CatalogueTransaction,
  { candidate, sizeBytes, limits }: FileToPublish,
  existing: PackageRow | undefined,
  version: VersionRow | undefined,
): Promise<Refusal | undefined> {
  const { packageBytesMax, pythonReleaseAgeMaxDays, now } = limits;
  if (version && candidate.ecosystem === 'python' && pythonReleaseAgeMaxDays > 0) {
    if (BigInt(now) - version.created_at > BigInt(pythonReleaseAgeMaxDays * dayMs)) {
      const release = `${candidate.name} ${candidate.version}`;
      return refuse(
        'release-closed',
        `${release} is older than ${pythonReleaseAgeMaxDays} days and takes no more files; publish a new version.`,
      );
    }
  }
  if (packageBytesMax === 0) return undefined;
  const { total } = await transaction
    .selectFrom('files')
    .select((of) => of.fn.sum<Int64 | null>('size_bytes').as('total'))
    .where('package_id', '=', existing?.id ?? -1n)
    .executeTakeFirstOrThrow();
  if ((total ?? 0n) + BigInt(sizeBytes) <= BigInt(packageBytesMax)) return undefined;
  return refuse(
    'package-full',
    `With this file ${candidate.name} would be larger than a package may be here (${packageBytesMax} bytes); delete old versions first.`,
  );
}

function existsSentence(candidate: Candidate, rival: FileRow): string {
  const subject = candidate.ecosystem === 'nupkg' ? `${candidate.name} ${candidate.version}` : rival.filename;
  return `${subject} already exists in this feed; what was published never changes, publish a new version.`;
}

function makeChange(
  upload: FileToPublish,
  existing: PackageRow | undefined,
  existingVersion: VersionRow | undefined,
  serial: Int64,
  at: Int64,
): ReturnType<MakeChange> {
  const { candidate, feed, principalId } = upload;
  const row: PackageRow = {
    id: existing?.id ?? serial,
    feed_id: feed.id,
    ecosystem: candidate.ecosystem,
    name: candidate.name,
    normalized_name: candidate.normalizedName,
    created_at: existing?.created_at ?? at,
    last_serial: serial,
    status: existing?.status ?? 'active',
    status_reason: existing?.status_reason ?? '',
  };
  const version: VersionRow = existingVersion ?? {
    id: serial,
    package_id: row.id,
    version: candidate.version,
    normalized_version: candidate.normalizedVersion,
    sort_key: candidate.sortKey,
    is_prerelease: candidate.isPrerelease ? 1n : 0n,
    kind: candidate.kind,
    is_listed: 1n,
    unlisted_reason: '',
    metadata: writeJson(candidate.versionMetadata),
    created_at: at,
    deprecation: '',
  };
  const owner = existing
    ? null
    : {
        id: serial,
        principal_id: principalId,
        feed_id: null,
        package_id: row.id,
        role: 'owner' as const,
        created_at: at,
      };
  return {
    kind: 'file.published',
    package: row,
    version,
    file: makeFile(upload, row.id, version.id, serial, at),
    owner,
  };
}

function makeFile(upload: FileToPublish, packageId: Int64, versionId: Int64, serial: Int64, at: Int64): FileRow {
  const { candidate, digests } = upload;
  return {
    id: serial,
    package_id: packageId,
    version_id: versionId,
    filename: candidate.filename,
    kind: candidate.fileKind,
    size_bytes: BigInt(upload.sizeBytes),
    sha256: digests.sha256,
    sha512: digests.sha512,
    blake2b_256: digests.blake2b256,
    md5: digests.md5,
    sha1: digests.sha1,
    metadata: writeJson(candidate.fileMetadata),
    extracts: writeJson(upload.extracts),
    uploaded_at: at,
    uploaded_by: upload.principalId,
    is_listed: 1n,
    unlisted_reason: '',
  };
}
