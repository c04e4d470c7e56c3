/**
 * Letter case as .NET's invariant culture has it: one character becomes one character, so positions in a text stay what they
 * are. Texts of a filter are compared in small letters, as the public galleries' databases compare them without letter case, and
 * so package ids are the same here exactly when `normalizePackageId` says so.
 */

/** Every character whose small letter is one character of the same length; the others stay. */
export function lowerCase(text: string): string {
  // JavaScript writes a capital sigma at the end of a word as another letter than elsewhere.
  const plain = text.replaceAll('Σ', 'σ');
  const lower = plain.toLowerCase();
  return lower.length === text.length ? lower : oneByOne(plain, (character) => character.toLowerCase());
}

/** Every character whose capital is one character of the same length; the others stay. */
export function upperCase(text: string): string {
  const upper = text.toUpperCase();
  return upper.length === text.length ? upper : oneByOne(text, (character) => character.toUpperCase());
}

function oneByOne(text: string, change: (character: string) => string): string {
  let changed = '';
  for (const character of text) {
    const other = change(character);
    changed += other.length === character.length ? other : character;
  }
  return changed;
}
