/**
 * Words, as the index holds them and as questions ask for them. The full-text engine parts a text at whatever is no letter and no
 * digit; ids are also parted where the letter case changes, and kept whole, so that `injection`, `dependencyinjection` and
 * `microsoftextensions…` all find Microsoft.Extensions.DependencyInjection.
 */

/**
 * Stands between tags: a character of the private area, which the engine takes for a word and nobody can type, since questions
 * are cut into letters and digits first. With one on either side, a phrase is one whole tag and no part of two.
 */
export const tagBorder = '\uE000';

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

/** What the index keeps of tags. */
export function tagsText(tags: readonly string[]): string {
  return `${tagBorder} ${tags.map((tag) => `${wordsOf(tag).join(' ')} ${tagBorder}`).join(' ')}`;
}
