/** What is asked of new wheels and source distributions beyond being readable, rule by rule, and what each setting changes. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { settings } from '../../src/config/settings.ts';
import { isRefusal, type Refusal } from '../../src/std/refusals.ts';
import type { Candidate } from '../../src/validate/candidate.ts';
import { inspectPythonFile } from '../../src/validate/python/inspect.ts';
import { licenseExpressionProblem } from '../../src/validate/python/license-expression.ts';
import { pythonRules, refusedByDefault, takenByDefault } from '../../src/validate/python/rules.ts';
import type { ArchiveEntry } from '../packages/archive.ts';
import { metadataOf, sdistOf, wheelOf } from './python-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'holdfast-rules-'));
after(() => rm(folder, { recursive: true }));

const limits = { entriesMax: 100, unpackedBytesMax: 1 << 24, extractBytesMax: 1 << 18, ratioMax: 50 };
const usual = pythonRules([], []);
const lenient = pythonRules([], [...refusedByDefault]);
const strict = pythonRules([...takenByDefault], []);
let made = 0;

async function inspect(filename: string, bytes: Uint8Array, rules = usual): Promise<Candidate | Refusal> {
  made += 1;
  const path = join(folder, `${made}.upload`);
  await writeFile(path, bytes);
  return inspectPythonFile(path, filename, limits, rules);
}

function messageOf(result: Candidate | Refusal): string {
  return isRefusal(result) ? `${result.code}: ${result.message}` : 'accepted';
}

/** The answer to a wheel whose METADATA has these further lines. */
async function tellOf(more: string, metadataVersion = '2.4', rules = usual): Promise<string> {
  const wheel = await wheelOf('demo-1.0.dist-info', metadataOf('demo', '1.0', more, metadataVersion));
  return messageOf(await inspect('demo-1.0-py3-none-any.whl', wheel, rules));
}

