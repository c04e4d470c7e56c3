/** The list of drills, their runbooks and their page, and what is no drill. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { drills } from '../../src/drills/ledger.ts';
import { projectFolder, temporaryFolder } from '../gallery.ts';
import { runDrill } from './both-ways.ts';

test('drills are listed, each has its runbook and its line in docs/DRILLS.md, and nothing else is run', async (t) => {
  const dataDir = await temporaryFolder(t);
  const listed = await runDrill(dataDir, 'list');
  const page = readFileSync(join(projectFolder, 'docs', 'DRILLS.md'), 'utf8');
  for (const { name } of drills) {
    assert.ok(listed.stdout.includes(`${name}\n`));
    assert.ok(existsSync(join(projectFolder, 'docs', 'runbooks', `${name}.md`)), `there is a runbook for ${name}`);
    assert.match(page, new RegExp(`^\\| \`${name}\` \\|.* passed, .* \\| fails: .* \\|$`, 'm'));
  }
  for (const args of [[], ['no-such-drill'], ['list', 'twice'], ['reboot-all', '--no-such-option']]) {
    assert.equal((await runDrill(dataDir, ...args)).exitCode, 64, args.join(' '));
  }
  assert.deepEqual(readdirSync(dataDir), []);
});
