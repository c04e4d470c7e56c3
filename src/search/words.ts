/**
 * Words, as the index holds them and as questions ask for them. The full-text engine parts a text at whatever is no letter and no
 * digit; ids are also parted where the letter case changes, and kept whole, so that `injection`, `dependencyinjection` and
 * `microsoftextensions…` all find Microsoft.Extensions.DependencyInjection.
 */

/**
 * A character of the private area, which the engine takes for a letter and nobody can type, since questions are cut into letters
 * and digits first. A word that begins with it is a whole tag. Such words stand between those of two tags, so no phrase crosses them.
 */
const tagMark = '\uE000';
/** Another one, between the words of a whole tag. */
const tagJoint = '\uE001';

/** Stand before and behind an id in the index of its parts, so that a part can be its beginning or its end. */
export const idStart = '\uE000';
export const idEnd = '\uE001';

/** The words of a text, each of letters, digits and marks, with one letter or digit at least. */
export function wordsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).filter((word) => /[\p{L}\p{N}]/u.test(word));
}

/** What the index keeps of an id: its words, the parts of those, and all of it as one word. */
export function idText(id: string): string {
  const words = wordsOf(id);
  const parts = words.flatMap((word) => {
    const found = word.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\p{Lu}\p{N}]+|\p{N}+|\p{Lu}/gu) ?? [];
    return found.length > 1 ? found : [];
  });
  return [...words, ...parts, ...(words.length > 1 ? [words.join('')] : [])].join(' ');
}

/** What the index keeps of tags: their words, and each as a whole. */
export function tagsText(tags: readonly string[]): string {
  return tags
    .map((tag) => wordsOf(tag))
    .filter((words) => words.length > 0)
    .map((words) => `${words.join(' ')} ${wholeTag(words)}`)
    .join(' ');
}

/** The one word that stands for a tag of these words. */
export function wholeTag(words: readonly string[]): string {
  return tagMark + words.join(tagJoint);
}

/** A text that was never put by `tagsText`, so that none of its words is taken for a whole tag. */
export function withoutTagMarks(text: string): string {
  return text.replaceAll(tagMark, ' ');
}
