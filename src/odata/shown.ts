/** Pieces of a query as a refusal shows them. */

const shownLengthMax = 60;

/** A piece of what was sent, in quotation marks, cut to 60 characters and without line breaks. */
export function shown(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return `"${line.length > shownLengthMax ? `${line.slice(0, shownLengthMax - 1)}…` : line}"`;
}
