/**
 * Known vulnerabilities: `VulnerabilityInfo/6.7.0`, which restore reads to warn (NU1901 to NU1904). An index, and one page with
 * everything: no client of today takes part of it only (docs/decisions/0016). The same in every feed, so it tells nothing of what a
 * feed holds; and always there, so that a client that still has an older service index finds an empty page and no error.
 *
 *   v3/vulnerabilities/index.json → [{"@name":"all","@id":"https://host/v3/vulnerabilities/all.json","@updated":"…"}]
 *   v3/vulnerabilities/all.json → {"demo.lib":[{"severity":2,"url":"https://…","versions":"[1.0.0, 1.2.3)"}]}
 */
import { type AffectedRange, parseVersionOf } from '../../documents/affected.ts';
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import type { KnownAdvisories } from '../protocol.ts';
import { storedPath, urlOf, vulnerabilityIndex, vulnerabilityPage } from './keys.ts';

/** Part of the name under which clients cache the page. */
const pageName = 'all';

/** Renders the index and its page. */
export function renderVulnerabilities(known: KnownAdvisories, context: RenderContext): Document[] {
  const entry = {
    '@name': pageName,
    '@id': urlOf(vulnerabilityPage, context),
    '@updated': new Date(known.changedAt).toISOString(),
    comment: 'Everything that the operator of this gallery has loaded.',
  };
  return [
    { type: 'document', path: storedPath(vulnerabilityPage), rank: 'leaf', text: writeJson(pageOf(known)) },
    { type: 'document', path: storedPath(vulnerabilityIndex), rank: 'index', text: writeJson([entry]) },
  ];
}

interface Vulnerability {
  readonly severity: number;
  readonly url: string;
  /** In NuGet's notation. */
  readonly versions: string;
}

function pageOf({ list }: KnownAdvisories): Record<string, Vulnerability[]> {
  const byPackage = Map.groupBy(list, ({ normalizedName }) => normalizedName);
  const packages = [...byPackage].map(([name, members]): [string, Vulnerability[]] => {
    const sorted = members
      .flatMap(({ advisory }) => advisory.content.ranges.map((range) => ({ advisory, range, order: orderOf(range) })))
      .sort(
        (a, b) =>
          descending(a.order.to, b.order.to) ||
          descending(a.order.from, b.order.from) ||
          descending(b.advisory.url, a.advisory.url),
      );
    return [
      name,
      sorted.map(({ advisory: { severity, url }, range }) => ({ severity, url, versions: nugetRange(range) })),
    ];
  });
  return Object.fromEntries(packages);
}

/** The public gallery's order: by the end, then by the beginning, the highest first. No end is above every end. */
function orderOf({ from, to }: AffectedRange): { readonly from: string; readonly to: string } {
  const keyOf = (version: string) => parseVersionOf('nupkg', version)?.sortKey ?? '';
  return { from: keyOf(from), to: to === '' ? '\uffff' : keyOf(to) };
}

function descending(a: string, b: string): number {
  return a > b ? -1 : Number(a < b);
}

/** @returns a range as NuGet writes it: `[1.0.0, 1.2.3)`, `(, 2.0.0]`, `[1.2.3]` */
export function nugetRange({ from, to, includesTo }: AffectedRange): string {
  if (from !== '' && from === to) return `[${from}]`;
  return `${from === '' ? '(' : '['}${from}, ${to}${includesTo ? ']' : ')'}`;
}