/** Lines of metadata that are refused, with the reason; and what is next to them and accepted. */
const metadataRules: readonly (readonly [
  rule: string,
  bad: readonly string[],
  words: RegExp,
  good: readonly string[],
])[] = [
  [
    'a field that has one value stands there once',
    ['Summary: a\nSummary: b\n', 'License: a\nLicense: b\n', 'Requires-Python: >=3\nrequires-python: >=3\n'],
    /more than one (Summary|License|Requires-Python)/,
    ['Classifier: A :: B\nClassifier: A :: C\n', 'Platform: any\nPlatform: any\n'],
  ],
  [
    'a summary is one line of up to 512 characters',
    [`Summary: ${'x'.repeat(513)}\n`, 'Summary: one\n  two\n'],
    /Summary of more than (512 characters|one line)/,
    [`Summary: ${'x'.repeat(512)}\n`, 'Summary: UNKNOWN\n', 'Summary:\n'],
  ],
  [
    'an author is written to at an e-mail address',
    [
      'Author-email: nobody\n',
      'Author-email: Ada <ada>\n',
      'Maintainer-email: a b@example.org\n',
      'Author-email: a@-x\n',
    ],
    /(Author|Maintainer)-email '.*', in which '.*' is not an e-mail address/,
    [
      'Author-email: ada@example.org\n',
      'Author-email: "Lovelace, Ada" <ada@example.org>, Bo <bo@ci>\n',
      'Author-email: Lovelace, Ada <ada@example.org>\n',
      'Maintainer-email: ada@bücher.example, bo@example.org (Bo)\n',
      'Author-email: UNKNOWN\n',
    ],
  ],
  [
    'a classifier is a path of words',
    ['Classifier: Python\n', 'Classifier: A ::  B\n', 'Classifier: A::B\n', 'Classifier: A :: \n'],
    /Classifier '.*', which is not of the form/,
    ['Classifier: Topic :: Utilities\n', 'Classifier: Our :: Own :: Word\n', 'Classifier: Private :: Do Not Upload\n'],
  ],
  [
    'addresses are of the web',
    [
      'Home-page: example.org\n',
      'Home-page: ftp://example.org\n',
      'Download-URL: http://\n',
      'Home-page: https://a b\n',
    ],
    /(Home-page|Download-URL) '.*', which is not an address/,
    ['Home-page: https://example.org/a?b#c\n', 'Home-page: HTTP://localhost:8080\n', 'Home-page: UNKNOWN\n'],
  ],
  [
    'a project address has a label of up to 32 characters, and each label one address',
    [
      `Project-URL: ${'x'.repeat(33)}, https://example.org\n`,
      'Project-URL: A, https://example.org\nProject-URL: A, https://example.com\n',
      'Project-URL: A, javascript:x\n',
    ],
    /Project-URL/,
    [`Project-URL: ${'x'.repeat(32)}, https://example.org\nProject-URL: a, http://example.org\n`],
  ],
  [
    'a requirement is one that pip can read',
    [
      'Requires-Dist: a >=1; nonsense\n',
      'Requires-Dist: a; python_version\n',
      'Provides-Dist: a =1\n',
      'Obsoletes-Dist: ?\n',
    ],
    /(Requires|Provides|Obsoletes)-Dist '.*', which/,
    ['Requires-Dist: a[b]>=1; extra == "c" and (os_name != "nt")\n', 'Provides-Dist: a (>=1)\n', 'Obsoletes-Dist: a\n'],
  ],
  [
    'a field is dynamic only where a build may find it out',
    ['Dynamic: Name\n', 'Dynamic: version\n', 'Dynamic: Nonsense\n'],
    /Dynamic '.*', which is not a field/,
    ['Dynamic: Requires-Dist\nDynamic: license-file\n'],
  ],
  [
    'a licence expression is one, and stands alone',
    ['License-Expression: MIT\nLicense: MIT\n', 'License-Expression: My Licence\n', 'License-Expression: MIT OR\n'],
    /License-Expression/,
    ['License-Expression: mit and (Apache-2.0 or LicenseRef-Ours)\n', 'License: Whatever you like\n'],
  ],
  [
    'a licence file is a path inside its folder',
    ['License-File: ../LICENSE\n', 'License-File: /LICENSE\n', 'License-File: LIC*\n', 'License-File: a\\b\n'],
    /License-File '.*', which/,
    [],
  ],
  [
    'a description is plain text, reStructuredText or Markdown, in UTF-8',
    [
      'Description-Content-Type: text/html\n',
      'Description-Content-Type: text/markdown; charset=latin-1\n',
      'Description-Content-Type: text/markdown; variant=Mine\n',
    ],
    /Description-Content-Type '.*', w/,
    ['Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM\n', 'Description-Content-Type: text/x-rst\n'],
  ],
  ['an extra has a name', ['Provides-Extra: -x\n'], /Provides-Extra '-x', which/, ['Provides-Extra: web.all\n']],
];

for (const [rule, bad, words, good] of metadataRules) {
  test(`${rule}; old metadata is spared this when the gallery says so`, async () => {
    for (const lines of bad) {
      const told = await tellOf(lines);
      assert.match(told, /^metadata-invalid: METADATA has /, lines);
      assert.match(told, words, lines);
    }
    for (const lines of good) assert.equal(await tellOf(lines), 'accepted', lines);
    for (const lines of bad) assert.equal(await tellOf(lines, '2.4', lenient), 'accepted', lines);
  });
}

test('a field that is newer than the stated Metadata-Version is refused', async () => {
  const cases = [
    ['1.2', 'Provides-Extra: web\n', '2.1'],
    ['1.1', 'Description-Content-Type: text/plain\n', '2.1'],
    ['2.1', 'Dynamic: Classifier\n', '2.2'],
    ['2.4', 'Import-Name: demo\n', '2.5'],
  ] as const;
  for (const [stated, lines, needed] of cases) {
    assert.match(await tellOf(lines, stated), new RegExp(`came with Metadata-Version ${needed}, but says ${stated}`));
    assert.equal(await tellOf(lines, needed), 'accepted');
    assert.equal(await tellOf(lines, stated, lenient), 'accepted');
  }
  // Written by hatchling before there was a rule for it.
  assert.equal(await tellOf('License-Expression: Anything\nLicense: Anything\n', '2.3'), 'accepted');
  // What called itself 2.0 was 2.1 in all but name.
  assert.equal(await tellOf('Provides-Extra: web\n', '2.0'), 'accepted');
});

