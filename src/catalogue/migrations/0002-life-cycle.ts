/**
 * What a package goes through after it was published: statuses, yanked files, deprecated versions, symbols, known
 * vulnerabilities. Every new column has a default, so that the previous program runs on this schema.
 */
import type { Migration } from './migration.ts';

export const lifeCycle: Migration = {
  number: 2,
  name: 'life cycle',
  isBreaking: false,
  statements: (int64) => [
    `alter table packages add column status text not null default 'active'`,
    `alter table packages add column status_reason text not null default ''`,
    `alter table versions add column deprecation text not null default ''`,
    `alter table files add column is_listed ${int64} not null default 1`,
    `alter table files add column unlisted_reason text not null default ''`,

    // Sums of sizes come from here alone: rows of files are large, and there are millions of them.
    `create index files_by_package on files (package_id, size_bytes)`,

    `create table symbols (
       file_id ${int64} not null references files (id) on delete cascade,
       feed_id ${int64} not null, path text not null, sha256 text not null,
       primary key (file_id, path))`,
    `create index symbols_by_path on symbols (feed_id, path)`,

    `create table advisories (
       advisory text not null, ecosystem text not null, normalized_name text not null,
       severity ${int64} not null, url text not null, content text not null, modified_at ${int64} not null,
       primary key (advisory, ecosystem, normalized_name))`,
    `create index advisories_by_package on advisories (ecosystem, normalized_name)`,
    // Finds the newest one of few among many: what a feed's documents tell of advisories is as new as that.
    `create index events_about_advisories on events (serial) where kind = 'advisory.loaded'`,

    // Whoever owns a hundred thousand packages has as many roles, and a request is about one of them.
    `create index roles_by_principal_and_package on roles (principal_id, package_id)`,

    // Each render asks for the newest event of every version; the index alone answers that.
    `create index events_by_version on events (package_id, version_id, serial)`,

    // The time of the newest event: times of events never fall while serials rise, whatever the clock does.
    `alter table serial add column at ${int64} not null default 0`,
    `update serial set at = coalesce((select max(at) from events), 0)`,
  ],
};
