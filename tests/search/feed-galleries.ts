/** Small galleries for tests of the v2 protocol's queries: packages drawn at random, as the catalogue would hand them over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { PackageView, VersionView } from '../../src/documents/package-view.ts';
import { parseNuGetVersion } from '../../src/identity/nupkg.ts';
import { type Answer, answerer } from '../../src/search/ask.ts';
import { searchedPackage } from '../../src/search/entries.ts';
import { createSearchFile } from '../../src/search/file.ts';
import { type SearchWriter, searchWriter } from '../../src/search/writer.ts';
import type { PackageKind } from '../../src/validate/candidate.ts';

export interface MadeVersion {
  readonly version: string;
  readonly isListed?: boolean;
  readonly kind?: PackageKind;
  readonly tags?: readonly string[];
  readonly title?: string | undefined;
  readonly description?: string;
  readonly createdAt?: number;
  readonly isSemVer2?: boolean;
}

export interface MadeFeedPackage {
  readonly id: string;
  readonly feed?: string;
  readonly isQuarantined?: boolean;
  readonly versions: readonly MadeVersion[];
}

export interface Asked {
  readonly views: readonly PackageView[];
  readonly ask: Answer;
  readonly writer: SearchWriter;
}

/** Makes a file of the packages, lets it be asked, and removes it. */
export function withGallery(views: readonly PackageView[], use: (asked: Asked) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-feed-'));
  const db = createSearchFile(join(folder, 'search.sqlite'), 0n);
  try {
    const writer = searchWriter(db);
    for (const [index, view] of views.entries()) writer.put(searchedPackage(BigInt(index + 1), view, ['owner']));
    use({ views, ask: answerer(db), writer });
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
}

/** @param number of the package, which makes its serial */
export function viewOf(made: MadeFeedPackage, number: number): PackageView {
  const versions = made.versions.map((version) => versionOf(made.id, version));
  return {
    feed: made.feed ?? 'main',
    ecosystem: 'nupkg',
    name: made.id,
    normalizedName: made.id.toLowerCase(),
    serial: BigInt(number + 1),
    status: made.isQuarantined ? 'quarantined' : 'active',
    statusReason: '',
    versions: versions.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
    advisories: [],
  };
}

const keyOf = ({ normalizedVersion }: VersionView) => parseNuGetVersion(normalizedVersion)!.sortKey;

function versionOf(id: string, made: MadeVersion): VersionView {
  const version = parseNuGetVersion(made.version)!;
  return {
    serial: 1n,
    version: version.original,
    normalizedVersion: version.lower,
    isPrerelease: version.isPrerelease,
    kind: made.kind ?? 'library',
    isListed: made.isListed ?? true,
    unlistedReason: '',
    deprecation: null,
    publishedAt: made.createdAt ?? 0,
    metadata: {
      id,
      verbatimVersion: version.original,
      normalizedVersion: version.normalized,
      ...(version.metadata === '' ? {} : { buildMetadata: version.metadata }),
      isSemVer2: made.isSemVer2 ?? version.isSemVer2,
      title: made.title,
      authors: 'Somebody',
      description: made.description ?? 'A package',
      tags: made.tags ?? [],
      requireLicenseAcceptance: false,
      developmentDependency: false,
      packageTypes: [],
      dependencyGroups: [],
    } as unknown as VersionView['metadata'],
    files: [
      {
        filename: `${id}.${version.lower}.nupkg`,
        kind: 'nupkg',
        sizeBytes: 1_000n,
        digests: { sha256: '', sha512: 'ab', blake2b256: '', md5: '', sha1: '' },
        uploadedAt: 0,
        metadata: {},
        extracts: [],
        isListed: true,
        unlistedReason: '',
      },
    ],
  };
}

const versionTexts = [
  '0.9.0',
  '1.0.0',
  '1.0.1-beta',
  '1.0.1',
  '1.2.0-beta.1',
  '1.2.0',
  '1.10.0+build',
  '2.0.0-Alpha',
  '2.0.0',
];
const words = [
  'Get',
  'az',
  'Azure',
  'Graph',
  'PSModule',
  'Module',
  'Tools',
  'ß',
  'É',
  'x1',
  'get-it',
  'C#',
  'C++',
  'ADX',
];
const tagTexts = [
  // Together, the first two have every three characters of the third.
  ...['xabc', 'bcd', 'abcd'],
  ...['PSModule', 'PSScript', 'PSModulePath', 'Azure', 'azuread', 'AD', 'C#', 'C++', 'ÉTÉ', 'x', 'PSEdition_Core'],
  ...[
    'PSCommand_Get-Thing',
    'PSCommand_Get-Thingy',
    'PSCommand_Set-Thing',
    'PSIncludes_Function',
    '"quoted"',
    "it's",
    '🙂',
  ],
];
const kinds: readonly PackageKind[] = ['library', 'tool', 'powershell-module', 'powershell-script'];

const anyVersion: fc.Arbitrary<MadeVersion> = fc.record({
  version: fc.constantFrom(...versionTexts),
  isListed: fc.boolean(),
  kind: fc.constantFrom(...kinds),
  tags: fc.uniqueArray(fc.constantFrom(...tagTexts), { maxLength: 5 }),
  title: fc.option(fc.constantFrom('A Title', 'Azure', ''), { nil: undefined }),
  description: fc.constantFrom('A package', 'Reads graphs', 'For Azure and AD'),
  createdAt: fc.constantFrom(0, 1_000, 86_400_000),
});

/** Packages of different ids. */
export const anyGallery: fc.Arbitrary<readonly MadeFeedPackage[]> = fc.uniqueArray(
  fc.record({
    id: fc
      .array(fc.constantFrom(...words.filter((word) => /^[\p{L}\d]+$/u.test(word))), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.')),
    feed: fc.constantFrom('main', 'main', 'main', 'other'),
    isQuarantined: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
    versions: fc.uniqueArray(anyVersion, { minLength: 1, maxLength: 5, selector: ({ version }) => version }),
  }),
  { minLength: 5, maxLength: 25, selector: ({ id }) => id.toLowerCase() },
);

/** Texts that filters ask for: whole words and tags, and parts of them. */
export const anyNeedle: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...words, ...tagTexts, '', ' ', 'PSModule PSScript', 'nothing', '\0', '"', '1.0', '%'),
  fc
    .tuple(fc.constantFrom(...words, ...tagTexts), fc.nat(4), fc.integer({ min: 1, max: 6 }))
    .map(([text, from, length]) => text.slice(from, from + length).toWellFormed()),
);
