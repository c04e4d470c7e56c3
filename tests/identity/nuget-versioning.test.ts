/**
 * Versions, ranges and ids of NuGet, held against NuGet.Versioning.dll out of the installed .NET SDK: a small program is built
 * against it and asked about thousands of made cases. HOLDFAST_SEED replays a run, HOLDFAST_CASES makes it longer.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import {
  isValidPackageId,
  normalizePackageId,
  packageIdLengthMax,
  parseNuGetVersion,
  parseVersionRange,
  versionLengthMax,
} from '../../src/identity/nupkg.ts';
import { requireOrSkip } from '../clients/runners/available.ts';
import { prepareDotnet } from '../clients/runners/dotnet.ts';
import { describeResult } from '../clients/runners/run.ts';

const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31 - 1));
const cases = Number(process.env.HOLDFAST_CASES ?? 3000);

const often = (...texts: string[]) => fc.constantFrom(...texts);
const number = fc.oneof(
  { weight: 20, arbitrary: fc.nat(12).map(String) },
  { weight: 1, arbitrary: often('00', '007', '2147483647', '2147483648', '99999999999', '') },
);
const label = fc.oneof(
  { weight: 3, arbitrary: often('a', 'A', 'alpha', 'Beta', 'rc', 'rc1', 'rc10', 'a-', '-', '0a') },
  {
    weight: 3,
    arbitrary: often('0', '1', '2', '10', '01', '-1', '-0', '-01', '2147483647', '2147483648', '-2147483648'),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'09aZz-'), maxLength: 5 }) },
);
const labels = fc.array(label, { minLength: 1, maxLength: 4 }).map((list) => list.join('.'));
const seldom = (...texts: string[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constant('') }, { weight: 1, arbitrary: often(...texts) });
const blank = seldom(' ', '\t', '\n', '\u00a0');
const odd = seldom('.', '-', '+', 'x', '*', '.*', '\u0661', '\u00e9', '!', '/');
const maybe = (start: string, rest: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.constant(''),
    rest.map((text) => start + text),
  );

/** Small numbers and few words, so that many pairs are equal or neighbours. */
const versionLike = fc
  .tuple(
    blank,
    seldom('v', '+', '-', '.'),
    fc.array(number, { minLength: 1, maxLength: 5 }).map((list) => list.join('.')),
    maybe('-', labels),
    maybe('+', labels),
    odd,
    blank,
  )
  .map((parts) => parts.join(''));

const bound = fc.oneof(fc.constant(''), versionLike);
const rangeLike = fc.oneof(
  { weight: 1, arbitrary: versionLike },
  {
    weight: 4,
    arbitrary: fc
      .tuple(blank, often('[', '('), bound, often(',', ',', ',', ', ', ' ,', '', ',,'), bound, often(']', ')'), blank)
      .map((parts) => parts.join('')),
  },
);

const idLike = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'aZ0_.-'), maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom(
      ...'aZ.-\u0130\u0131\u00df\u03a3\u03c2\u212a\u01c5\u0345\u0301\u2160\u00b2\u203f\u{10400}\u{1d400} ',
    ),
    maxLength: 8,
  }),
  fc.string({ unit: 'grapheme-composite', maxLength: 6 }),
);

interface Answers {
  readonly versions: readonly (VersionAnswer | null)[];
  readonly ranges: readonly ({ readonly normalized: string; readonly isSemVer2: boolean } | null)[];
  readonly ids: readonly { readonly isValid: boolean; readonly lower: string }[];
}

interface VersionAnswer {
  readonly normalized: string;
  readonly metadata: string;
  readonly isPrerelease: boolean;
  readonly isSemVer2: boolean;
  /** Equal versions share one. */
  readonly rank: number;
}

/** Where this gallery refuses on purpose what NuGet.Versioning takes. */
const refusedVersions: readonly (readonly [reason: string, applies: (text: string) => boolean])[] = [
  ['the public gallery has a column of 64 characters', (text) => text.trim().length > versionLengthMax],
  ['white space inside a version would have to be kept out of every address', (text) => /\s/.test(text.trim())],
];
const refusedRanges: typeof refusedVersions = [
  [
    'a bound that is refused as a version',
    (text) => text.split(/[[\](),]/).some((part) => isException(refusedVersions, part)),
  ],
];
/** And where it takes what NuGet.Versioning does not. */
const takenRanges: typeof refusedVersions = [
  [
    'clients read a dependency without any bound as one on any version',
    (text) => /^[[(]\s*,\s*[\])]$/.test(text.trim()),
  ],
];
const refusedIds: typeof refusedVersions = [
  ['the manifest rule allows 100 UTF-16 units', (text) => text.length > packageIdLengthMax],
];

/** Whether a text is one of the exceptions. */
function isException(table: typeof refusedVersions, text: string): boolean {
  return table.some(([, applies]) => applies(text));
}