test('an import name is one that Python could import', async () => {
  for (const name of ['a-b', '1a', 'a..b', 'a; public', 'a.']) {
    assert.match(await tellOf(`Import-Name: ${name}\n`, '2.5'), /Import-Name/, name);
  }
  assert.match(await tellOf('Import-Name: a\nImport-Name:\n', '2.5'), /Import-Name '', which is empty/);
  assert.equal(await tellOf('Import-Name:\n', '2.5'), 'accepted', 'there is nothing to import');
  assert.equal(await tellOf('Import-Name: a.b ; private\nImport-Namespace: ü\n', '2.5'), 'accepted');
});

test('licence files that are named are there, in the wheel and in the source distribution', async () => {
  const metadata = metadataOf('demo', '1.0', 'License-File: LICENSE\nLicense-File: doc/NOTICE\n', '2.4');
  const filesBelow = (place: string): ArchiveEntry[] => [
    { path: `${place}/LICENSE`, content: 'x' },
    { path: `${place}/doc/NOTICE`, content: 'x' },
  ];
  const wheel = (more: ArchiveEntry[]) => wheelOf('demo-1.0.dist-info', metadata, [], more);
  const tell = async (filename: string, bytes: Buffer) => messageOf(await inspect(filename, bytes));
  const whole = filesBelow('demo-1.0.dist-info/licenses');
  assert.equal(await tell('demo-1.0-py3-none-any.whl', await wheel(whole)), 'accepted');
  const elsewhere = await wheel(filesBelow('demo-1.0.dist-info'));
  assert.match(await tell('demo-1.0-py3-none-any.whl', elsewhere), /no 'demo-1\.0\.dist-info\/licenses\/LICENSE'/);
  assert.equal(await tell('demo-1.0.tar.gz', await sdistOf('demo-1.0', metadata, filesBelow('demo-1.0'))), 'accepted');
  const half = await sdistOf('demo-1.0', metadata, filesBelow('demo-1.0').slice(0, 1));
  assert.match(await tell('demo-1.0.tar.gz', half), /'doc\/NOTICE', but the archive holds no 'demo-1\.0\/doc\/NOTICE'/);
  // setuptools wrote the field before it had a meaning.
  assert.equal(await tellOf('License-File: LICENSE\n', '2.1'), 'accepted');
});

test('each difference from the public gallery can be refused by its name, and by no other', async () => {
  const cases: readonly (readonly [
    name: (typeof takenByDefault)[number],
    make: () => Promise<[string, Buffer]>,
    words: RegExp,
  ])[] = [
    [
      'local-versions',
      async () => ['demo-1.0+a.1.tar.gz', await sdistOf('demo-1.0+a.1', metadataOf('demo', '1.0+a.1'))],
      /^version-invalid: .*local version '1\.0\+a\.1'/,
    ],
    [
      'native-platforms',
      async () => [
        'demo-1.0-cp311-cp311-linux_x86_64.whl',
        await wheelOf('demo-1.0.dist-info', metadataOf('demo', '1.0')),
      ],
      /^filename-invalid: .*platform 'linux_x86_64'/,
    ],
    [
      'private-classifiers',
      async () => [
        'demo-1.0.tar.gz',
        await sdistOf('demo-1.0', metadataOf('demo', '1.0', 'Classifier: Private :: Do Not Upload\n')),
      ],
      /^metadata-invalid: .*'Private :: Do Not Upload'/,
    ],
    [
      'legacy-filenames',
      async () => ['Demo-Py-1.0.tar.gz', await sdistOf('x', metadataOf('Demo-Py', '1.0'))],
      /^filename-invalid: .*must be named 'demo_py-1\.0\.tar\.gz'/,
    ],
    [
      'legacy-filenames',
      async () => [
        'Demo.Py-1.0-py3-none-any.whl',
        await wheelOf('Demo.Py-1.0.dist-info', metadataOf('Demo.Py', '1.0')),
      ],
      /^filename-invalid: .*must start with 'demo_py'/,
    ],
    [
      'wrong-records',
      async () => [
        'demo-1.0-py3-none-any.whl',
        await wheelOf('demo-1.0.dist-info', metadataOf('demo', '1.0'), [], [], 'x,,\n'),
      ],
      /^metadata-mismatch: .*RECORD does not list 4 files, .* and lists the file 'x' that the wheel does not hold/,
    ],
  ];
  assert.deepEqual(new Set(cases.map(([name]) => name)), new Set(takenByDefault));
  for (const [name, make, words] of cases) {
    const [filename, bytes] = await make();
    assert.equal(messageOf(await inspect(filename, bytes)), 'accepted', filename);
    assert.match(messageOf(await inspect(filename, bytes, pythonRules([name], []))), words);
    const others = takenByDefault.filter((other) => other !== name);
    assert.equal(messageOf(await inspect(filename, bytes, pythonRules(others, []))), 'accepted', name);
  }
});

