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
  const headers: { field: string; value: string[] }[] = [];
  const line = /([^\r\n]*)(\r\n|\r|\n|$)/y;
  let number = 0;
  for (let at = 0; at < text.length; at = line.lastIndex) {
    line.lastIndex = at;
    const content = line.exec(text)![1]!;
    number += 1;
    if (content === '') return block(headers, text.slice(line.lastIndex));
    const last = headers.at(-1);
    if (/^[ \t]/.test(content) && last !== undefined) {
      last.value.push(content);
      continue;
    }
    const header = /^([!-9;-~]+):(.*)$/s.exec(content);
    if (header === null) {
      return refuse(
        'metadata-invalid',
        `Line ${number} of ${filename} is neither a field nor the indented rest of one.`,
      );
    }
    headers.push({ field: header[1]!.toLowerCase(), value: [header[2]!.trim()] });
    if (headers.length > headersMax)
      return refuse('metadata-invalid', `${filename} has more than ${headersMax} fields.`);
  }
  return block(headers, '');
}

function block(headers: readonly { field: string; value: string[] }[], body: string): HeaderBlock {
  const joined = headers.map(({ field, value }) => ({ field, value: value.join('\n').trimEnd() }));
  return new HeaderBlock(joined, body.replace(/\r\n|\r/g, '\n'));
}

/** Not by a pattern over the whole value: blanks without end would keep it busy for ever. */
function oneLine(value: string): string {
  const lines = value.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}
