/** Where and why text is no PowerShell data. Thrown by the parts of the reader, caught at its one edge. */

export class DataMistakeError extends Error {
  /** In UTF-16 units from the start of the text. */
  readonly at: number;

  /** @param what a clause such as `the variable $x is no data` */
  constructor(at: number, what: string) {
    super(what);
    this.at = at;
  }
}

/** @returns `line 3, column 7`, both from 1, the column in UTF-16 units */
export function placeOf(text: string, at: number): string {
  let line = 1;
  let start = 0;
  for (const match of text.slice(0, at).matchAll(/\r\n|\n|\r/g)) {
    line += 1;
    start = match.index + match[0].length;
  }
  return `line ${line}, column ${at - start + 1}`;
}

/** A stranger's piece of text for a sentence: short, printable. */
export function piece(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 40 ? `${printable.slice(0, 40)}...` : printable;
}
