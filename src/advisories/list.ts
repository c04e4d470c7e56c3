/** Tells which advisories are here, for people who look after them. */
import { knownAdvisories } from '../catalogue/queries/known-advisories.ts';
import type { AffectedRange } from '../documents/affected.ts';
import type { Gallery } from '../gallery.ts';
import type { Ecosystem } from '../validate/candidate.ts';

/** The four steps of NuGet, by number. */
export const severityWords = ['low', 'moderate', 'high', 'critical'] as const;

export interface ListedAdvisory {
  readonly id: string;
  readonly severity: string;
  readonly url: string;
  readonly summary: string;
  readonly aliases: readonly string[];
  readonly packages: readonly {
    readonly ecosystem: Ecosystem;
    /** Normalised. */
    readonly name: string;
    readonly ranges: readonly AffectedRange[];
  }[];
}

/** @returns every advisory, by id */
export async function listAdvisories(gallery: Gallery): Promise<ListedAdvisory[]> {
  const byId = Map.groupBy(await knownAdvisories(gallery.db), ({ advisory }) => advisory.advisory);
  return [...byId.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, members]) => {
      const { url, content } = members[0]!.advisory;
      return {
        id,
        // The worst that it is to any of its packages.
        severity: severityWords[Math.max(...members.map(({ advisory }) => advisory.severity))] ?? '',
        url,
        summary: content.summary,
        aliases: content.aliases,
        packages: members.map(({ ecosystem, normalizedName, advisory }) => ({
          ecosystem,
          name: normalizedName,
          ranges: advisory.content.ranges,
        })),
      };
    });
}
