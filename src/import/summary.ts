/** What came of an import: numbers, and the first examples of what did not go in. */
import { isRefusal, type Refusal, type RefusalCode } from '../std/refusals.ts';
import type { Ending } from './publish-batch.ts';

const examplesMax = 3;
const endingsNamedMax = 20;

export interface Tally {
  count: number;
  /** Names in the tree. */
  readonly examples: string[];
}

export interface RefusalTally extends Tally {
  /** Of the first that was refused so. */
  readonly message: string;
}

export class ImportSummary {
  imported = 0;
  there = 0;
  refused = 0;
  others = 0;
  /** By code. */
  readonly refusals = new Map<RefusalCode, RefusalTally>();
  /** Files that are no packages, by the end of their name. */
  readonly otherEndings = new Map<string, Tally>();

  get done(): number {
    return this.imported + this.there + this.refused;
  }

  note(name: string, ending: Ending): void {
    if (!isRefusal(ending)) this[ending] += 1;
    else this.#noteRefusal(name, ending);
  }

  #noteRefusal(name: string, { code, message }: Refusal): void {
    this.refused += 1;
    const tally = this.refusals.get(code) ?? { count: 0, examples: [], message };
    this.refusals.set(code, tally);
    add(tally, name);
  }

  noteOther(name: string): void {
    this.others += 1;
    const ending = /\.[^./]{1,20}$/.exec(name)?.[0].toLowerCase() ?? 'no ending';
    const key = this.otherEndings.has(ending) || this.otherEndings.size < endingsNamedMax ? ending : 'other endings';
    const tally = this.otherEndings.get(key) ?? { count: 0, examples: [] };
    this.otherEndings.set(key, tally);
    add(tally, name);
  }
}

function add(tally: Tally, name: string): void {
  tally.count += 1;
  if (tally.examples.length < examplesMax) tally.examples.push(name);
}