test('a requirement that leads past the gallery is refused unless the gallery allows it', async () => {
  const lines = 'Requires-Dist: other @ https://example.org/other.whl\n';
  assert.match(await tellOf(lines), /'other @ https.*', which names an address/);
  assert.match(await tellOf(lines, '2.1', pythonRules([], ['old-metadata'])), /which names an address/);
  assert.equal(await tellOf(lines, '2.1', pythonRules([], ['direct-requirements'])), 'accepted');
  assert.match(await tellOf('Provides-Dist: other @ https://example.org/o.whl\n', '2.1'), /which names an address/);
});

test('the settings know exactly these names', () => {
  assert.equal(settings.pythonRefuse.check?.([...takenByDefault]), undefined);
  assert.equal(settings.pythonAllow.check?.([...refusedByDefault]), undefined);
  const told = settings.pythonRefuse.check?.(['nonsense']);
  for (const name of takenByDefault) assert.ok(told?.includes(name), name);
  const toldToo = settings.pythonAllow.check?.(['nonsense']);
  for (const name of refusedByDefault) assert.ok(toldToo?.includes(name), name);
});

test('wheels for the platforms of public wheels are taken by the strictest gallery, unknown ones by none', async () => {
  const wheel = await wheelOf('demo-1.0.dist-info', metadataOf('demo', '1.0'));
  const tell = async (platform: string, rules: typeof strict) =>
    messageOf(await inspect(`demo-1.0-cp313-cp313-${platform}.whl`, wheel, rules));
  for (const platform of [
    ...['any', 'win32', 'win_amd64', 'win_arm64', 'manylinux1_i686', 'manylinux2014_s390x', 'manylinux_2_28_riscv64'],
    ...['musllinux_1_2_aarch64', 'macosx_10_9_universal2', 'macosx_11_0_arm64', 'macosx_26_0_arm64', 'linux_armv7l'],
    ...['ios_13_0_arm64_iphonesimulator', 'android_21_arm64_v8a', 'pyemscripten_2025_0_wasm32'],
    'manylinux_2_17_x86_64.manylinux2014_x86_64',
  ]) {
    assert.equal(await tell(platform, strict), 'accepted', platform);
  }
  for (const platform of ['linux_x86_64', 'macosx_11_3_arm64', 'manylinux_2_17_mips', 'freebsd_14_1_release_amd64']) {
    assert.equal(await tell(platform, usual), 'accepted', platform);
    assert.match(await tell(platform, strict), /what one machine calls itself/, platform);
    assert.match(await tell(`any.${platform}`, strict), /what one machine calls itself/, platform);
  }
  for (const platform of ['manylinx_2_17_x86_64', 'windows', 'linux']) {
    assert.match(await tell(platform, usual), /which nobody knows/, platform);
  }
});

