/**
 * What a person types into a search box, made into conditions for the engine. None of it reaches the engine as syntax: it is cut
 * into words of letters and digits, and each word is put into quotation marks. Length and number of words are bounded, and what
 * is beyond is not looked at.
 *
 *   json "object model" author:contoso tags:parser → every word, the phrase, and one of each field's values
 */
import { normalizePackageId, parseNuGetVersion } from '../identity/nupkg.ts';
import { wholeTag, wordsOf } from './words.ts';

export const questionLengthMax = 500;
export const wordsMax = 16;
/** A shorter word must be there as it is: its beginnings would be half of the index. */
const prefixLengthMin = 2;

/** Columns of the full-text table. */
export type Column = 'id' | 'title' | 'tags' | 'authors' | 'summary' | 'description' | 'owners';

/** Fields that people may name, after NuGet's gallery. */
const fields: Readonly<Record<string, Column | 'packageid' | 'version'>> = {
  id: 'id',
  packageid: 'packageid',
  version: 'version',
  title: 'title',
  tag: 'tags',
  tags: 'tags',
  author: 'authors',
  authors: 'authors',
  description: 'description',
  summary: 'summary',
  owner: 'owners',
  owners: 'owners',
};

export interface Question {
  /** An expression of the full-text engine; undefined when nothing is asked of the texts. */
  readonly match: string | undefined;
  /** The same, with the words that have no field looked for more narrowly; undefined when there are none, or one column is asked. */
  readonly narrowed: { readonly ids: string | undefined; readonly headings: string | undefined } | undefined;
  /** Normalised ids, one of which it must be; empty for any. */
  readonly ids: readonly string[];
  /** Normalised versions in lower case, one of which the package must have; empty for any. */
  readonly versions: readonly string[];
  /** Of each list it must have one tag, exactly; letter case does not count. Only a question that asks every field has any. */
  readonly tags: readonly (readonly string[])[];
  /** All of it as if it were an id: that package, and those whose ids begin so, come first. Empty when it can be none. */
  readonly whole: string;
}

/** One piece of a question: `author:"Contoso Ltd"`. */
interface Term {
  readonly field: string | undefined;
  readonly text: string;
  readonly isPhrase: boolean;
}

export interface Reading {
  /** The column that words without a field are looked for in; undefined for all. */
  readonly plain?: Column | undefined;
  /**
   * How the v2 protocol means it: of several values of one field every one is asked, and tags are not cut into words. NuGet's old
   * gallery, which PowerShell's is made from, puts an AND between all fields of a question (LuceneSearchService.cs, ParseQuery).
   */
  readonly isEveryField?: boolean;
}

/** @param text as the person typed it; anything at all */
export function readQuestion(text: string, { plain, isEveryField = false }: Reading = {}): Question {
  const terms = termsOf(text.slice(0, questionLengthMax));
  const words = new WordBudget();
  const unfielded = terms
    .filter(({ field }) => field === undefined)
    .map((term) => plainClause(term, words))
    .filter((clause) => clause !== undefined);
  const fielded: string[] = [];
  const ids: string[] = [];
  const versions: string[] = [];
  const tags: (readonly string[])[] = [];
  for (const [field, members] of Map.groupBy(terms, (term) => term.field)) {
    const target = field === undefined ? undefined : fields[field];
    if (target === undefined) continue;
    if (target === 'packageid') ids.push(...members.map((term) => normalizePackageId(term.text.trim())));
    else if (target === 'version') versions.push(...members.map(versionOf));
    else if (target === 'tags' && isEveryField) tags.push(...members.map(tagsOf).filter((some) => some.length > 0));
    else {
      const found = members.map((term) => fieldClause(target, term, words)).filter((clause) => clause !== undefined);
      if (found.length > 0) fielded.push(`(${found.join(isEveryField ? ' AND ' : ' OR ')})`);
    }
  }
  return {
    match: together(unfielded, fielded, plain),
    narrowed:
      unfielded.length === 0 || plain !== undefined
        ? undefined
        : { ids: together(unfielded, fielded, 'id'), headings: together(unfielded, fielded, 'id title tags') },
    ids: ids.slice(0, wordsMax),
    versions: versions.slice(0, wordsMax),
    tags: tags.slice(0, wordsMax),
    whole: terms.every(({ field, isPhrase }) => field === undefined && !isPhrase)
      ? normalizePackageId(text.slice(0, questionLengthMax).trim())
      : '',
  };
}

function together(
  unfielded: readonly string[],
  fielded: readonly string[],
  columns: string | undefined,
): string | undefined {
  const words = columns === undefined ? unfielded : unfielded.map((clause) => `{${columns}} : ${clause}`);
  const clauses = [...words, ...fielded];
  return clauses.length === 0 ? undefined : clauses.join(' AND ');
}

function termsOf(text: string): Term[] {
  const found = text.matchAll(/(?:([a-z]{2,11}):)?(?:"([^"]*)"?|([^\s"]+))/gi);
  return [...found].flatMap(([whole, name, phrase, bare]) => {
    const field = name?.toLowerCase();
    if (field !== undefined && !Object.hasOwn(fields, field))
      return [{ field: undefined, text: whole, isPhrase: false }];
    // A field that is still being typed.
    if (field === undefined && whole.endsWith(':') && Object.hasOwn(fields, whole.slice(0, -1).toLowerCase()))
      return [];
    const term = { field, text: phrase ?? bare ?? '', isPhrase: phrase !== undefined };
    return term.text.trim() === '' ? [] : [term];
  });
}

function versionOf(term: Term): string {
  const text = term.text.trim();
  return parseNuGetVersion(text)?.lower ?? text.toLowerCase();
}

class WordBudget {
  left = wordsMax;

  take(words: readonly string[]): readonly string[] {
    const taken = words.slice(0, this.left);
    this.left -= taken.length;
    return taken;
  }
}

const quoted = (word: string) => `"${word.replaceAll('"', '')}"`;
const beginning = (word: string) => ([...word].length < prefixLengthMin ? quoted(word) : `${quoted(word)} *`);

/** Every word, or a word that begins so; a phrase as it stands. */
function plainClause(term: Term, budget: WordBudget): string | undefined {
  const words = budget.take(wordsToAsk(term));
  if (words.length === 0) return undefined;
  return `(${term.isPhrase ? quoted(words.join(' ')) : words.map(beginning).join(' AND ')})`;
}

/** Who has typed `Contoso.T` wants to go on: what Contoso has is found, and ids that begin so come first. */
function wordsToAsk(term: Term): readonly string[] {
  const words = wordsOf(term.text);
  const isBegun = !term.isPhrase && words.length > 1 && /^\p{L}$/u.test(words.at(-1) ?? '');
  return isBegun ? words.slice(0, -1) : words;
}

/** `tag:one,two` is one or the other. */
function tagsOf(term: Term): readonly string[] {
  return term.text
    .split(/[\s,;]+/)
    .filter((tag) => tag !== '')
    .slice(0, wordsMax);
}

function fieldClause(column: Column, term: Term, budget: WordBudget): string | undefined {
  if (column !== 'tags') {
    const clause = plainClause(term, budget);
    return clause && `{${column}} : ${clause}`;
  }
  const tags = tagsOf(term).map((tag) => budget.take(wordsOf(tag)));
  const clauses = tags.filter((words) => words.length > 0).map((words) => quoted(wholeTag(words)));
  return clauses.length === 0 ? undefined : `{tags} : (${clauses.join(' OR ')})`;
}
