/** Requirements of packages: what pip can read, and what it cannot. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import fc from 'fast-check';
import { parseRequirement } from '../../src/validate/python/requirement.ts';

test('requirements are told from what is none', () => {
  for (const text of [
    'a',
    'a-b.c[x, y] >=1,<2',
    'a(>=1)',
    'a ()',
    'a;os_name=="nt"',
    "a ; 'x' not  in extra",
    'a>=1,',
  ]) {
    assert.deepEqual(parseRequirement(text)?.isDirect, false, text);
  }
  for (const text of ['a @ https://example.org/x;y', 'a[b]@file:///x ; extra == "x"']) {
    assert.deepEqual(parseRequirement(text)?.isDirect, true, text);
  }
  for (const text of [
    ...['', '-a', 'a b', 'a[', 'a[x', 'a[-]', 'a(>=1', 'a=1', 'a ~=1', 'a,>=1', 'a @', 'a;', 'a;x=="1"', 'a;extra'],
    ...['a; extra == "x" and', 'a; (extra == "x"', 'a @ https://example.org/x;extra=="x" y', 'a; extra == x', 'a>=1 1'],
    `a; ${'('.repeat(100_000)}`,
  ]) {
    assert.equal(parseRequirement(text), undefined, text.slice(0, 50));
  }
});

/** Pieces of requirements, whole and broken; no name ends in `_`, which newer versions of pip let pass and we do not. */
const pieces = {
  name: ['a', 'Foo.Bar', 'zope.interface', '-x', 'a1', ''],
  extras: ['', '', '[a]', '[a,b]', '[]', '[a,]', '[ a , b ]', '[a b]', ' [x]', '[_]'],
  versions: [
    ...[
      '',
      '>=1',
      '>=1,<2',
      ' (>=1)',
      '(>=1',
      '==1.*',
      '>1.*',
      '~=1.4',
      '~=1',
      '===foo',
      ' >= 1 , != 2',
      ',>=1',
      '=1',
      '()',
    ],
    ...['@ https://example.org/x.whl', ' @ file:///a', '@', '== 1.0+x', '>=1.0+x', ' 1.0', '~=1!2.0', '==1!2'],
  ],
  marker: [
    ...[
      '',
      '',
      '; python_version<"3"',
      ';python_version < "3" and os_name=="nt"',
      '; extra == "x" or ("a" == "b")',
      ';',
    ],
    ...["; 'x' in sys_platform", '; "a" not in os_name', ' ; os.name == "nt"', '; foo == "1"', '; python_version'],
    ...['; (os_name == "nt"', '; extra == x', "; extra=='x'", '; os_name === "a"', '; os_name=="a" os_name=="b"'],
  ],
};

/** pip 23 still has its version 21 of the library within itself, which took more; the system's own has it as pip has it today. */
const findLibrary = `
import packaging, sys
sys.exit(0 if int(packaging.__version__.split(".")[0]) >= 22 else 1)`;

test('the library that pip reads requirements with takes exactly those that we take for some', (context) => {
  const python = ['/usr/bin/python3', 'python3'].find((path) => spawnSync(path, ['-c', findLibrary]).status === 0);
  if (python === undefined) return context.skip("Python's library packaging, version 22 or later, is not installed");
  const one = fc
    .tuple(...Object.values(pieces).map((choices) => fc.constantFrom(...choices)))
    .map((chosen) => chosen.join(''));
  const texts = [...new Set(fc.sample(one, { numRuns: 3_000, seed: 740 }))];
  const script = `
import json, sys
from packaging.requirements import Requirement
def kind(text):
    try:
        return "direct" if Requirement(text).url else "plain"
    except Exception:
        return "none"
print(json.dumps([kind(text) for text in json.load(sys.stdin)]))`;
  const run = spawnSync(python, ['-c', script], { input: JSON.stringify(texts), maxBuffer: 1 << 26 });
  assert.equal(run.status, 0, run.stderr.toString());
  const expected = JSON.parse(run.stdout.toString()) as string[];
  assert.ok(expected.filter((kind) => kind !== 'none').length > 200, 'many of them are good');
  const kinds = { true: 'direct', false: 'plain', undefined: 'none' } as const;
  const ours = texts.map((text) => kinds[`${parseRequirement(text)?.isDirect}`]);
  assert.deepEqual(
    texts.flatMap((text, index) => (ours[index] === expected[index] ? [] : [[text, ours[index], expected[index]]])),
    [],
  );
});
