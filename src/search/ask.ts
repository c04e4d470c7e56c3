/**
 * Answers questions from the search file. Runs in a thread of its own (src/search/thread.ts), because SQLite works until it has
 * done: nothing that publishes or serves waits for it. Order: the package of exactly that id, those whose id begins so, then by
 * words and where they stand, helped by downloads; without words, by downloads and name.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { normalizePackageId } from '../identity/nupkg.ts';
import { type EntryDocument, filterBit, needsPrerelease, needsSemVer2 } from './entries.ts';
import { typesText } from './file.ts';
import { type Question, readQuestion } from './question.ts';

/** What every request has. */
export interface Asker {
  readonly feed: string;
  readonly hasPrerelease: boolean;
  readonly hasSemVer2: boolean;
}

export interface Page extends Asker {
  readonly kind: 'packages' | 'ids';
  readonly text: string;
  readonly skip: number;
  readonly take: number;
  /** Any letter case; undefined for all. */
  readonly packageType: string | undefined;
}

export type SearchRequest =
  /** `packages`, or `ids` whose words begin with those of the text. */
  | Page
  /** The versions of one package. */
  | (Asker & { readonly kind: 'versions'; readonly id: string });

export interface HitVersion {
  readonly version: string;
  readonly lower: string;
}

export interface Hit {
  readonly document: EntryDocument;
  /** Normalised id. */
  readonly normalizedId: string;
  readonly downloads: bigint;
  /** Those that the asker sees, ascending; the newest ones when there are very many. */
  readonly versions: readonly HitVersion[];
}

export interface SearchAnswer {
  /** All there are, beyond this page too. */
  readonly total: number;
  /** For `packages`. */
  readonly hits: readonly Hit[];
  /** Ids or versions for the other kinds. */
  readonly names: readonly string[];
}

/** It took too long. */
export class TooSlowError extends Error {}

/** Entries that a question is allowed to find; more are not looked at. */
export const matchesMax = 100_000;
/**
 * Matches of one question that get a score; of more, `candidatesOf` says which. As many as all pages of an answer together can
 * show, so that pages never overlap.
 */
export const scoredMax = 4_000;
/** Versions in one answer; packages after that show their newest one only. */
export const versionsInAnswerMax = 20_000;
/** The clock is looked at once in so many entries. */
const checkEvery = 128;

/** How much a word counts where it stands: id, title, tags, authors, summary, description, owners. */
const weights = '10.0, 5.0, 4.0, 2.0, 2.0, 1.0, 2.0';
/** Score of a very common word in title or tags; in an id it is twice that or better, anywhere else half. Lower is better. */
const headingScore = -1;
/** How much ten times the downloads count, as a share of the words' own score. */
const popularityShare = 0.2;

/** @returns a function that answers; questions that are not done by their deadline end with TooSlowError */
export function answerer(db: DatabaseSync): (request: SearchRequest, deadlineMs: number) => SearchAnswer {
  let until = 0;
  db.function('in_time', () => {
    if (performance.now() > until) throw new TooSlowError('the search took too long');
    return 1;
  });
  return (request, deadlineMs) => {
    until = performance.now() + deadlineMs;
    if (request.kind === 'versions') return versionsOf(db, request);
    const question = readQuestion(request.text, request.kind === 'ids' ? 'id' : undefined);
    const { ids, total } = find(db, request, question);
    if (request.kind === 'ids') return { total, hits: [], names: ids.map((id) => documentOf(db, id).id) };
    return { total, hits: hitsOf(db, request, ids), names: [] };
  };
}

const wantsOf = ({ hasPrerelease, hasSemVer2 }: Asker) =>
  (hasPrerelease ? needsPrerelease : 0) | (hasSemVer2 ? needsSemVer2 : 0);

interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** What the entry itself must be, apart from its words. */
function conditionsOf(page: Page, question: Question): Condition {
  const wants = wantsOf(page);
  const parts: string[] = [
    'e.feed = ?',
    `(e.filters & ${filterBit(wants)}) <> 0`,
    `((e.id & ${checkEvery - 1}) <> 0 or in_time())`,
  ];
  const values: SQLInputValue[] = [page.feed];
  if (page.packageType !== undefined) {
    parts.push('instr(e.package_types, ?) > 0');
    values.push(typesText([page.packageType]));
  }
  if (question.ids.length > 0) {
    parts.push(`e.normalized_id in (${question.ids.map(() => '?').join(', ')})`);
    values.push(...question.ids);
  }
  if (question.versions.length > 0) {
    const marks = question.versions.map(() => '?').join(', ');
    parts.push(
      `exists (select 1 from versions v where v.package_id = e.package_id and v.lower in (${marks})
        and (v.needs & ~${wants}) = 0)`,
    );
    values.push(...question.versions);
  }
  return { sql: parts.join(' and '), values };
}

function find(db: DatabaseSync, page: Page, question: Question): { ids: bigint[]; total: number } {
  const condition = conditionsOf(page, question);
  if (question.match === undefined) return browse(db, page, condition);
  const matches = `texts cross join entries e on e.id = texts.rowid where texts match ? and ${condition.sql}`;
  const total = countOf(db, `(select 1 from ${matches} limit ${matchesMax})`, [question.match, ...condition.values]);
  const candidates = candidatesOf(db, page, question, condition, matches, Number(total));
  const rows = db
    .prepare(
      `select e.id as id from (select id, min(score) as score from (${candidates.sql}) group by id) m
         cross join entries e on e.id = m.id
       order by case when e.normalized_id = ? then 0 when substr(e.normalized_id, 1, ?) = ? then 1 else 2 end,
         m.score * (1 + ${popularityShare} * e.popularity), e.popularity desc, e.normalized_id
       limit ? offset ?`,
    )
    .all(
      ...candidates.values,
      question.whole,
      [...question.whole].length || -1,
      question.whole,
      page.take,
      page.skip,
    ) as { id: bigint }[];
  return { ids: rows.map((row) => row.id), total: Number(total) };
}

