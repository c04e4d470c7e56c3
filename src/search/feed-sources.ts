/**
 * Where to look for the entries of a query: the index that comes closest to what is asked. Words go first, then an id or a part of it,
 * then tags; what no index knows is asked of every entry.
 */
import type { Filter } from '../odata/filter-tree.ts';
import { lowerCase } from '../odata/letter-case.ts';
import { type Condition, entriesBy, matching, type Source } from './conditions.ts';
import type { Question } from './question.ts';

import { hasPart, hasTag } from './tag-index.ts';
import { idEnd, idStart } from './words.ts';

/** What an id can be of. */
const idCharacters = /^[\p{L}\p{M}\p{N}\p{Pc}.-]+$/u;
/** Parts of tags that are looked up in the index; more are asked of each entry. */
const tagPartsMax = 8;
/** A shorter part of an id is looked for in all of them. */
const idPartLengthMin = 3;

export interface Sources {
  /** Different entries in each. */
  readonly sources: readonly Source[];
  /** What must hold besides, wherever an entry comes from. */
  readonly conditions: readonly Condition[];
  /** Parts of the filter that need not be asked any more. */
  readonly covered: ReadonlySet<Filter>;
}

/** @param filters what must hold together @returns undefined when every entry has to be looked at */
export function sourcesOf(feed: bigint, question: Question, filters: readonly Filter[]): Sources | undefined {
  const tags = tagMatch(question);
  const conditions = tags === undefined ? [] : [ofTags(tags)];
  if (question.match !== undefined) {
    const sources = [matching('texts', feed, question.match), ...idsWith(feed, question)];
    return { sources, conditions, covered: new Set() };
  }
  for (const filter of filters) {
    const source = idSource(feed, filter);
    if (source !== undefined) return { sources: [source], conditions, covered: new Set([filter]) };
  }
  return byTags(feed, tags, filters);
}

/** What a question says of whole tags; undefined for nothing. */
function tagMatch({ tags }: Question): string | undefined {
  const all = tags.map((some) => {
    const found = some.map(hasTag).filter((match) => match !== undefined);
    return found.length === 0 ? undefined : `(${found.join(' OR ')})`;
  });
  return all.length === 0 ? undefined : all.map((match) => match ?? noTag).join(' AND ');
}

/** A word that the index of tags never has. */
const noTag = '"\uE000"';

function ofTags(match: string): Condition {
  return {
    // The plus keeps the engine from looking the words up once for each entry that has the tags.
    sql: (id) => `+${id} in (select rowid from tag_index where tag_index match ?)`,
    values: [match],
    needs: ['index'],
  };
}

/**
 * Clients that look for `*part*` ask for the part as a word, and choose among what comes back. So ids are found that have it anywhere,
 * beyond those that have it as a word or as the beginning of one.
 */
function idsWith(feed: bigint, { whole, match, tags }: Question): Source[] {
  const isOneWord = idCharacters.test(whole) && whole.length >= idPartLengthMin;
  if (match === undefined || tags.length > 0 || !isOneWord) return [];
  const source = matching('id_index', feed, phrase(whole));
  const where = `${source.where} and id_index.rowid not in (select rowid from texts where texts match ?)`;
  return [{ ...source, where, values: [...source.values, match] }];
}

/** In one expression of the engine, as it stands. */
const phrase = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** The text that a call is about, when it is called of this field alone; letter case does not count anywhere. */
function textOf(filter: Filter, name: string, field: string): string | undefined {
  if (filter.kind !== 'call' || filter.name !== name) return undefined;
  const [text, of] = name === 'substringof' ? filter.parameters : filter.parameters.toReversed();
  if (text === undefined || of === undefined || !isField(of, field)) return undefined;
  return literalOf(text);
}

function isField(filter: Filter, field: string): boolean {
  if (filter.kind === 'field') return filter.name === field;
  const isCase = filter.kind === 'call' && (filter.name === 'tolower' || filter.name === 'toupper');
  return isCase && filter.parameters[0] !== undefined && isField(filter.parameters[0], field);
}

function literalOf(filter: Filter): string | undefined {
  if (filter.kind === 'call' && (filter.name === 'tolower' || filter.name === 'toupper')) {
    return filter.parameters[0] && literalOf(filter.parameters[0]);
  }
  const isText = filter.kind === 'literal' && filter.type === 'string' && !filter.value.includes('\0');
  return isText ? lowerCase(filter.value) : undefined;
}

function idSource(feed: bigint, filter: Filter): Source | undefined {
  const named = entriesBy('entries_by_name', feed);
  const among = (where: string, ...values: string[]): Source => ({
    ...named,
    where: `${named.where} and ${where}`,
    values: [...named.values, ...values],
  });
  if (filter.kind === 'compare' && filter.operator === 'eq') {
    const sides = [filter.left, filter.right];
    const text = sides.map(literalOf).find((found) => found !== undefined);
    const isId = sides.some((side) => isField(side, 'Id'));
    return isId && text !== undefined ? among('e.normalized_id = ?', text) : undefined;
  }
  const beginning = textOf(filter, 'startswith', 'Id');
  if (beginning) return among('e.normalized_id >= ? and e.normalized_id < ?', beginning, `${beginning}\u{10FFFF}`);
  const end = textOf(filter, 'endswith', 'Id');
  const part = end === undefined ? textOf(filter, 'substringof', 'Id') : end + idEnd;
  if (part === undefined || part.length < idPartLengthMin || part.includes(idStart)) return undefined;
  return matching('id_index', feed, phrase(part));
}

/** Entries with all of these tags, and with all parts that filters look for: those that surely have them, and those that are looked at. */
function byTags(feed: bigint, tags: string | undefined, filters: readonly Filter[]): Sources | undefined {
  const parts = filters.flatMap((filter) => {
    const part = textOf(filter, 'substringof', 'Tags');
    const isKept = part === undefined || part === '' || part === 'psmodule' || part === 'psscript';
    return isKept ? [] : [{ filter, part, ...hasPart(part) }];
  });
  const whole = tags === undefined ? [] : [`(${tags})`];
  const asked = parts.slice(0, tagPartsMax);
  if (asked.length === 0) {
    return tags === undefined
      ? undefined
      : { sources: [matching('tag_index', feed, tags)], conditions: [], covered: new Set() };
  }
  const may = [...whole, ...asked.map((one) => one.may)].join(' AND ');
  const sure = asked.map(({ surely }) => surely).filter((match) => match !== undefined);
  const surely = sure.length < asked.length ? undefined : [...whole, ...sure].join(' AND ');
  const covered = new Set(asked.map(({ filter }) => filter));
  if (surely === may) return { sources: [matching('tag_index', feed, may)], conditions: [], covered };
  const looked: Source = {
    ...matching('tag_index', feed, surely === undefined ? may : `(${may}) NOT (${surely})`),
    conditions: asked.map(({ part }) => ({
      sql: () => 'instr(t.tags, ?) > 0',
      values: [part],
      needs: ['tags'],
    })),
  };
  const sources = surely === undefined ? [looked] : [matching('tag_index', feed, surely), looked];
  return { sources, conditions: [], covered };
}
