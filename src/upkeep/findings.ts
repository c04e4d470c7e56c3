/** What `verify` found: kept up to a number, and counted beyond it. */
import type { Key } from '../blobs/store.ts';

export interface Finding {
  readonly kind: 'missing' | 'wrong' | 'surplus';
  readonly key: Key;
  readonly about: string;
}

const findingsMax = 10_000;

export class Findings {
  readonly list: Finding[] = [];
  omitted = 0;

  add(kind: Finding['kind'], key: Key, about: string): void {
    this.addAll([{ kind, key, about }]);
  }

  addAll(found: readonly Finding[]): void {
    const taken = found.slice(0, findingsMax - this.list.length);
    this.list.push(...taken);
    this.omitted += found.length - taken.length;
  }
}
