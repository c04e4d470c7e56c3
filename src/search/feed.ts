/**
 * Answers queries of the v2 protocol across packages: a page of versions that a filter lets through, and how many there are. Rows are
 * entries, where the newest versions are asked for, and otherwise versions: these have their own version, dates and whether they
 * are the latest, and all texts from the newest version that the asker sees.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Population } from '../protocols/nuget-v2/keys.ts';
import {
  areOfId,
  type Condition,
  countOf,
  entriesBy,
  entriesInPlace,
  feedNumberOf,
  fromWhere,
  joinsOf,
  namedConditions,
  noBit,
  type Piece,
  type Source,
  someBit,
  totalOf,
  wantsOf,
} from './conditions.ts';
import { filterBit, moduleKind, scriptKind } from './entries.ts';
import { moduleBit, scriptBit } from './entry-id.ts';
import { compileFilters, conjunctsOf, fieldOf, latestBits } from './feed-filter.ts';
import { hitsOf, type Row } from './feed-hits.ts';
import type { FeedAnswer, FeedQuery } from './feed-query.ts';
import { sourcesOf } from './feed-sources.ts';
import { candidatesOf, inOrder, scoredMax } from './find.ts';
import { type Question, readQuestion } from './question.ts';
import { countedEntries, countedVersions } from './writer.ts';

/** A query, taken apart. */
interface Plan {
  readonly query: FeedQuery;
  readonly feed: bigint;
  readonly question: Question;
  readonly conditions: readonly Condition[];
  /** How versions belong to entries; undefined for each to its own. */
  readonly versions: string | undefined;
}

interface Found {
  readonly total: number;
  readonly rows: readonly Row[];
}

const nothing: FeedAnswer = { total: 0, hits: [] };

/** @returns a page that may be shorter than what was asked for, when its texts are long; with a part of them at least */
export function answerFeedQuery(db: DatabaseSync, query: FeedQuery): FeedAnswer {
  const feed = feedNumberOf(db, query.feed);
  if (feed === undefined) return nothing;
  const question = readQuestion(query.text, { isEveryField: true });
  const wants = wantsOf(query);
  const visible = query.hasAllVersions ? `v.package_id = e.package_id and (v.needs & ~${wants}) = 0` : undefined;
  const conditions = [...rowConditions(query), ...namedConditions(question, wants)];
  const filters = query.filter === undefined ? [] : conjunctsOf(query.filter);
  const plan: Plan = { query, feed, question, conditions, versions: visible };
  const sources = sourcesOf(feed, question, filters);
  const rest = compileFilters(
    filters.filter((filter) => !sources?.covered.has(filter)),
    query,
  );
  const whole = { ...plan, conditions: [...conditions, ...(sources?.conditions ?? []), ...rest] };
  const found = findRows(db, whole, sources?.sources);
  return { total: found.total, hits: hitsOf(db, query, found.rows) };
}

function findRows(db: DatabaseSync, plan: Plan, sources: readonly Source[] | undefined): Found {
  const { query, question } = plan;
  const isByRelevance = question.match !== undefined && query.orderBy.length === 0 && !query.hasAllVersions;
  if (isByRelevance && sources !== undefined) return relevant(db, plan, sources);
  const index = sources === undefined ? indexFor(plan) : undefined;
  if (index !== undefined) return inIndexOrder(db, plan, index);
  return sorted(db, plan, sources ?? [entriesInPlace(plan.feed)]);
}

/** What the version must be: the newest one to this asker, as a release or at all, and of the kinds that the address shows. */
function rowConditions(query: FeedQuery): Condition[] {
  const { hasAllVersions, population } = query;
  if (hasAllVersions) return [someBit(filterBit(wantsOf(query))), ...kindsOfVersions(population)];
  const { release, any } = latestBits(query.hasSemVer2);
  return [someBit(query.hasPrerelease ? release | any : release), ...kindsOfEntries(population)];
}

function kindsOfEntries(population: Population): Condition[] {
  if (population === 'powershell') return [someBit(moduleBit | scriptBit)];
  if (population === 'modules') return [someBit(moduleBit)];
  if (population === 'scripts') return [someBit(scriptBit)];
  return population === 'no-scripts' ? [noBit(scriptBit)] : [];
}

function kindsOfVersions(population: Population): Condition[] {
  const where = (sql: string): Condition[] => [{ sql: () => sql, values: [], needs: ['versions'] }];
  if (population === 'powershell') return where(`v.kind in (${moduleKind}, ${scriptKind})`);
  if (population === 'modules') return where(`v.kind = ${moduleKind}`);
  if (population === 'scripts') return where(`v.kind = ${scriptKind}`);
  return population === 'no-scripts' ? where(`v.kind <> ${scriptKind}`) : [];
}

interface IndexOrder {
  readonly source: Source;
  readonly orderBy: string;
}

/** @returns an index that has the order already; undefined where most entries would be looked at for nothing */
function indexFor({ query, feed, conditions }: Plan): IndexOrder | undefined {
  const costly = conditions.some(({ needs }) => needs.includes('tags') || needs.includes('feedEntry'));
  if (costly) return undefined;
  const order = query.orderBy.map(({ field, isDescending }) => `${field}${isDescending ? ' desc' : ''}`).join();
  const position = query.hasAllVersions ? ', v.position desc' : '';
  if (order === '' || order === 'DownloadCount desc' || order === 'DownloadCount desc,Id') {
    const orderBy = `e.downloads desc, e.normalized_id, e.id${position}`;
    return { source: entriesBy('entries_by_downloads', feed), orderBy };
  }
  const direction = order === 'Id' ? '' : order === 'Id desc' ? ' desc' : undefined;
  if (direction === undefined) return undefined;
  const orderBy = `e.normalized_id${direction}, e.id${direction}${position}`;
  return { source: entriesBy('entries_by_name', feed), orderBy };
}

