/** Documents that repeat what the code says: they say the same. `HOLDFAST_WRITE_GOLDEN=1` writes the tables again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { apiRoutes } from '../src/api/routes.ts';
import { describeSettings } from '../src/config/load.ts';
import { describeMetrics } from '../src/metrics/table.ts';
import { describeStatusSettings } from '../src/status/config/describe.ts';
import { refusals } from '../src/std/refusals.ts';
import { assertTable } from './document-tables.ts';
import { projectFolder } from './gallery.ts';

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8');

/** The names of an interface's fields, in order, as its source text has them. */
function fieldsOf(file: string, name: string): string[] {
  const body = new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, 's').exec(read(file))?.[1];
  assert.ok(body, `${file} has an interface ${name}`);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, field = '']) => field);
}

test('the page on configuration has every setting with its default and its meaning', () => {
  assertTable('docs/CONFIGURATION.md', 'settings', describeSettings());
});

test('the page on the status service’s configuration has everything that may stand in its file', () => {
  assertTable('docs/STATUS-CONFIGURATION.md', 'status settings', describeStatusSettings());
});

test('the page on refusals has every code with its status and its meaning', () => {
  const rows = Object.entries(refusals).map(([code, { status, means }]) => `| \`${code}\` | ${status} | ${means} |`);
  assertTable('docs/REFUSALS.md', 'refusals', ['| code | status | means |', '| --- | --- | --- |', ...rows].join('\n'));
});

test('the page on metrics has every metric with its labels and its meaning', () => {
  assertTable('docs/METRICS.md', 'metrics', describeMetrics());
});

test('the page on the access log has every field of a line, and no other', () => {
  const fields = fieldsOf('src/observe/access-log.ts', 'AccessLine');
  assert.ok(fields.length > 5, `fields were read from the source: ${fields}`);
  const [, table = ''] = /\| field \|[^\n]*\n\| ---[^\n]*\n((?:\|[^\n]*\n)+)/.exec(read('docs/ACCESS-LOG.md')) ?? [];
  const documented = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, field]) => field);
  assert.deepEqual(documented.sort(), fields.sort());
});

test('the page on the API has every route, and no other', () => {
  const documented = [...read('docs/API.md').matchAll(/^\| `(GET|POST|PUT|DELETE) ([^`]+)` \|/gm)].map(
    ([, method, url]) => `${method} ${url}`,
  );
  const routes = apiRoutes.map(({ method, url }) => `${method} ${url}`);
  assert.ok(routes.length > 5);
  assert.deepEqual(documented.sort(), routes.sort());
});
