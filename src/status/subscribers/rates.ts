/** How often one source may ask, counted in memory: a window of an hour that begins with the first request. */
import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../std/clock.ts';

const windowMs = 3_600_000;
const sourcesMax = 10_000;

/** @returns a function that counts a request of this source, and tells whether it is one too many */
export function sourceLimit(perHourMax: number, clock: Clock): (source: string) => boolean {
  const windows = new LRUCache<string, { readonly since: number; count: number }>({ max: sourcesMax });
  return (source) => {
    const network = networkOf(source);
    const known = windows.get(network);
    const now = clock.now();
    if (known === undefined || now - known.since >= windowMs) {
      windows.set(network, { since: now, count: 1 });
      return perHourMax < 1;
    }
    known.count += 1;
    return known.count > perHourMax;
  };
}

/** Whoever has one IPv6 address has a whole /64 of them. */
function networkOf(source: string): string {
  const bare = source.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = [...groups, ...Array(Math.max(0, 8 - groups.length - last.length)).fill('0'), ...last];
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