/**
 * What is put into order: every match, with its score; but of words that are nearly everywhere only that id, and the first ones that
 * have the words in their id, in id, title or tags, and anywhere, until there are enough. The engine comes to popular entries
 * first, so these are the most popular of each kind. To weigh a word, it has to go through all texts that have it, so words
 * that tell packages apart so badly are weighed in ids alone; elsewhere it counts that they are there.
 * @param matches the rest of a query behind `from`, with the question's expression and the condition's values open
 */
function candidatesOf(
  db: DatabaseSync,
  page: Page,
  question: Question,
  condition: Condition,
  matches: string,
  total: number,
): Condition {
  const score = `bm25(texts, ${weights})`;
  const some = (match: string | undefined, scoreSql: string, atMost: number): Condition => ({
    sql: `select * from (select e.id as id, ${scoreSql} as score from ${matches} limit ${atMost})`,
    values: [match ?? '', ...condition.values],
  });
  // Who is completing a name looks for it in a list that is sorted, and whole.
  if (page.kind === 'ids') return some(question.match, '0.0', matchesMax);
  const wanted = Math.max(scoredMax, page.skip + page.take);
  if (total <= wanted) return some(question.match, score, wanted);
  const kinds: Condition[] = [
    {
      sql: `select e.id as id, 0.0 as score from packages p cross join entries e on e.package_id = p.package_id
        where p.feed = ? and p.normalized_id = ? and ${condition.sql}`,
      values: [page.feed, question.whole, ...condition.values],
    },
  ];
  const { ids, headings } = question.narrowed ?? {};
  const narrowed = [
    { match: ids, scoreSql: `min(${score}, 2 * ${headingScore})` },
    { match: headings, scoreSql: `${headingScore}` },
    { match: question.match, scoreSql: `${headingScore / 2}` },
  ];
  for (const { match, scoreSql } of narrowed) {
    if (match === undefined) continue;
    kinds.push(some(match, scoreSql, wanted));
    // The next kind contains this one, and what it has beyond would come behind what any page shows.
    const found = countOf(db, `(select 1 from ${matches} limit ${wanted})`, [match, ...condition.values]);
    if (found >= BigInt(wanted)) break;
  }
  return { sql: kinds.map(({ sql }) => sql).join(' union all '), values: kinds.flatMap(({ values }) => values) };
}

/** Nothing is asked for in words: everything, the most downloaded first. */
function browse(db: DatabaseSync, page: Page, condition: Condition): { ids: bigint[]; total: number } {
  const from = `entries e where ${condition.sql}`;
  const rows = db
    .prepare(`select e.id as id from ${from} order by e.popularity desc, e.normalized_id limit ? offset ?`)
    .all(...condition.values, page.take, page.skip) as { id: bigint }[];
  return { ids: rows.map((row) => row.id), total: Number(countOf(db, from, condition.values)) };
}

function countOf(db: DatabaseSync, from: string, values: readonly SQLInputValue[]): bigint {
  return db.prepare(`select count(*) as total from ${from}`).get(...values)?.total as bigint;
}

function documentOf(db: DatabaseSync, entryId: bigint): EntryDocument {
  const row = db.prepare('select document from documents where entry_id = ?').get(entryId);
  return JSON.parse(row?.document as string) as EntryDocument;
}

function hitsOf(db: DatabaseSync, asker: Asker, entryIds: readonly bigint[]): Hit[] {
  const about = db.prepare(
    `select p.package_id as packageId, p.normalized_id as normalizedId, p.downloads as downloads
     from entries e join packages p on p.package_id = e.package_id where e.id = ?`,
  );
  let left = versionsInAnswerMax;
  return entryIds.map((entryId) => {
    const row = about.get(entryId) as { packageId: bigint; normalizedId: string; downloads: bigint };
    const versions = newestVersions(db, asker, row.packageId, Math.max(1, left));
    left -= versions.length;
    return { document: documentOf(db, entryId), normalizedId: row.normalizedId, downloads: row.downloads, versions };
  });
}

function newestVersions(db: DatabaseSync, asker: Asker, packageId: bigint, atMost: number): HitVersion[] {
  const rows = db
    .prepare(
      `select version, lower from versions where package_id = ? and (needs & ~${wantsOf(asker)}) = 0
       order by position desc limit ?`,
    )
    .all(packageId, atMost) as { version: string; lower: string }[];
  return rows.map(({ version, lower }) => ({ version, lower })).reverse();
}

function versionsOf(db: DatabaseSync, request: Asker & { readonly id: string }): SearchAnswer {
  const row = db
    .prepare('select package_id as packageId from packages where feed = ? and normalized_id = ?')
    .get(request.feed, normalizePackageId(request.id.trim())) as { packageId: bigint } | undefined;
  const versions = row === undefined ? [] : newestVersions(db, request, row.packageId, versionsInAnswerMax);
  return { total: versions.length, hits: [], names: versions.map(({ version }) => version.replace(/\+.*$/, '')) };
}
