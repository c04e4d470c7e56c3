/** Every section of the benchmark runs, at the smallest size: figures are for people, but a benchmark that fails tells them nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Result } from '../bench/run.ts';
import { projectFolder, runCommand, temporaryFolder } from './gallery.ts';

const page = readFileSync(join(projectFolder, 'docs', 'PERFORMANCE.md'), 'utf8');

const parts = [
  {
    title: 'reads are compared with a bare server and with nginx',
    sections: ['documents', 'blobs', 'nginx-tree', 'nuget-v2'],
  },
  {
    title: 'publishing, starting and searching are measured',
    sections: ['publish', 'start', 'versions', 'search', 'feed-search'],
  },
  {
    title: 'the status service is measured',
    sections: ['status-history', 'status-page'],
  },
];

for (const { title, sections } of parts) {
  test(title, async (t) => {
    const folder = await temporaryFolder(t);
    const environment = { ...process.env, HOLDFAST_BENCH_DIR: folder };
    const args = ['run', join(projectFolder, 'bench', 'run.ts'), '--tiny', ...sections];
    const done = await runCommand(environment, folder, args);
    assert.equal(done.exitCode, 0, done.stderr);
    const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Result;
    if (result.skipped.length > 0) {
      t.skip(result.skipped.map(({ name, reason }) => `${name}: ${reason}`).join('; '));
      return;
    }
    assert.deepEqual(
      result.sections.map(({ name }) => name),
      sections,
    );
    for (const { name, tables } of result.sections) {
      assert.ok(tables.length > 0, `${name} gives a table`);
      for (const { title: about, columns, rows } of tables) {
        assert.ok(rows.length > 0, `${about} has rows`);
        for (const row of rows) assert.equal(row.length, columns.length, `${about}: ${row.join(' | ')}`);
        assert.doesNotMatch(rows.flat().join(' '), /\?|NaN|undefined/, `${about} has a figure in every place`);
      }
      assert.ok(page.includes(`<!-- figures of ${name} -->`), `docs/PERFORMANCE.md has a place for ${name}`);
    }
  });
}