test('versions, ranges and ids are read, printed and ordered as NuGet does it', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  t.diagnostic(`HOLDFAST_SEED=${seed} HOLDFAST_CASES=${cases}`);
  const made = (arbitrary: fc.Arbitrary<string>) => [...new Set(fc.sample(arbitrary, { numRuns: cases, seed }))];
  const asked = { versions: made(versionLike), ranges: made(rangeLike), ids: made(idLike) };
  const answers = await askDotnet(asked);
  await t.test('versions', () => assertVersions(asked.versions, answers.versions));
  await t.test('ranges', () => assertRanges(asked.ranges, answers.ranges));
  await t.test('ids', () => assertIds(asked.ids, answers.ids));
});

async function askDotnet(asked: Record<keyof Answers, readonly string[]>): Promise<Answers> {
  await using dotnet = await prepareDotnet({ source: '/nowhere' });
  const { workspace } = dotnet;
  const program = readFileSync(join(import.meta.dirname, 'nuget-versioning.cs'), 'utf8');
  await workspace.write('ask/Program.cs', program);
  await workspace.write('ask/ask.csproj', projectFile());
  const built = await dotnet.run('build', workspace.path('ask'), '-c', 'Release', '-o', workspace.path('built'));
  assert.equal(built.exitCode, 0, describeResult(built));
  const input = await workspace.write('asked.json', JSON.stringify(asked));
  const ran = await dotnet.run(workspace.path('built/ask.dll'), input, workspace.path('answers.json'));
  assert.equal(ran.exitCode, 0, describeResult(ran));
  return JSON.parse(readFileSync(workspace.path('answers.json'), 'utf8')) as Answers;
}

/** Refers to the library that the SDK itself uses; nothing is fetched. */
function projectFile(): string {
  const current = execFileSync('dotnet', ['--version'], { encoding: 'utf8', cwd: '/' }).trim();
  const sdks = execFileSync('dotnet', ['--list-sdks'], { encoding: 'utf8', cwd: '/' });
  const folder = new RegExp(`^${current.replaceAll('.', '\\.')} \\[(.*)\\]$`, 'm').exec(sdks)?.[1] ?? '';
  const library = join(folder, current, 'NuGet.Versioning.dll');
  return `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net${current.split('.')[0]}.0</TargetFramework>
    <UseAppHost>false</UseAppHost>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <Reference Include="NuGet.Versioning"><HintPath>${library}</HintPath></Reference>
  </ItemGroup>
</Project>
`;
}

function assertVersions(texts: readonly string[], answers: Answers['versions']): void {
  const valid: { rank: number; sortKey: string; text: string }[] = [];
  let refused = 0;
  for (const [index, text] of texts.entries()) {
    const answer = answers[index] ?? null;
    const parsed = parseNuGetVersion(text);
    const shown = `seed ${seed}: version ${JSON.stringify(text)}`;
    if (answer === null || (parsed === undefined && isException(refusedVersions, text))) {
      assert.equal(parsed, undefined, `${shown} is none`);
      refused += answer === null ? 0 : 1;
      continue;
    }
    assert.ok(parsed, `${shown} is one`);
    const { rank, ...expected } = answer;
    const { normalized, metadata, isPrerelease, isSemVer2 } = parsed;
    assert.deepEqual({ normalized, metadata, isPrerelease, isSemVer2 }, expected, shown);
    valid.push({ rank, sortKey: parsed.sortKey, text });
  }
  assert.ok(valid.length > texts.length / 4 && refused < texts.length / 4, `${valid.length} are versions`);
  valid.sort((one, other) => one.rank - other.rank);
  for (const [index, later] of valid.entries()) {
    const earlier = valid[index - 1];
    if (earlier === undefined) continue;
    const pair = `seed ${seed}: ${JSON.stringify(earlier.text)} and ${JSON.stringify(later.text)}`;
    assert.equal(earlier.sortKey === later.sortKey, earlier.rank === later.rank, `${pair} are equal or not`);
    assert.ok(earlier.sortKey <= later.sortKey, `${pair} are in order`);
  }
}

function assertRanges(texts: readonly string[], answers: Answers['ranges']): void {
  let taken = 0;
  for (const [index, text] of texts.entries()) {
    const answer = answers[index] ?? null;
    const parsed = parseVersionRange(text);
    const shown = `seed ${seed}: range ${JSON.stringify(text)}`;
    if (answer === null) assert.equal(parsed !== undefined, isException(takenRanges, text), `${shown} is none`);
    else if (parsed !== undefined || !isException(refusedRanges, text)) assert.deepEqual(parsed, answer, shown);
    taken += parsed === undefined ? 0 : 1;
  }
  assert.ok(taken > texts.length / 10, `${taken} are ranges`);
}

function assertIds(texts: readonly string[], answers: Answers['ids']): void {
  for (const [index, text] of texts.entries()) {
    const { isValid, lower } = answers[index]!;
    const shown = `seed ${seed}: id ${JSON.stringify(text)}`;
    assert.equal(isValidPackageId(text), isValid && !isException(refusedIds, text), shown);
    assert.equal(normalizePackageId(text), lower, `${shown} in lower case`);
  }
  assert.ok(answers.some(({ isValid }) => isValid));
}
