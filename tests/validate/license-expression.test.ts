/** Licence expressions: the grammar of SPDX, and what NuGet's own parser makes of the same texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLicenseExpression } from '../../src/validate/nupkg/license-expression.ts';

const good = [
  'MIT',
  'GPL-2.0+',
  'LicenseRef-Contoso',
  'UNLICENSED',
  'MIT OR Apache-2.0',
  'MIT OR Apache-2.0 AND BSD-3-Clause',
  '(MIT)',
  '((MIT) AND (Apache-2.0 OR BSD-2-Clause))',
  'GPL-2.0-only WITH Classpath-exception-2.0',
  'MIT  OR   (Apache-2.0 WITH LLVM-exception)',
  'LGPL-2.1+ WITH GCC-exception-2.0 OR MIT',
];
const bad = [
  '',
  ' ',
  '()',
  'AND',
  'MIT OR',
  'OR MIT',
  'MIT OR OR Apache-2.0',
  'MIT Apache-2.0',
  'MIT or Apache-2.0',
  '(MIT',
  'MIT)',
  ')MIT(',
  'MIT OR ()',
  'MIT WITH',
  'WITH LLVM-exception',
  '(MIT OR ISC) WITH LLVM-exception',
  'MIT WITH (LLVM-exception)',
  'MIT WITH LLVM-exception+',
  'MIT WITH A WITH B',
  'GPL+2.0',
  'MIT/X11',
  'MIT, ISC',
  'MIT & ISC',
  'DocumentRef-a:LicenseRef-b',
  'MÍT',
];

test('expressions are taken by their form, whatever licences they name', () => {
  for (const text of good) assert.ok(isLicenseExpression(text), text);
});

test('what is no expression is not taken', () => {
  for (const text of bad) assert.ok(!isLicenseExpression(text), text);
});

test('the deepest expression that a nuspec may have is read', () => {
  assert.ok(isLicenseExpression(`${'('.repeat(248)}MIT${')'.repeat(248)}`));
  assert.ok(!isLicenseExpression('('.repeat(500)));
});
