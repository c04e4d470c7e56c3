/** Names, versions and file names of Python packages, held against the `packaging` library inside the installed pip. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import {
  isSdistFilenameOf,
  isValidPythonName,
  normalizePythonName,
  parsePythonVersion,
  parseSdistFilename,
  parseWheelFilename,
} from '../../src/identity/python.ts';

/** HOLDFAST_SEED=n repeats a run. */
const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31 - 1));

const digits = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 12 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('00', '007', '2024', '20240101', '9007199254740993') },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 25 }) },
);
const separator = fc.constantFrom('', '', '.', '-', '_');
const maybe = (arbitrary: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), arbitrary);
const anyCase = (...words: string[]) => fc.constantFrom(...words, ...words.map((word) => word.toUpperCase()));
const marked = (words: fc.Arbitrary<string>) =>
  fc.tuple(separator, words, separator, maybe(digits)).map((parts) => parts.join(''));
const localSegment = fc.oneof(digits, fc.string({ unit: fc.constantFrom(...'abzAZ019'), minLength: 1, maxLength: 5 }));
const local = fc
  .array(fc.tuple(localSegment, fc.constantFrom('.', '-', '_')), { minLength: 1, maxLength: 4 })
  .map((segments) => `+${segments.flat().slice(0, -1).join('')}`);

/** Small numbers and few words, so that many pairs are equal or neighbours. */
const versionLike = fc
  .tuple(
    fc.constantFrom('', '', '', '', 'v', 'V', ' '),
    maybe(digits.map((epoch) => `${epoch}!`)),
    fc
      .array(fc.oneof(fc.constantFrom('0', '1'), digits), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('.')),
    maybe(marked(anyCase('a', 'alpha', 'b', 'beta', 'c', 'rc', 'pre', 'preview'))),
    maybe(
      fc.oneof(
        digits.map((number) => `-${number}`),
        marked(anyCase('post', 'rev', 'r')),
      ),
    ),
    maybe(marked(anyCase('dev'))),
    maybe(local),
    fc.constantFrom('', '', '', '', '', '', ' ', '\n', '.', '-', 'x', '+', '!1', '..1'),
  )
  .map((parts) => parts.join(''));

const script = `
import json, sys
from pip._vendor.packaging.version import Version, InvalidVersion
answers, versions = [], []
for text in json.load(sys.stdin):
    try:
        version = Version(text)
    except InvalidVersion:
        answers.append(None)
        continue
    versions.append((version, len(answers)))
    answers.append({"normalized": str(version), "public": version.public, "isPrerelease": version.is_prerelease,
                    "isLocal": version.local is not None})
versions.sort(key=lambda pair: pair[0])
rank = 0
for index, (version, at) in enumerate(versions):
    if index and versions[index - 1][0] != version:
        rank += 1
    answers[at]["rank"] = rank
json.dump(answers, sys.stdout)
`;

interface Answer {
  readonly normalized: string;
  readonly public: string;
  readonly isPrerelease: boolean;
  readonly isLocal: boolean;
  /** Equal versions share one. */
  readonly rank: number;
}

test('versions are valid, normalised and ordered exactly as pip does it', (context) => {
  const hasPython = spawnSync('python3', ['-c', 'import pip._vendor.packaging']).status === 0;
  if (!hasPython) return context.skip('python3 with pip is not installed');
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const texts = [...new Set(fc.sample(versionLike, { numRuns: 2500, seed }))];
  const run = spawnSync('python3', ['-c', script], { input: JSON.stringify(texts), maxBuffer: 1 << 26 });
  assert.equal(run.status, 0, run.stderr.toString());
  const answers = JSON.parse(run.stdout.toString()) as (Answer | null)[];

  const valid: { rank: number; sortKey: string; text: string }[] = [];
  for (const [index, text] of texts.entries()) {
    const answer = answers[index]!;
    const parsed = parsePythonVersion(text);
    if (answer === null) {
      assert.equal(parsed, undefined, `seed ${seed}: ${JSON.stringify(text)} is not a version`);
      continue;
    }
    const { rank, ...expected } = answer;
    assert.ok(parsed !== undefined, `seed ${seed}: ${JSON.stringify(text)} is a version`);
    const { sortKey, ...actual } = parsed;
    assert.deepEqual(actual, expected, `seed ${seed}: ${JSON.stringify(text)}`);
    assert.match(sortKey, /^[\x21-\x7e]+$/);
    valid.push({ rank, sortKey, text });
  }
  assert.ok(valid.length > 1000 && valid.length < texts.length, `${valid.length} of ${texts.length} are valid`);
  valid.sort((a, b) => a.rank - b.rank);
  for (const [index, later] of valid.entries()) {
    const earlier = valid[index - 1];
    if (earlier === undefined) continue;
    const pair = `seed ${seed}: ${JSON.stringify(earlier.text)} and ${JSON.stringify(later.text)}`;
    assert.equal(earlier.sortKey === later.sortKey, earlier.rank === later.rank, `${pair} are equal or not`);
    assert.ok(earlier.sortKey <= later.sortKey, `${pair} are in order`);
  }
});

