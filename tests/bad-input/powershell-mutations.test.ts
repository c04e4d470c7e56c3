/**
 * Thousands of made manifests and scripts: whatever they hold, reading them ends, after a number of steps that their length bounds,
 * with what they declare or with a refusal; and what is written as data is read as it was written. HOLDFAST_SEED replays a run,
 * HOLDFAST_CASES makes it longer.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '../../src/std/refusals.ts';
import { DataProblem, readDataFile } from '../../src/validate/powershell/data-language.ts';
import { DataTable, type DataValue } from '../../src/validate/powershell/data-values.ts';
import { decodePowerShell } from '../../src/validate/powershell/script-encoding.ts';
import { readManifest } from '../../src/validate/psmodule/manifest.ts';
import { readScript } from '../../src/validate/psscript/script.ts';
import { readScriptText } from '../../src/validate/psscript/script-text.ts';
import { psModuleManifest } from '../packages/psmodule.ts';
import { psScriptText } from '../packages/psscript.ts';
import { applied, byteChanges } from './mutations.ts';

const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31 - 1));
const cases = Number(process.env.HOLDFAST_CASES ?? 2_000);

function holds<T>(t: TestContext, values: fc.Arbitrary<T>, property: (value: T) => void): void {
  t.diagnostic(`HOLDFAST_SEED=${seed} HOLDFAST_CASES=${cases}`);
  fc.assert(fc.property(values, property), { seed, numRuns: cases });
}

const folders = { dscResources: [], roleCapabilities: [], fileList: [] };
const manifest = psModuleManifest({
  id: 'Made',
  version: '1.2.3',
  prerelease: 'beta1',
  functions: ['Get-One', 'Get-Two'],
  requiredModules: ['A', { ModuleName: 'B', ModuleVersion: '1.0' }],
  releaseNotes: 'One.\nTwo.',
  tags: ['a', 'b'],
  manifestLines: ['Extra = "a`tb", 0x1F, 2kb, [version]"1.0", (-1)', '<# a\ncomment #>', 'More = @"\nx `$y\n"@'],
});
const script = psScriptText({
  id: 'Made',
  version: '1.2.3',
  functions: ['Get-One'],
  requiredModules: ['A', { ModuleName: 'B', ModuleVersion: '1.0' }],
  firstLines: ['#Requires -Version 5.1', '$a = "x $(function Inner { "y" }) $z" + @"', '$(1)', '"@', "@'\n'@"],
});

/** What begins or ends something, for the one language or the other. */
const tokens = [
  ...[
    "'",
    '"',
    "@'\n",
    '@"\n',
    "\n'@",
    '\n"@',
    '@{',
    '@(',
    '(',
    ')',
    '}',
    '{',
    '$(',
    '$',
    '`',
    '<#',
    '#>',
    '#',
    '=',
    ',',
    ';',
    '\n',
  ],
  ...[
    '+',
    '-',
    '[string]',
    '[version]',
    '[',
    ']',
    '$true',
    '$x',
    '0x',
    '1e9',
    '1kb',
    'function ',
    '\u2018',
    '\u201d',
    '\u2013',
    '\0',
  ],
  ...['.VERSION 1', '<#PSScriptInfo', '#Requires -Modules @{', '${', '\ud800', 'ModuleVersion', '\r'],
];
const place = fc.nat(999_999).map((millionths) => millionths / 1_000_000);
/** Puts a token in, once or often, in place of a few characters. */
const textChange = fc
  .tuple(place, fc.constantFrom(...tokens), fc.constantFrom(1, 1, 2, 70, 3_000), fc.nat(12))
  .map(([share, token, times, lost]) => (text: string) => {
    const at = Math.floor(share * text.length);
    return text.slice(0, at) + token.repeat(times) + text.slice(at + lost);
  });
const textChanges = fc.array(textChange, { minLength: 1, maxLength: 4 });
const changed = (text: string, changes: readonly ((text: string) => string)[]) =>
  changes.reduce((current, change) => change(current), text);

function assertBounded(text: string): void {
  const file = readDataFile(text);
  assert.ok(file.tokens <= text.length + 1, `${file.tokens} tokens of ${text.length} characters`);
  const { steps } = readScriptText(text);
  assert.ok(steps <= text.length + 1, `${steps} steps for ${text.length} characters`);
}

