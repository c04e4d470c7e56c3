/**
 * Tags as the index of tags holds them, and questions to it: which entries have this tag, and which have a text somewhere in all of
 * their tags. For the first, a tag is one word of the index, in small letters and otherwise exactly as it is. For the second, the
 * index holds every one to four characters that follow each other: whoever has a longer text has all of its fours, and is
 * looked at once more.
 */
import { lowerCase } from '../odata/letter-case.ts';

/** Lengths of the parts that the index holds. */
const pieceLengths = [1, 2, 3, 4] as const;
const pieceLengthMax = 4;
/** Fours of a longer text that are looked up; the text itself is compared anyway. */
const piecesMax = 3;
/** A longer tag is found by parts alone; in characters. */
const tagLengthMax = 1_000;

const tagMark = '\uE000';
const escapeMark = '\uE001';

/** Tags as `substringof` looks through them: small letters, single spaces between, and one at either end. Empty for none. */
export function tagsInOne(tags: readonly string[]): string {
  return tags.length === 0 ? '' : lowerCase(` ${tags.join(' ')} `);
}

/** What the index keeps of tags. @param tags as `tagsInOne` gives them */
export function tagIndexText(tags: string): string {
  const words = new Set<string>();
  for (const tag of tags.split(' ')) if (tag !== '' && tag.length <= tagLengthMax) words.add(tagWord(tag));
  const units = partWord(tags);
  for (let at = 0; at < units.length; at += 1) {
    for (const length of pieceLengths) {
      if (at + length <= units.length) words.add(units.slice(at, at + length));
    }
  }
  return [...words].join(' ');
}

/** An expression for those that have this tag, in any letter case; undefined when none can. */
export function hasTag(tag: string): string | undefined {
  const folded = lowerCase(tag);
  return folded === '' || folded.length > tagLengthMax || folded.includes(' ') ? undefined : `"${tagWord(folded)}"`;
}

/** An expression for those that may have the text in their tags, and for some of these that surely have: all, where they are the same. */
export interface PartMatch {
  readonly may: string;
  readonly surely: string | undefined;
}

/** @param part in small letters, not empty */
export function hasPart(part: string): PartMatch {
  const units = partWord(part);
  if (units.length <= pieceLengthMax) {
    // Characters beyond ASCII share their words.
    const isExact = /^[\0-\x7f]*$/.test(part);
    return { may: `"${units}"`, surely: isExact ? `"${units}"` : undefined };
  }
  const last = units.length - pieceLengthMax;
  const count = Math.min(piecesMax, last + 1);
  const places = Array.from({ length: count }, (_, at) => Math.round((at * last) / (count - 1)));
  const pieces = new Set(places.map((at) => units.slice(at, at + pieceLengthMax)));
  return { may: [...pieces].map((piece) => `"${piece}"`).join(' AND '), surely: hasTag(part) };
}

/** Different tags are different words: what is no letter from a to z and no digit is written as its number. */
function tagWord(tag: string): string {
  const escaped = tag.replaceAll(/[^a-z0-9]/g, (unit) => escapeMark + unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return tagMark + escaped;
}

/** A text as one word: what the engine would part words at becomes a character of the private area. */
function partWord(text: string): string {
  return text.replaceAll(/[^a-z0-9]/g, (unit) => String.fromCharCode(0xe100 + (unit.charCodeAt(0) % 0x1000)));
}