test('RECORD is compared with what the wheel holds, and a difference is told to the uploader', async () => {
  const metadata = metadataOf('demo', '1.0');
  const [init, ...rest] = ['demo/__init__.py', 'METADATA', 'WHEEL', 'RECORD'].map((name) =>
    name.includes('/') ? name : `demo-1.0.dist-info/${name}`,
  );
  const warnings = async (record: string | Buffer, more: ArchiveEntry[] = []) => {
    const wheel = await wheelOf('demo-1.0.dist-info', metadata, [], more, record);
    const result = await inspect('demo-1.0-py3-none-any.whl', wheel);
    return isRefusal(result) ? messageOf(result) : result.warnings;
  };
  const lines = (...names: (string | undefined)[]) => names.map((name) => `${name},,\r\n`).join('');
  assert.equal(await warnings(lines(init, ...rest)), undefined);
  assert.equal(await warnings(lines('"demo/__init__.py"', ...rest)), undefined);
  assert.equal(await warnings(lines('demo\\__init__.py', ...rest)), undefined);
  const odd = [{ path: 'demo/a,"b".py', content: '' }];
  assert.equal(await warnings(lines('"demo/a,""b"".py"', init, ...rest), odd), undefined);
  const signatures = ['jws', 'p7s'].map((end) => ({ path: `demo-1.0.dist-info/RECORD.${end}`, content: '' }));
  assert.equal(await warnings(lines(init, ...rest), signatures), undefined);
  assert.deepEqual(await warnings(lines(...rest)), [
    "The wheel's RECORD does not list the file 'demo/__init__.py' that the wheel holds.",
  ]);
  assert.deepEqual(await warnings(lines(init, ...rest, 'x', 'y')), [
    "The wheel's RECORD lists 2 files, such as 'x', that the wheel does not hold.",
  ]);
  assert.match(String(await warnings(Buffer.from([0xff]))), /RECORD is not UTF-8/);
});

test('entry_points.txt is read as Python reads it, and names of programs are no paths', async () => {
  const tell = async (content: string | Uint8Array) => {
    const more = [{ path: 'demo-1.0.dist-info/entry_points.txt', content }];
    const wheel = await wheelOf('demo-1.0.dist-info', metadataOf('demo', '1.0'), [], more);
    return messageOf(await inspect('demo-1.0-py3-none-any.whl', wheel));
  };
  for (const content of [
    '',
    '# nothing\n',
    '[console_scripts]\ndemo = demo:main\nDEMO = demo:main\ndemo.2-x_y=demo:main [extra]\n',
    '  [console_scripts]\n  demo = demo:main\n  other = demo:other\n\n[any group]\nany name / at all = x\n',
    '[a]\nx = first\n  second line without a sign\n\n  third\ny =\n',
  ]) {
    assert.equal(await tell(content), 'accepted', content);
  }
  for (const [content, words] of [
    ['demo = demo:main\n', /before the first group in line 1/],
    ['[a]\nno value\n', /neither a group nor a name with a value in line 2/],
    ['[a]\n= x\n', /neither a group nor a name/],
    ['[a]\nx = y\nx = z\n', /the name 'x' twice in 'a'/],
    ['[a]\n[a]\n', /the group 'a' twice/],
    ['[console_scripts]\n../demo = demo:main\n', /the program '\.\.\/demo'/],
    ['[gui_scripts]\na b = demo:main\n', /the program 'a b'/],
    ['[gui_scripts]\n  a = demo:main\n  a b = demo:main\n', /the program 'a b'/],
    [Buffer.from('[a]\nx = \xfc\n', 'latin1'), /not UTF-8/],
  ] as const) {
    const told = await tell(content);
    assert.match(told, /^metadata-invalid: The wheel's entry_points\.txt /);
    assert.match(told, words);
  }
});

test('licence expressions are those of SPDX, in any case', () => {
  for (const text of [
    ...[
      'MIT',
      'mit',
      'Apache-2.0 OR MIT',
      'GPL-2.0-or-later WITH Classpath-exception-2.0',
      'GPL-2.0+',
      'LicenseRef-x.y-1',
    ],
    '((MIT) and (BSD-3-Clause or 0BSD)) AND PSF-2.0',
  ]) {
    assert.equal(licenseExpressionProblem(text), undefined, text);
  }
  for (const text of [
    ...[
      '',
      'MIT Apache-2.0',
      'OR',
      'MIT OR',
      '(MIT',
      'MIT)',
      '()',
      'MIT WITH MIT',
      'Proprietary',
      'LicenseRef-',
      'LicenseRef-a_b',
    ],
    ...[
      'MIT WITH Classpath-exception-2.0 WITH Classpath-exception-2.0',
      '(MIT) WITH Classpath-exception-2.0',
      'MIT (MIT)',
    ],
    ...['MIT/Apache-2.0', 'MIT AND AND MIT', 'x'.repeat(5_000)],
  ]) {
    assert.notEqual(licenseExpressionProblem(text), undefined, text);
  }
});
