/** The document shows the rows that the other suites send, all of them and nothing else. */
import test from 'node:test';
import { assertTable } from '../document-tables.ts';
import { httpRows } from './http-rows.ts';
import { describeRows } from './row.ts';
import { uploadRows } from './rows.ts';

test('the page on bad input has every row that is tested, with what comes back and what it may cost', () => {
  assertTable('docs/BAD-INPUT.md', 'rows', describeRows([...uploadRows, ...httpRows]));
});
