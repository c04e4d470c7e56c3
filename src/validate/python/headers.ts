/**
 * The header block of core metadata: `Field: value` lines, values that go on in indented lines, an empty line, and the body.
 * Lines end as for Python's e-mail parser: LF, CR LF or CR.
 */
import { type Refusal, refuse } from '../../std/refusals.ts';

/** A package with 10 thousand classifiers, requirements and extras does not exist. */
export const headersMax = 10_000;

export interface Header {
  /** Lower case. */
  readonly field: string;
  /** As written, continued lines joined by LF. */
  readonly value: string;
}

export class HeaderBlock {
  readonly headers: readonly Header[];
  /** The text behind the first empty line; empty when there is none. */
  readonly body: string;
  readonly #byField = new Map<string, string[]>();

  constructor(headers: readonly Header[], body: string) {
    this.headers = headers;
    this.body = body;
    for (const { field, value } of headers) {
      const values = this.#byField.get(field);
      if (values === undefined) this.#byField.set(field, [value]);
      else values.push(value);
    }
  }

  /** @returns the values of a field on one line each, in their order. */
  all(field: string): string[] {
    return (this.#byField.get(field.toLowerCase()) ?? []).map(oneLine);
  }

  /** @returns the first value of a field on one line, as pip takes it; undefined when there is none. */
  one(field: string): string | undefined {
    return this.all(field)[0];
  }

  /** @returns the first value of a field with its lines, their indentation by 8 blanks (or 7 and `|`) taken away. */
  lines(field: string): string | undefined {
    const value = this.#byField.get(field.toLowerCase())?.[0];
    return value?.replace(/\n(?: {7}\|| {8}|\t)/g, '\n').trim();
  }
}

/**
 * Splits metadata into headers and body.
 * @param text of the file
 * @param filename for the sentences
 * @returns the block; or `metadata-invalid` for a line that is neither a header nor the rest of one
 */
export function readHeaders(text: string, filename: string): HeaderBlock | Refusal {
  const starts: HeaderStart[] = [];
  const line = /([^\r\n]*)(\r\n|\r|\n|$)/y;
  let number = 0;
  let at = 0;
  for (; at < text.length; at = line.lastIndex) {
    line.lastIndex = at;
    const content = line.exec(text)![1]!;
    number += 1;
    if (content === '') break;
    if (/^[ \t]/.test(content) && starts.length > 0) continue;
    const header = /^([!-9;-~]+):(.*)$/s.exec(content);
    if (header === null) {
      return refuse(
        'metadata-invalid',
        `Line ${number} of ${filename} is neither a field nor the indented rest of one.`,
      );
    }
    starts.push({ field: header[1]!.toLowerCase(), value: header[2]!.trim(), at, restAt: line.lastIndex });
    if (starts.length > headersMax)
      return refuse('metadata-invalid', `${filename} has more than ${headersMax} fields.`);
  }
  const headers = starts.map((start, index) => wholeHeader(text, start, starts[index + 1]?.at ?? at));
  return new HeaderBlock(headers, at < text.length ? withLineFeeds(text.slice(line.lastIndex)) : '');
}

interface HeaderStart {
  readonly field: string;
  /** Of the first line. */
  readonly value: string;
  readonly at: number;
  /** Where the indented lines begin, if there are any. */
  readonly restAt: number;
}

/** Cut out of the text as one piece: a value may have millions of lines. */
function wholeHeader(text: string, { field, value, restAt }: HeaderStart, end: number): Header {
  if (restAt >= end) return { field, value };
  return { field, value: `${value}\n${withLineFeeds(text.slice(restAt, end))}`.trimEnd() };
}

function withLineFeeds(text: string): string {
  return text.replace(/\r\n|\r/g, '\n');
}

/** Not by a pattern over the whole value: blanks without end would keep it busy for ever. */
function oneLine(value: string): string {
  const lines = value.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}
