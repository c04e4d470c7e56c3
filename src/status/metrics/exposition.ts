/**
 * Reads Prometheus' text format (0.0.4), strictly and within limits: one line that cannot be read refuses the whole, because half of the
 * figures are worse than none. What stands in comments is not needed.
 */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite, as the format allows. */
  readonly value: number;
}

/** Longest text that is read, in characters; samples of it; labels of a sample; characters of a name or a label's value. */
export const expositionLengthMax = 4 * 1024 * 1024;
export const samplesMax = 50_000;
const labelsMax = 32;
const textLengthMax = 1_000;

export class ExpositionError extends Error {}

const namePattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelPattern = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const numberPattern = /^[+-]?(?:Inf|NaN|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;

/** @returns the samples in their order; throws ExpositionError with the line's number */
export function readExposition(text: string): Sample[] {
  if (text.length > expositionLengthMax)
    throw new ExpositionError(`it has more than ${expositionLengthMax} characters`);
  const samples: Sample[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    if (samples.length >= samplesMax) throw new ExpositionError(`it has more than ${samplesMax} samples`);
    samples.push(new LineReader(content, number).sample());
  }
  return samples;
}

class LineReader {
  private readonly line: string;
  private readonly number: number;
  private at = 0;

  constructor(line: string, number: number) {
    this.line = line;
    this.number = number;
  }

  sample(): Sample {
    const name = this.match(namePattern, 'a name');
    this.skipBlanks();
    const labels = this.line[this.at] === '{' ? this.labels() : {};
    const rest = this.line
      .slice(this.at)
      .trim()
      .split(/[ \t]+/);
    const [value = '', time] = rest;
    if (!numberPattern.test(value)) this.refuse('a number');
    if (rest.length > 2 || (time !== undefined && !/^-?\d+$/.test(time))) this.refuse('the end of the line');
    return { name, labels, value: readNumber(value) };
  }

  private labels(): Record<string, string> {
    const labels: Record<string, string> = Object.create(null) as Record<string, string>;
    this.at += 1;
    for (let count = 0; ; count += 1) {
      this.skipBlanks();
      if (this.line[this.at] === '}') break;
      if (count >= labelsMax) this.refuse(`at most ${labelsMax} labels`);
      const label = this.match(labelPattern, 'a label');
      if (Object.hasOwn(labels, label)) this.refuse('each label once');
      this.expect('=');
      labels[label] = this.quoted();
      this.skipBlanks();
      if (this.line[this.at] === ',') this.at += 1;
      else if (this.line[this.at] !== '}') this.refuse('"," or "}"');
    }
    this.at += 1;
    return { ...labels };
  }

  private quoted(): string {
    this.expect('"');
    let text = '';
    for (;;) {
      const character = this.line[this.at];
      if (character === undefined || text.length > textLengthMax) this.refuse('the end of a value');
      this.at += 1;
      if (character === '"') return text;
      text += character === '\\' ? this.escaped() : character;
    }
  }

  private escaped(): string {
    const character = this.line[this.at] ?? '';
    this.at += 1;
    if (character === 'n') return '\n';
    if (character === '"' || character === '\\') return character;
    return this.refuse('an escape');
  }

  private expect(character: string): void {
    this.skipBlanks();
    if (this.line[this.at] !== character) this.refuse(`"${character}"`);
    this.at += 1;
  }

  private match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.line) ?? [];
    if (found === undefined || found.length > textLengthMax) return this.refuse(what);
    this.at += found.length;
    return found;
  }

  private skipBlanks(): void {
    while (this.line[this.at] === ' ' || this.line[this.at] === '\t') this.at += 1;
  }

  private refuse(wanted: string): never {
    throw new ExpositionError(`line ${this.number}: expected ${wanted} at character ${this.at + 1}`);
  }
}

function readNumber(text: string): number {
  const spelled = text.toLowerCase();
  if (spelled.endsWith('inf')) return spelled.startsWith('-') ? -Infinity : Infinity;
  return spelled.endsWith('nan') ? NaN : Number(text);
}
