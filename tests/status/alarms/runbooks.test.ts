/** Whoever is called at night finds the page that the message names. */
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { projectFolder } from '../../gallery.ts';

const sources = globSync('src/status/**/*.ts', { cwd: projectFolder }).map((file) =>
  readFileSync(join(projectFolder, file), 'utf8'),
);
const named = new Set(
  sources.flatMap((source) => [...source.matchAll(/\brunbook: '([^']+)'/g)].map(([, name]) => name as string)),
);
const written = readdirSync(join(projectFolder, 'docs', 'runbooks')).map((name) => name.replace(/\.md$/, ''));

test('every runbook that an alarm names is there', () => {
  assert.ok(named.has('alarm-probe') && named.has('error-budget') && named.size > 10, [...named].join());
  assert.deepEqual(
    [...named].filter((name) => !written.includes(name)),
    [],
  );
});

test('every runbook of an alarm is named by one', () => {
  assert.deepEqual(
    written.filter((name) => name.startsWith('alarm-') && !named.has(name)),
    [],
  );
});
