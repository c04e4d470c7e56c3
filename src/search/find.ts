/**
 * Finds entries by words, in their order: the package of exactly that id, those whose id begins so, then by words and where they
 * stand, helped by downloads; without words, by downloads and name.
 */
import type { DatabaseSync } from 'node:sqlite';
import { areOfId, type Condition, countOf, entriesBy, fromWhere, matching, type Piece, totalOf } from './conditions.ts';
import type { Question } from './question.ts';
import { countedEntries } from './writer.ts';

/** Entries that a question is allowed to find; more are not looked at. */
export const matchesMax = 100_000;
/**
 * Matches of one question that get a score; of more, `candidatesOf` says which. As many as all pages of an answer together can
 * show, so that pages never overlap.
 */
export const scoredMax = 4_000;

/** How much a word counts where it stands: id, title, tags, authors, summary, description, owners. */
const weights = '10.0, 5.0, 4.0, 2.0, 2.0, 1.0, 2.0';
/** Score of a very common word in title or tags; in an id it is twice that or better, anywhere else half. Lower is better. */
const headingScore = -1;
/** How much ten times the downloads count, as a share of the words' own score. */
const popularityShare = 0.2;

export interface Wanted {
  readonly feed: bigint;
  readonly question: Question;
  /** Beyond words. */
  readonly conditions: readonly Condition[];
  readonly skip: number;
  readonly take: number;
}

export interface Found {
  readonly ids: readonly bigint[];
  readonly total: number;
}

/** @param isSorted whether whoever asks sees all matches as a sorted list, and so wants no scores */
export function find(db: DatabaseSync, wanted: Wanted, isSorted: boolean): Found {
  const { feed, question, conditions, skip, take } = wanted;
  if (question.match === undefined) return browse(db, wanted);
  const matches = fromWhere(matching('texts', feed, question.match), conditions);
  const total = countOf(db, { sql: `(select 1 from ${matches.sql} limit ${matchesMax})`, values: matches.values });
  const candidates = isSorted
    ? scored(matches, '0.0', matchesMax)
    : candidatesOf(db, wanted, total, Math.max(scoredMax, skip + take));
  return { ids: inOrder(db, candidates, question, skip, take), total };
}

/** @param candidates a query for ids and scores */
export function inOrder(
  db: DatabaseSync,
  candidates: Piece,
  question: Question,
  skip: number,
  take: number,
): readonly bigint[] {
  const rows = db
    .prepare(
      `select e.id as id from (select id, min(score) as score from (${candidates.sql}) group by id) m
         cross join entries e on e.id = m.id
       order by case when e.normalized_id = ? then 0 when substr(e.normalized_id, 1, ?) = ? then 1 else 2 end,
         m.score * (1 + ${popularityShare} * log10(1 + e.downloads)), e.downloads desc, e.normalized_id, e.id
       limit ? offset ?`,
    )
    .all(...candidates.values, question.whole, [...question.whole].length || -1, question.whole, take, skip);
  return rows.map((row) => row.id as bigint);
}

/** @param matches what stands behind `from` in a query of `texts` */
function scored(matches: Piece, scoreSql: string, atMost: number): Piece {
  return {
    sql: `select * from (select texts.rowid as id, ${scoreSql} as score from ${matches.sql} limit ${atMost})`,
    values: matches.values,
  };
}

/**
 * What is put into order: every match, with its score; but of words that are nearly everywhere only that id, and the first ones that
 * have the words in their id, in id, title or tags, and anywhere, until there are enough. The engine comes to popular entries
 * first, so these are the most popular of each kind. To weigh a word, it has to go through all texts that have it, so words
 * that tell packages apart so badly are weighed in ids alone; elsewhere it counts that they are there.
 * @param total of all matches
 * @param atMost how many are wanted
 */
export function candidatesOf(
  db: DatabaseSync,
  { feed, question, conditions }: Wanted,
  total: number,
  atMost: number,
): Piece {
  const score = `bm25(texts, ${weights})`;
  const matchesOf = (match: string) => fromWhere(matching('texts', feed, match), conditions);
  const everywhere = question.match ?? '';
  if (total <= atMost) return scored(matchesOf(everywhere), score, atMost);
  const named = entriesBy('entries_by_name', feed);
  const exact = fromWhere(
    { ...named, where: `${named.where} and e.normalized_id = ?`, values: [...named.values, question.whole] },
    conditions,
  );
  const kinds: Piece[] = [{ sql: `select e.id as id, 0.0 as score from ${exact.sql}`, values: exact.values }];
  const { ids, headings } = question.narrowed ?? {};
  const narrowed = [
    { match: ids, scoreSql: `min(${score}, 2 * ${headingScore})` },
    { match: headings, scoreSql: `${headingScore}` },
    { match: everywhere, scoreSql: `${headingScore / 2}` },
  ];
  for (const { match, scoreSql } of narrowed) {
    if (match === undefined) continue;
    const matches = matchesOf(match);
    kinds.push(scored(matches, scoreSql, atMost));
    // The next kind contains this one, and what it has beyond would come behind what any page shows.
    const found = countOf(db, { sql: `(select 1 from ${matches.sql} limit ${atMost})`, values: matches.values });
    if (found >= atMost) break;
  }
  return { sql: kinds.map(({ sql }) => sql).join(' union all '), values: kinds.flatMap(({ values }) => values) };
}

/** Nothing is asked for in words: everything, the most downloaded first. */
function browse(db: DatabaseSync, { feed, conditions, skip, take }: Wanted): Found {
  const all = fromWhere(entriesBy('entries_by_downloads', feed), conditions);
  const rows = db
    .prepare(`select e.id as id from ${all.sql} order by e.downloads desc, e.normalized_id, e.id limit ? offset ?`)
    .all(...all.values, take, skip);
  const total = areOfId(conditions) ? totalOf(db, feed, countedEntries, conditions) : countOf(db, all);
  return { ids: rows.map((row) => row.id as bigint), total };
}
