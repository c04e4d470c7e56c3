/**
 * Conditions on entries, as pieces of statements: all text in them is ours, and all that somebody asked is a bound value. Each says
 * which tables it needs beyond the id, so that a statement joins what it uses and no more.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Asker } from './asker.ts';
import { needsPrerelease, needsSemVer2 } from './entries.ts';
import { idsOfFeed } from './entry-id.ts';
import type { Question } from './question.ts';

/** `entries e`, `versions v`, `tag_texts t`, `feed_entries f`; or an index of its own, which needs no join. */
export type Need = 'entries' | 'versions' | 'tags' | 'feedEntry' | 'index';

export interface Condition {
  /** @param id how the statement names the id of an entry; `bits` of `totals` will do for a condition that needs nothing */
  readonly sql: (id: string) => string;
  readonly values: readonly SQLInputValue[];
  readonly needs: readonly Need[];
}

/** It took too long. */
export class TooSlowError extends Error {}

/** The clock is looked at once in so many entries, or versions; a power of two. */
const checkEvery = 128;
/** Conditions of more characters, as a long filter makes them, are so much work that the clock is looked at for each row. */
const longConditions = 2_000;

/** A condition on the last byte of the id. */
export function someBit(mask: number): Condition {
  return { sql: (id) => `(${id} & ${mask}) <> 0`, values: [], needs: [] };
}

export function noBit(mask: number): Condition {
  return { sql: (id) => `(${id} & ${mask}) = 0`, values: [], needs: [] };
}

/** Whether conditions can be asked of the rows of `totals`. */
export function areOfId(conditions: readonly Condition[]): boolean {
  return conditions.every(({ needs }) => needs.length === 0);
}

/** Where entries come from: a table or an index with a condition of its own. */
export interface Source {
  /** Behind `from`. */
  readonly from: string;
  readonly id: string;
  /** Behind `where`. */
  readonly where: string;
  readonly values: readonly SQLInputValue[];
  /** True when it is the table `entries e`. */
  readonly hasEntries?: boolean;
  /** Conditions that hold for this source alone. */
  readonly conditions?: readonly Condition[];
}

export interface Piece {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** How `versions v` belongs to `entries e`: the version of the entry, unless said otherwise. */
const ownVersion = 'v.package_id = e.package_id and v.position = e.position';

/** @param versions how versions belong to an entry @returns the join of each table that is needed */
export function joinsOf(needs: ReadonlySet<Need>, id: string, hasEntries: boolean, versions = ownVersion): string {
  const joins: string[] = [];
  if (!hasEntries && (needs.has('entries') || needs.has('versions')))
    joins.push(`cross join entries e on e.id = ${id}`);
  if (needs.has('versions')) joins.push(`cross join versions v on ${versions}`);
  if (needs.has('tags')) joins.push(`left join tag_texts t on t.entry_id = ${id}`);
  if (needs.has('feedEntry')) joins.push(`left join feed_entries f on f.entry_id = ${id}`);
  return joins.join(' ');
}

/** What comes behind `from`: a source, joined as its conditions need it, and all conditions, the clock's among them. */
export function fromWhere(
  source: Source,
  conditions: readonly Condition[],
  more: { readonly needs?: readonly Need[]; readonly versions?: string } = {},
): Piece {
  const { id, hasEntries = false } = source;
  const all = [...conditions, ...(source.conditions ?? [])];
  const needs = new Set([...all.flatMap((condition) => condition.needs), ...(more.needs ?? [])]);
  const wheres = all.map(({ sql }) => sql(id));
  const isLong = wheres.reduce((sum, { length }) => sum + length, 0) > longConditions;
  const inTime = (number: string) => `((${number} & ${isLong ? 0 : checkEvery - 1}) <> 0 or in_time())`;
  // They stand before the conditions: behind one that is false nothing is asked any more. A package may have very many versions.
  const clock = [inTime(`(${id} >> 8)`), ...(more.versions === undefined ? [] : [inTime('(v.position + 1)')])];
  return {
    sql: `${source.from} ${joinsOf(needs, id, hasEntries, more.versions)} where ${[source.where, ...clock, ...wheres].join(' and ')}`,
    values: [...source.values, ...all.flatMap(({ values }) => values)],
  };
}

type FullTextTable = 'texts' | 'tag_index' | 'id_index';

/** The entries of a feed that an expression of the full-text engine finds, the most popular ones first. */
export function matching(table: FullTextTable, feed: bigint, match: string): Source {
  return {
    from: table,
    id: `${table}.rowid`,
    where: `${table} match ? and ${table}.rowid between ? and ?`,
    values: [match, ...idsOfFeed(feed)],
  };
}

/** All entries of a feed, in the order of an index. */
export function entriesBy(index: 'entries_by_downloads' | 'entries_by_name', feed: bigint): Source {
  return { from: `entries e indexed by ${index}`, id: 'e.id', where: 'e.feed = ?', values: [feed], hasEntries: true };
}

/** All entries of a feed, as they lie in the file: the quickest way through all of them. */
export function entriesInPlace(feed: bigint): Source {
  const where = 'e.id between ? and ?';
  return { from: 'entries e not indexed', id: 'e.id', where, values: [...idsOfFeed(feed)], hasEntries: true };
}

export function countOf(db: DatabaseSync, { sql, values }: Piece): number {
  return Number(db.prepare(`select count(*) as total from ${sql}`).get(...values)?.total);
}

/** @param counted what is counted, as src/search/writer.ts keeps it */
export function totalOf(db: DatabaseSync, feed: bigint, counted: number, conditions: readonly Condition[]): number {
  const wheres = conditions.map(({ sql }) => ` and ${sql('bits')}`).join('');
  const row = db
    .prepare(`select coalesce(sum(total), 0) as total from totals where feed = ? and counted = ?${wheres}`)
    .get(feed, counted, ...conditions.flatMap(({ values }) => values));
  return Number(row?.total);
}

/** @returns the number of a feed in this file; undefined when nothing of it is in search */
export function feedNumberOf(db: DatabaseSync, name: string): bigint | undefined {
  return db.prepare('select number from feeds where name = ?').get(name)?.number as bigint | undefined;
}

/** What the asker sees, as src/search/entries.ts adds it up. */
export const wantsOf = ({ hasPrerelease, hasSemVer2 }: Asker) =>
  (hasPrerelease ? needsPrerelease : 0) | (hasSemVer2 ? needsSemVer2 : 0);

/** What a question says of ids and versions. */
export function namedConditions({ ids, versions }: Question, wants: number): Condition[] {
  const marks = (values: readonly string[]) => values.map(() => '?').join(', ');
  const conditions: Condition[] = [];
  if (ids.length > 0) {
    conditions.push({ sql: () => `e.normalized_id in (${marks(ids)})`, values: ids, needs: ['entries'] });
  }
  if (versions.length > 0) {
    const sql = `exists (select 1 from versions o where o.package_id = e.package_id and o.lower in (${marks(versions)})
      and (o.needs & ~${wants}) = 0)`;
    conditions.push({ sql: () => sql, values: versions, needs: ['entries'] });
  }
  return conditions;
}
