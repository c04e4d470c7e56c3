/** The first schema. */
import type { Migration } from './migration.ts';

export const first: Migration = {
  number: 1,
  name: 'first',
  isBreaking: false,
  statements: (int64) => [
    `create table serial (id ${int64} primary key check (id = 1), value ${int64} not null)`,
    `insert into serial (id, value) values (1, 0)`,

    `create table feeds (
       id ${int64} primary key, name text not null unique, is_private ${int64} not null, created_at ${int64} not null)`,

    `create table principals (
       id ${int64} primary key, kind text not null, name text not null unique, created_at ${int64} not null)`,
    `create table roles (
       id ${int64} primary key,
       principal_id ${int64} not null references principals (id),
       feed_id ${int64} references feeds (id),
       package_id ${int64},
       role text not null, created_at ${int64} not null)`,
    `create index roles_by_principal on roles (principal_id)`,
    `create index roles_by_package on roles (package_id)`,
    `create table memberships (
       id ${int64} primary key,
       organisation_id ${int64} not null references principals (id),
       member_id ${int64} not null references principals (id),
       created_at ${int64} not null, unique (organisation_id, member_id))`,
    `create index memberships_by_member on memberships (member_id)`,
    `create table tokens (
       id ${int64} primary key,
       principal_id ${int64} not null references principals (id),
       digest text not null unique, scopes text not null, feeds text not null, packages text not null,
       description text not null, created_at ${int64} not null, expires_at ${int64}, revoked_at ${int64},
       last_used_at ${int64})`,

    `create table packages (
       id ${int64} primary key,
       feed_id ${int64} not null references feeds (id),
       ecosystem text not null, name text not null, normalized_name text not null,
       created_at ${int64} not null, last_serial ${int64} not null,
       unique (feed_id, ecosystem, normalized_name))`,
    `create table versions (
       id ${int64} primary key,
       package_id ${int64} not null references packages (id),
       version text not null, normalized_version text not null, sort_key text not null,
       is_prerelease ${int64} not null, kind text not null, is_listed ${int64} not null, unlisted_reason text not null,
       metadata text not null, created_at ${int64} not null,
       unique (package_id, normalized_version))`,
    `create table files (
       id ${int64} primary key,
       package_id ${int64} not null references packages (id),
       version_id ${int64} not null references versions (id),
       filename text not null, kind text not null, size_bytes ${int64} not null,
       sha256 text not null, sha512 text not null, blake2b_256 text not null, md5 text not null, sha1 text not null,
       metadata text not null, extracts text not null,
       uploaded_at ${int64} not null, uploaded_by ${int64} not null, is_acknowledged ${int64} not null,
       unique (package_id, filename))`,
    `create index files_by_version on files (version_id)`,
    `create index files_by_sha256 on files (sha256)`,
    `create index files_by_blake2b_256 on files (blake2b_256)`,
    `create table tombstones (
       feed_id ${int64} not null, ecosystem text not null, digest text not null, serial ${int64} not null,
       primary key (feed_id, ecosystem, digest))`,

    `create table events (
       serial ${int64} primary key, at ${int64} not null, kind text not null,
       feed_id ${int64}, package_id ${int64}, version_id ${int64},
       actor text not null, cause text not null, change text not null)`,
    `create index events_by_package on events (package_id, serial)`,
    `create table outstanding (
       serial ${int64} primary key, package_id ${int64}, normalized_version text)`,
    `create index outstanding_by_package on outstanding (package_id)`,
    `create table render_leases (
       package_id ${int64} primary key, holder text not null, fence ${int64} not null, expires_at ${int64} not null)`,
    `create table jobs (
       id ${int64} primary key, lane text not null, job_key text not null,
       enqueued_at ${int64} not null, run_at ${int64} not null, attempts ${int64} not null, generation ${int64} not null,
       locked_by text, locked_until ${int64}, last_error text,
       unique (lane, job_key))`,
    `create index jobs_by_run on jobs (lane, run_at)`,
  ],
};
