/**
 * Answers questions from the search file. Runs in a thread of its own (src/search/thread.ts), because SQLite works until it has
 * done: nothing that publishes or serves waits for it.
 */
import type { DatabaseSync } from 'node:sqlite';
import { normalizePackageId } from '../identity/nupkg.ts';
import type { Asker } from './asker.ts';
import { type Condition, feedNumberOf, namedConditions, someBit, TooSlowError, wantsOf } from './conditions.ts';
import { type EntryDocument, filterBit } from './entries.ts';
import { answerFeedQuery } from './feed.ts';
import { registerFilterFunctions } from './feed-filter.ts';
import type { FeedAnswer, FeedQuery } from './feed-query.ts';
import { find } from './find.ts';
import { type Question, readQuestion } from './question.ts';
import { typesText } from './writer.ts';

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

/** Whatever the file is asked. */
export type AnyRequest = SearchRequest | FeedQuery;

export type AnswerTo<Request extends AnyRequest> = Request extends FeedQuery ? FeedAnswer : SearchAnswer;

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

/** Versions in one answer; packages after that show their newest one only. */
export const versionsInAnswerMax = 20_000;

export type Answer = <Request extends AnyRequest>(request: Request, deadlineMs: number) => AnswerTo<Request>;

/** @returns a function that answers; questions that are not done by their deadline end with TooSlowError */
export function answerer(db: DatabaseSync): Answer {
  let until = 0;
  const checkTime = () => {
    if (performance.now() > until) throw new TooSlowError('the search took too long');
  };
  db.function('in_time', () => {
    checkTime();
    return 1;
  });
  registerFilterFunctions(db, checkTime);
  const answer = (request: AnyRequest) => {
    if (request.kind === 'feed') return answerFeedQuery(db, request);
    return request.kind === 'versions' ? versionsOf(db, request) : pageOf(db, request);
  };
  return <Request extends AnyRequest>(request: Request, deadlineMs: number) => {
    until = performance.now() + deadlineMs;
    // One state of the file for all statements: a package that is written anew in between gets other entries.
    db.exec('begin');
    try {
      return answer(request) as AnswerTo<Request>;
    } finally {
      if (db.isTransaction) db.exec('commit');
    }
  };
}

function pageOf(db: DatabaseSync, page: Page): SearchAnswer {
  const isCompleting = page.kind === 'ids';
  const question = readQuestion(page.text, { plain: isCompleting ? 'id' : undefined });
  const { skip, take } = page;
  const feed = feedNumberOf(db, page.feed);
  if (feed === undefined) return { total: 0, hits: [], names: [] };
  const wanted = { feed, question, conditions: conditionsOf(page, question), skip, take };
  // Who is completing a name looks for it in a list that is sorted, and whole.
  const { ids, total } = find(db, wanted, isCompleting);
  if (isCompleting) return { total, hits: [], names: ids.map((id) => documentOf(db, id).id) };
  return { total, hits: hitsOf(db, page, ids), names: [] };
}

/** What the entry itself must be, apart from its words. */
function conditionsOf(page: Page, question: Question): Condition[] {
  const wants = wantsOf(page);
  const conditions = [someBit(filterBit(wants))];
  if (page.packageType !== undefined) {
    const type = typesText([page.packageType]);
    conditions.push({ sql: () => 'instr(e.package_types, ?) > 0', values: [type], needs: ['entries'] });
  }
  return [...conditions, ...namedConditions(question, wants)];
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