function inIndexOrder(db: DatabaseSync, plan: Plan, { source, orderBy }: IndexOrder): Found {
  const { query, conditions } = plan;
  const all = withVersions(plan, source, conditions);
  const rows = db
    .prepare(`select e.id as id, ${positionOf(query)} as position from ${all.sql} order by ${orderBy} limit ? offset ?`)
    .all(...all.values, query.take, query.skip);
  return { rows: rows as unknown as Row[], total: totalOfPlan(db, plan, all) };
}

function totalOfPlan(db: DatabaseSync, { query, feed, conditions }: Plan, all: Piece): number {
  if (!query.hasAllVersions && areOfId(conditions)) return totalOf(db, feed, countedEntries, conditions);
  const isEverything = query.hasAllVersions && query.filter === undefined && query.text.trim() === '';
  if (!isEverything || query.population !== 'all') return countOf(db, all);
  const seen: Condition = { sql: (bits) => `(${bits} & 15 & ~${wantsOf(query)}) = 0`, values: [], needs: [] };
  return totalOf(db, feed, countedVersions, [seen]);
}

const positionOf = ({ hasAllVersions }: FeedQuery) => (hasAllVersions ? 'v.position' : '-1');

function withVersions({ query, versions }: Plan, source: Source, conditions: readonly Condition[]): Piece {
  return fromWhere(source, conditions, { needs: query.hasAllVersions ? ['versions'] : [], versions });
}

/** All rows that are found, counted and put into an order, once. */
function sorted(db: DatabaseSync, plan: Plan, sources: readonly Source[]): Found {
  const { query, conditions } = plan;
  const pieces = sources.map((source) => {
    const { sql, values } = withVersions(plan, source, conditions);
    return { sql: `select ${source.id} as id, ${positionOf(query)} as position from ${sql}`, values };
  });
  const found = `with found as materialized (${pieces.map(({ sql }) => sql).join(' union all ')})`;
  const values = pieces.flatMap((piece) => piece.values);
  const order = orderOf(query);
  const rows = db
    .prepare(
      `${found} select found.id as id, found.position as position, (select count(*) from found) as total from found
         ${joinsOf(new Set(['entries', ...order.needs]), 'found.id', false, order.versions)}
       order by ${order.sql} limit ? offset ?`,
    )
    .all(...values, query.take, query.skip) as unknown as (Row & { readonly total: bigint })[];
  const counted = rows[0]?.total ?? db.prepare(`${found} select count(*) as total from found`).get(...values)?.total;
  return { rows, total: Number(counted) };
}

function orderOf(query: FeedQuery) {
  const keys = query.orderBy.map(({ field, isDescending }) => {
    const { sql, key, needs } = fieldOf(field, query);
    return { sql: `${key ?? sql('found.id')}${isDescending ? ' desc' : ''}`, needs };
  });
  if (keys.length === 0) keys.push({ sql: 'e.downloads desc', needs: [] });
  return {
    sql: [...keys.map(({ sql }) => sql), 'e.normalized_id', 'found.id', 'found.position desc'].join(', '),
    needs: keys.flatMap(({ needs }) => needs),
    versions: query.hasAllVersions ? 'v.package_id = e.package_id and v.position = found.position' : undefined,
  };
}

/**
 * By relevance, as search has it. Of a word that is nearly everywhere only `scoredMax` matches are put into order; behind them come the
 * others, the most popular ones first, so that every page shows others and all pages together show all.
 */
function relevant(db: DatabaseSync, plan: Plan, sources: readonly Source[]): Found {
  const { query, feed, question, conditions } = plan;
  const pieces = sources.map((source) => {
    const piece = fromWhere(source, conditions);
    return { ...piece, id: source.id, total: countOf(db, piece) };
  });
  const [words, ...others] = pieces as [(typeof pieces)[0], ...typeof pieces];
  const total = pieces.reduce((sum, piece) => sum + piece.total, 0);
  const { skip, take } = query;
  const ofWords = [...conditions, ...(sources[0]?.conditions ?? [])];
  const candidates = [candidatesOf(db, { feed, question, conditions: ofWords, skip, take }, words.total, scoredMax)];
  if (total <= scoredMax) {
    for (const { sql, id, values } of others)
      candidates.push({ sql: `select ${id} as id, 0.0 as score from ${sql}`, values });
  }
  const scored: Piece = {
    sql: candidates.map(({ sql }) => sql).join(' union all '),
    values: candidates.flatMap(({ values }) => values),
  };
  const first = skip < scoredMax || total <= scoredMax ? inOrder(db, scored, question, 0, scoredMax) : undefined;
  const page = [...(first ?? []).slice(skip, skip + take)];
  if (total > scoredMax && skip + take > scoredMax) page.push(...behind(db, plan, pieces, scored, take - page.length));
  return { rows: page.map((id) => ({ id, position: -1n })), total };
}

/** What is found beyond the candidates, in the order of ids. */
function behind(
  db: DatabaseSync,
  { query, question }: Plan,
  pieces: readonly (Piece & { readonly id: string })[],
  scored: Piece,
  take: number,
): bigint[] {
  const shown = inOrder(db, scored, question, 0, scoredMax);
  const all = pieces.map(({ sql, id }) => `select ${id} as id from ${sql}`).join(' union all ');
  const rows = db
    .prepare(`select id from (${all}) where id not in (select value from json_each(?)) limit ? offset ?`)
    .all(...pieces.flatMap(({ values }) => values), `[${shown.join()}]`, take, Math.max(0, query.skip - shown.length));
  return rows.map(({ id }) => id as bigint);
}
