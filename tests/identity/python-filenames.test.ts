/**
 * File names and version specifiers of Python, held against the `packaging` library inside the installed pip, on made cases. What
 * is taken here means the same there; what is refused here alone has a reason in this file. HOLDFAST_SEED replays a run,
 * HOLDFAST_CASES makes it longer.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import {
  parseSdistFilename,
  parseWheelFilename,
  pythonFilenameLengthMax,
  type SdistFilename,
  type WheelFilename,
} from '../../src/identity/python.ts';
import { specifierProblem } from '../../src/validate/python/specifiers.ts';
import { requireOrSkip } from '../clients/runners/available.ts';

const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31 - 1));
const cases = Number(process.env.HOLDFAST_CASES ?? 3000);

const often = (...texts: string[]) => fc.constantFrom(...texts);
const seldom = (...texts: string[]) =>
  fc.oneof({ weight: 25, arbitrary: fc.constant('') }, { weight: 1, arbitrary: often(...texts) });

const number = fc.nat(30).map(String);
const name = fc.oneof(
  { weight: 12, arbitrary: fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._]{0,6}[A-Za-z0-9])?$/) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'aZ0._\u00e9\u212a '), maxLength: 6 }) },
);
const release = fc.array(number, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const suffix = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  often('rc1', '.post2', '.dev3', 'a', '+local.1', 'B2', '_1', '.post1.dev2', 'c1', '.rev', '+a_b'),
);
const version = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(seldom('v', '1!', '0'), release, suffix).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'019.abrcpost+!_ \n'), maxLength: 8 }) },
);
const build = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: number.map((digits) => `-${digits}`) },
  often('-1', '-007', '-1abc', '-12_x', '-a', '-', '-1\u00e9', '-\u0661'),
);
const tags = fc.oneof(
  {
    weight: 12,
    arbitrary: often(
      'py3-none-any',
      'py2.py3-none-any',
      'cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64',
      'CP312-ABI3-WIN32',
    ),
  },
  {
    weight: 1,
    arbitrary: often('py3-none', 'py3-none-any-any', '--', 'py3..py2-none-any', 'p\u00fd3-none-any', 'py3-none-a y'),
  },
);
const wheelLike = fc
  .tuple(
    seldom(' ', '-', 'x/'),
    name,
    often('-'),
    version,
    build,
    often('-'),
    tags,
    fc.oneof({ weight: 25, arbitrary: fc.constant('.whl') }, often('.WHL', '.zip', '')),
    seldom('\n'),
  )
  .map((parts) => parts.join(''));
const sdistLike = fc
  .tuple(
    seldom(' ', '-'),
    name,
    seldom('-more'),
    fc.oneof({ weight: 25, arbitrary: fc.constant('-') }, often('_', '--')),
    version,
    fc.oneof({ weight: 25, arbitrary: fc.constant('.tar.gz') }, often('.TAR.GZ', '.tgz')),
    seldom('\n'),
  )
  .map((parts) => parts.join(''));
const specifierLike = fc
  .array(
    fc
      .tuple(
        seldom(' ', '\t'),
        often('==', '!=', '>=', '<=', '>', '<', '~=', '===', '=', '=>', ''),
        seldom(' ', '\n'),
        fc.oneof(
          { weight: 3, arbitrary: version },
          {
            weight: 1,
            arbitrary: often('1.*', '1.0.*', '1.0.dev1.*', '1.0+a.*', '*', '1.0rc1.*', '1.0.post1.*', 'foo', '2024a'),
          },
        ),
        seldom('.*', ' ', ')', ';'),
      )
      .map((parts) => parts.join('')),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(','));

const script = `
import json, sys
from pip._vendor.packaging.utils import parse_wheel_filename, parse_sdist_filename, InvalidWheelFilename, InvalidSdistFilename
from pip._vendor.packaging.version import InvalidVersion
from pip._vendor.packaging.specifiers import Specifier, InvalidSpecifier

def wheel(text):
    try:
        name, version, build, tags = parse_wheel_filename(text)
    except (InvalidWheelFilename, InvalidVersion):
        return None
    return {"name": name, "version": str(version), "build": [str(part) for part in build], "tags": sorted(str(tag) for tag in tags)}

def sdist(text):
    try:
        name, version = parse_sdist_filename(text)
    except (InvalidSdistFilename, InvalidVersion):
        return None
    return {"name": name, "version": str(version)}

# Not SpecifierSet: up to 21 it takes what is no specifier of PEP 440 as one of long ago.
def specifiers(text):
    try:
        for part in text.split(","):
            if part.strip():
                Specifier(part.strip())
    except InvalidSpecifier:
        return False
    return True

asked = json.load(sys.stdin)
json.dump({"wheels": [wheel(text) for text in asked["wheels"]], "sdists": [sdist(text) for text in asked["sdists"]],
           "specifiers": [specifiers(text) for text in asked["specifiers"]]}, sys.stdout)
`;

interface Answers {
  readonly wheels: readonly ({ name: string; version: string; build: string[]; tags: string[] } | null)[];
  readonly sdists: readonly ({ name: string; version: string } | null)[];
  readonly specifiers: readonly boolean[];
}

type Exceptions = readonly (readonly [reason: string, applies: (text: string) => boolean])[];

/** What `packaging` takes and this gallery refuses. */
const refusedNames: Exceptions = [
  ['longer than file systems hold', (text) => text.length > pythonFilenameLengthMax],
  ['beyond ASCII: a URL would have a second spelling', (text) => /[^\x20-\x7e]/.test(text)],
  ['white space in a file name', (text) => /\s/.test(text)],
  ['a slash in a file name', (text) => text.includes('/')],
];
const refusedWheels: Exceptions = [
  ...refusedNames,
  [
    'a name that is none by PEP 508: nobody could ask for it',
    (text) => /^[._]|^-|[._]-/.test(text) || text.startsWith('-'),
  ],
  ['a tag without text', (text) => /\.\.|--|-\.|\.-|-\.whl/.test(text)],
];
const refusedSdists: Exceptions = [
  ...refusedNames,
  ['a name that is none by PEP 508: nobody could ask for it', (text) => /^[._-]|[._-]-/.test(text)],
];
/** What the packaging of this pip and others read differently, so that it is refused or taken without looking. */
const refusedSpecifiers: Exceptions = [
  ['=== takes any text, and since packaging 22 not quite any', (text) => /===\s*(?:,|$)|===[^,]*[;)]/.test(text)],
];
/** What this gallery takes and `packaging` splits in another way. */
const otherSdists: Exceptions = [
  [
    'a post-release with a hyphen, as old tools name it: the version starts before the last hyphen',
    (text) => /-[^-]*[0-9]-[0-9]/.test(text),
  ],
];