/** A declaration has a version; a refusal is one line that names the file. */
function assertEnded(result: ReturnType<typeof readScript>): void {
  if (isRefusal(result)) assert.match(result.message, /^[\x20-\x7e]*'Made\.psd?1'[\x20-\x7e]*\.$/);
  else if (result !== undefined) assert.notEqual(result.version.normalized, '');
}

function assertRead(text: string): void {
  assertBounded(text);
  assertEnded(readManifest(text, 'Made.psd1', folders));
  assertEnded(readScript(text, 'Made.ps1', []));
}

test('unchanged, manifest and script are read', () => {
  assert.ok(!isRefusal(readManifest(manifest, 'Made.psd1', folders)));
  const read = readScript(script, 'Made.ps1', []);
  assert.ok(read !== undefined && !isRefusal(read));
  assert.deepEqual(read.powershell.functions, ['Inner', 'Get-One']);
});

test('changed manifests are read or refused, in bounded work', (t) => {
  let refused = 0;
  holds(t, textChanges, (changes) => {
    const text = changed(manifest, changes);
    assertRead(text);
    if (isRefusal(readManifest(text, 'Made.psd1', folders))) refused += 1;
  });
  t.diagnostic(`${refused} of ${cases} were refused`);
  assert.ok(refused > cases / 4 && refused < cases, 'changes matter, but not always');
});

test('changed scripts are read or refused, in bounded work', (t) => {
  holds(t, textChanges, (changes) => assertRead(changed(script, changes)));
});

test('any row of tokens is read or refused, in bounded work', (t) => {
  holds(t, fc.array(fc.constantFrom(...tokens), { maxLength: 60 }), (row) => assertRead(`@{ A = ${row.join('')}`));
});

test('files with changed bytes are text or not, and then read or refused', (t) => {
  const files = [Buffer.from(manifest), Buffer.from(`\ufeff${manifest}`, 'utf16le'), Buffer.from(script)];
  holds(t, fc.tuple(fc.constantFrom(...files), byteChanges), ([file, changes]) => {
    const text = decodePowerShell(applied(file, changes));
    if (text !== undefined) assertRead(text);
  });
});

test('the same thing a hundred thousand times costs no more than its length', () => {
  for (const token of tokens) assertBounded(`@{ A = ${token.repeat(100_000)}`);
});

/** A value, and one way to write it. */
const written: fc.Arbitrary<{ value: unknown; text: string }> = fc.letrec((tie) => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const doubled = (value: string, marks: RegExp) => value.replace(marks, '$&$&');
  const quotedSingly = text.map((value) => ({ value, text: `'${doubled(value, /['\u2018-\u201b]/g)}'` }));
  const quoted = text.map((value) => ({
    value,
    text: `"${doubled(value, /["\u201c-\u201e]/g).replace(/[`$]/g, '`$&')}"`,
  }));
  const here = text.map((value) => ({ value, text: `@'\n${value}\n'@` }));
  const number = fc.integer().map((value) => ({ value, text: String(value) }));
  const constant = fc.constantFrom({ value: true, text: '$true' }, { value: null, text: '$NULL' });
  const values = fc.array(tie('any') as fc.Arbitrary<{ value: unknown; text: string }>, { minLength: 2, maxLength: 4 });
  const wrapped = (list: { text: string }[], between: string) => list.map((one) => `(${one.text})`).join(between);
  const listed = values.map((list) => ({ value: list.map(({ value }) => value), text: wrapped(list, ' , ') }));
  const table = values.map((list) => ({
    value: Object.fromEntries(list.map(({ value }, index) => [`key${index}`, value])),
    text: `@{${list.map((one, index) => `Key${index} =\n${one.text}`).join(';')}\n}`,
  }));
  const leaf = fc.oneof(quotedSingly, quoted, here, number, constant);
  return { any: fc.oneof({ maxDepth: 4 }, leaf, listed, table) };
}).any as fc.Arbitrary<{ value: unknown; text: string }>;

function plain(value: DataValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof DataTable)) return value;
  const keys = ['key0', 'key1', 'key2', 'key3'].filter((key) => value.get(key) !== undefined);
  return Object.fromEntries(keys.map((key) => [key, plain(value.get(key))]));
}

test('what is written as data is read as it was written', (t) => {
  holds(t, written, ({ value, text }) => {
    const file = readDataFile(`@{ Value = ${text} }`);
    assert.ok(!(file instanceof DataProblem), file instanceof DataProblem ? `${file.problem}: ${text}` : '');
    assert.deepEqual(plain(file.table.get('Value')), value);
  });
});
