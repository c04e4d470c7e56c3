/**
 * The catalogue's tables as TypeScript sees them. Every whole number is a BigInt (ids, serials, sizes, flags, times in UTC
 * milliseconds). An id is the serial of the event that made the row, so ids need no sequences of their own and come out equal
 * when the database is made again from the records.
 */
import type { PackageStatus } from '../documents/package-view.ts';
import type { Int64 } from '../std/int64.ts';
import type { Ecosystem, FileKind, PackageKind } from '../validate/candidate.ts';

/** 0n or 1n. */
export type Flag = Int64;

export interface FeedRow {
  id: Int64;
  name: string;
  is_private: Flag;
  created_at: Int64;
}

export type PrincipalKind = 'person' | 'organisation' | 'ci';

export interface PrincipalRow {
  id: Int64;
  kind: PrincipalKind;
  name: string;
  created_at: Int64;
}

/** What a principal may do: `administrator` of all (no feed, no package), of a feed; `owner` of a package; and so on. */
export type RoleName = 'administrator' | 'publisher' | 'reader' | 'owner';

export interface RoleRow {
  id: Int64;
  principal_id: Int64;
  feed_id: Int64 | null;
  package_id: Int64 | null;
  role: RoleName;
  created_at: Int64;
}

/** A member of an organisation has the roles of the organisation. */
export interface MembershipRow {
  id: Int64;
  organisation_id: Int64;
  member_id: Int64;
  created_at: Int64;
}

export interface TokenRow {
  id: Int64;
  principal_id: Int64;
  /** SHA-256 of the token, hexadecimal. The token itself is never stored. */
  digest: string;
  /** JSON list of scopes. */
  scopes: string;
  /** JSON list of feed names; `["*"]` for all. */
  feeds: string;
  /** JSON list of package globs; `["*"]` for all. */
  packages: string;
  description: string;
  created_at: Int64;
  expires_at: Int64 | null;
  revoked_at: Int64 | null;
}

export interface PackageRow {
  id: Int64;
  feed_id: Int64;
  ecosystem: Ecosystem;
  name: string;
  normalized_name: string;
  created_at: Int64;
  /** Serial of the newest event about the package. */
  last_serial: Int64;
  status: PackageStatus;
  /** Shown to users; empty for none. */
  status_reason: string;
}

export interface VersionRow {
  id: Int64;
  package_id: Int64;
  version: string;
  normalized_version: string;
  sort_key: string;
  is_prerelease: Flag;
  kind: PackageKind;
  is_listed: Flag;
  unlisted_reason: string;
  /** JSON. */
  metadata: string;
  created_at: Int64;
  /** JSON of documents/package-view.ts `Deprecation`; empty when the version is not deprecated. */
  deprecation: string;
}

export interface FileRow {
  id: Int64;
  package_id: Int64;
  version_id: Int64;
  filename: string;
  kind: FileKind;
  size_bytes: Int64;
  sha256: string;
  sha512: string;
  blake2b_256: string;
  md5: string;
  sha1: string;
  /** JSON. */
  metadata: string;
  /** JSON list of {name, sha256, sizeBytes, contentType}. */
  extracts: string;
  uploaded_at: Int64;
  uploaded_by: Int64;
  /** 0 when this one file is yanked; its version may be yanked besides. */
  is_listed: Flag;
  unlisted_reason: string;
}

/** Where a symbol file out of a symbol package is served; two packages may hold the same one. */
export interface SymbolRow {
  file_id: Int64;
  feed_id: Int64;
  /** Path inside the feed. */
  path: string;
  sha256: string;
}

/** What is known of a vulnerability, for one package that it is about. Not of a feed: it is true of every feed. */
export interface AdvisoryRow {
  /** Its id, such as `GHSA-…` or `CVE-…`. */
  advisory: string;
  ecosystem: Ecosystem;
  normalized_name: string;
  /** 0 low, 1 moderate, 2 high, 3 critical, as NuGet counts. */
  severity: Int64;
  url: string;
  /** JSON: what documents tell of it, and which versions it is about. */
  content: string;
  /** UTC milliseconds. */
  modified_at: Int64;
}

/** A name that is never used again. Only a digest of it is kept, so that a million of them stay small. */
export interface TombstoneRow {
  feed_id: Int64;
  ecosystem: Ecosystem;
  /** First 16 bytes of the SHA-256 of `file:NAME`, `version:NAME/VERSION` or `package:NAME`, hexadecimal. */
  digest: string;
  serial: Int64;
}

export interface EventRow {
  serial: Int64;
  /** UTC milliseconds. */
  at: Int64;
  kind: string;
  feed_id: Int64 | null;
  package_id: Int64 | null;
  version_id: Int64 | null;
  /** JSON: {principalId, tokenId} or {system}. */
  actor: string;
  cause: string;
  /** JSON: everything that is needed to do it again. */
  change: string;
}

/** An event whose record and documents are not yet known to be written; gone a moment after the answer. */
export interface OutstandingRow {
  serial: Int64;
  package_id: Int64 | null;
  normalized_version: string | null;
}

export interface RenderLeaseRow {
  package_id: Int64;
  holder: string;
  fence: Int64;
  expires_at: Int64;
}

export interface JobRow {
  id: Int64;
  lane: string;
  /** Two jobs of one lane and key are one job. */
  job_key: string;
  enqueued_at: Int64;
  run_at: Int64;
  attempts: Int64;
  /** Raised at every enqueuing: a worker that finishes an older generation leaves the newer one in the queue. */
  generation: Int64;
  locked_by: string | null;
  locked_until: Int64 | null;
  last_error: string | null;
}

export interface Tables {
  feeds: FeedRow;
  principals: PrincipalRow;
  roles: RoleRow;
  memberships: MembershipRow;
  tokens: TokenRow & { last_used_at: Int64 | null };
  packages: PackageRow;
  versions: VersionRow;
  files: FileRow & { is_acknowledged: Flag };
  symbols: SymbolRow;
  advisories: AdvisoryRow;
  tombstones: TombstoneRow;
  events: EventRow;
  outstanding: OutstandingRow;
  render_leases: RenderLeaseRow;
  jobs: JobRow;
  serial: { id: Int64; value: Int64; at: Int64 };
  migrations: { number: Int64; name: string; is_breaking: Flag; applied_at: Int64 };
}