test('versions sort as PEP 440 shows it', () => {
  const ascending = [
    '0.9',
    '1.dev0',
    '1.0.dev456',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0+abc',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0+5.1',
    '1.0+10',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.1',
    '1.0.15',
    '1.1.dev1',
    '10',
    '1!0.1',
  ];
  const keys = ascending.map((text) => parsePythonVersion(text)!.sortKey);
  assert.deepEqual([...new Set(keys)].sort(), keys);
  assert.equal(parsePythonVersion('1.0.0')!.sortKey, parsePythonVersion('v1')!.sortKey);
});

test('numbers of 60 digits keep their order, longer ones are no versions', () => {
  const large = parsePythonVersion(`1.${'9'.repeat(60)}`)!;
  const larger = parsePythonVersion(`2.${'9'.repeat(59)}`)!;
  assert.ok(large.sortKey < larger.sortKey);
  assert.ok(large.sortKey > parsePythonVersion(`1.${'9'.repeat(59)}`)!.sortKey);
  assert.equal(parsePythonVersion(`1.${'9'.repeat(61)}`), undefined);
  assert.equal(parsePythonVersion(`1.0+${'9'.repeat(61)}`), undefined);
  assert.equal(parsePythonVersion(`1.0+a${'9'.repeat(61)}`)?.isLocal, true);
  assert.equal(parsePythonVersion(`1${'.0'.repeat(100)}`), undefined);
});

test('letters that only look like ASCII make no version and no name', () => {
  assert.equal(parsePythonVersion('1.0.po\u017ft1'), undefined);
  assert.equal(parsePythonVersion('1.\u0661'), undefined);
  assert.equal(isValidPythonName('\u212aelvin'), false);
  assert.equal(isValidPythonName('\u017fetuptools'), false);
  assert.equal(normalizePythonName('\u212a'), '\u212a');
});

test('names are valid and normalised as PEP 503 and 508 say', () => {
  for (const name of ['demo', '0', 'Foo.Bar__baz', '0-._.-._.-0', 'a'.repeat(300)])
    assert.ok(isValidPythonName(name), name);
  for (const name of ['', '-a', 'a-', '.', 'a b', 'a\n', '\na', 'a/b', 'ä']) {
    assert.ok(!isValidPythonName(name), JSON.stringify(name));
  }
  assert.equal(normalizePythonName('Foo.Bar__baz'), 'foo-bar-baz');
  assert.equal(normalizePythonName('0-._.-._.-0'), '0-0');
});

test('a wheel file name tells name, version, build and tags', () => {
  const wheel = parseWheelFilename('Foo_Bar-1.0.post1+Local.1-017abc-cp312.cp313-abi3-manylinux_2_17_x86_64.whl');
  assert.ok(wheel !== undefined);
  assert.equal(wheel.name, 'Foo_Bar');
  assert.equal(wheel.normalizedName, 'foo-bar');
  assert.equal(wheel.version.normalized, '1.0.post1+local.1');
  assert.deepEqual(wheel.build, { number: '17', suffix: 'abc' });
  assert.equal(wheel.pythonTag, 'cp312.cp313');
  assert.deepEqual(wheel.pythons, ['cp312', 'cp313']);
  assert.deepEqual(wheel.abis, ['abi3']);
  assert.deepEqual(wheel.platforms, ['manylinux_2_17_x86_64']);
  assert.equal(parseWheelFilename('demo-1!2.0-py3-none-any.whl')?.build, undefined);
});

test('a file name that pip would pass over is no wheel file name', () => {
  const bad = [
    'demo-1.0-py3-none-any.zip',
    'demo-1.0-py3-none-any.WHL',
    'demo-1.0-none-any.whl',
    'demo-1.0-1-2-py3-none-any.whl',
    'demo__py-1.0-py3-none-any.whl',
    '_demo-1.0-py3-none-any.whl',
    'demo-one-py3-none-any.whl',
    'demo- 1.0-py3-none-any.whl',
    'demo-1.0-build-py3-none-any.whl',
    'demo-1.0-py3--any.whl',
    'demo-1.0-py3.-none-any.whl',
    'd\u00e9mo-1.0-py3-none-any.whl',
  ];
  for (const filename of bad) assert.equal(parseWheelFilename(filename), undefined, filename);
});

test('a source file name is split at its last hyphen, and matched at any', () => {
  const sdist = parseSdistFilename('demo-py-1.0.0.tar.gz');
  assert.deepEqual([sdist?.normalizedName, sdist?.version.normalized], ['demo-py', '1.0.0']);
  const post = parsePythonVersion('1.0.post1')!;
  assert.ok(isSdistFilenameOf('demo-1.0-1.tar.gz', 'demo', post));
  assert.ok(isSdistFilenameOf('Demo.Py-1.0.0.post1.tar.gz', 'demo-py', post));
  assert.ok(!isSdistFilenameOf('demo-1.0-1.tar.gz', 'demo', parsePythonVersion('1.0')!));
  assert.ok(!isSdistFilenameOf('other-1.0.post1.tar.gz', 'demo', post));
  const long = `demo-1.0+${'a'.repeat(190)}`;
  assert.ok(parseSdistFilename(`${long}.tar.gz`) !== undefined);
  for (const filename of [
    `${'x'.repeat(60)}-${long}.tar.gz`,
    'demo-1.0.tar.xz',
    'demo-1.0.zip',
    'demo.tar.gz',
    'demo-one.tar.gz',
    '-1.0.tar.gz',
    'demo-1.0\n.tar.gz',
  ]) {
    assert.equal(parseSdistFilename(filename), undefined, filename);
  }
});
