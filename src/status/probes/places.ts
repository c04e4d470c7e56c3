/**
 * Where a gallery is reached: at each edge that the configuration names, or over each address family that its name has an address of.
 * What is done at one place says nothing of another.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { hostOf, type Route } from '../canary/request.ts';
import type { StatusSettings } from '../config/load.ts';

export interface Place {
  /** The part of a probe: an edge's name, `IPv4`, `IPv6`. */
  readonly name: string;
  readonly route: Route;
}

/**
 * Looked up once, when the service starts: the same probes then have the same ids until it starts again.
 * @returns at least one place; `IPv4` alone when the name cannot be looked up now
 */
export async function placesOf({ gallery }: Pick<StatusSettings, 'gallery'>): Promise<readonly Place[]> {
  if (gallery.edges.length > 0) {
    return gallery.edges.map(({ name, address, port }) => ({
      name,
      route: { address, ...(port === undefined ? {} : { port }) },
    }));
  }
  const families = gallery.families.length > 0 ? gallery.families : await familiesOf(hostOf(new URL(gallery.url)));
  return families.map((family) => ({ name: `IPv${family}`, route: { family } }));
}

async function familiesOf(host: string): Promise<readonly (4 | 6)[]> {
  const literal = isIP(host);
  if (literal === 4 || literal === 6) return [literal];
  const found = await lookup(host, { all: true }).catch(() => []);
  const families = ([4, 6] as const).filter((family) => found.some((one) => one.family === family));
  return families.length === 0 ? [4] : families;
}
