/**
 * Canaries: packages of a reserved name that a status service publishes and installs again and again. Clients that name one get it
 * like any other; no list that grows with the gallery has them: search, lists of names, news, sizes, catalog, downloads.
 */
import type { PackageRow } from './tables.ts';

/** What their normalised names begin with, in every ecosystem and feed. */
export const canaryPrefix = 'holdfast-canary-';

/** Their normalised names, to SQL's `like`. */
export const canaryPattern = `${canaryPrefix}%`;

/** Their names, to a token. */
export const canaryGlob = `${canaryPrefix}*`;

export function isCanary({ normalized_name: name }: Pick<PackageRow, 'normalized_name'>): boolean {
  return isCanaryName(name);
}

/** @param normalizedName as the ecosystem normalises it, which is in lower case */
export function isCanaryName(normalizedName: string): boolean {
  return normalizedName.startsWith(canaryPrefix);
}