const isException = (table: Exceptions, text: string) => table.some(([, applies]) => applies(text));

let answers: Answers;
const made = (arbitrary: fc.Arbitrary<string>) => [...new Set(fc.sample(arbitrary, { numRuns: cases, seed }))];
const asked = { wheels: made(wheelLike), sdists: made(sdistLike), specifiers: made(specifierLike) };

function ask(t: TestContext): boolean {
  if (!requireOrSkip(t, 'pip')) return false;
  t.diagnostic(`HOLDFAST_SEED=${seed} HOLDFAST_CASES=${cases}`);
  if (answers) return true;
  const run = spawnSync('python3', ['-c', script], { input: JSON.stringify(asked), maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr.toString());
  answers = JSON.parse(run.stdout.toString()) as Answers;
  return true;
}

function wheelAnswer({ normalizedName, version: { normalized }, build: tag, pythons, abis, platforms }: WheelFilename) {
  const combined = pythons.flatMap((python) =>
    abis.flatMap((abi) => platforms.map((one) => `${python}-${abi}-${one}`)),
  );
  const parts = tag === undefined ? [] : [tag.number, tag.suffix];
  return { name: normalizedName, version: normalized, build: parts, tags: [...new Set(combined)].sort() };
}

function sdistAnswer({ normalizedName, version: { normalized } }: SdistFilename) {
  return { name: normalizedName, version: normalized };
}

/** Ours and theirs are the same, or the text is one of the exceptions that we refuse. */
function assertSame<T>(text: string, ours: T | undefined, theirs: T | null, refused: Exceptions): boolean {
  const shown = `seed ${seed}: ${JSON.stringify(text)}`;
  if (ours === undefined && theirs !== null) assert.ok(isException(refused, text), `${shown} is one for packaging`);
  else assert.deepEqual(ours ?? null, theirs, shown);
  return ours !== undefined;
}

test('wheel file names mean what they mean to packaging', (t) => {
  if (!ask(t)) return;
  const taken = asked.wheels.filter((text, index) => {
    const parsed = parseWheelFilename(text);
    return assertSame(text, parsed && wheelAnswer(parsed), answers.wheels[index]!, refusedWheels);
  });
  assert.ok(taken.length > asked.wheels.length / 5, `${taken.length} of ${asked.wheels.length}`);
});

test('file names of source distributions mean what they mean to packaging', (t) => {
  if (!ask(t)) return;
  const taken = asked.sdists.filter((text, index) => {
    const parsed = parseSdistFilename(text);
    if (parsed !== undefined && isException(otherSdists, text)) return true;
    return assertSame(text, parsed && sdistAnswer(parsed), answers.sdists[index]!, refusedSdists);
  });
  assert.ok(taken.length > asked.sdists.length / 5, `${taken.length} of ${asked.sdists.length}`);
});

test('version specifiers are those that packaging takes', (t) => {
  if (!ask(t)) return;
  let taken = 0;
  for (const [index, text] of asked.specifiers.entries()) {
    if (isException(refusedSpecifiers, text)) continue;
    const isTaken = specifierProblem(text) === undefined;
    assert.equal(isTaken, answers.specifiers[index], `seed ${seed}: ${JSON.stringify(text)}`);
    taken += isTaken ? 1 : 0;
  }
  assert.ok(taken > asked.specifiers.length / 10, `${taken} of ${asked.specifiers.length}`);
});
