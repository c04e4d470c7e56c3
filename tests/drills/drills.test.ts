/**
 * Every drill of the ledger, both ways: with its countermeasure it passes, and without it fails and names the clause that the
 * countermeasure upholds. A drill that could not fail would prove nothing.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { drills } from '../../src/drills/ledger.ts';
import type { DrillReport } from '../../src/drills/report.ts';
import { freePort, galleryEnvironment, projectFolder, runCommand, temporaryFolder } from '../gallery.ts';

for (const { name, clauses, statusClauses, countermeasure } of drills) {
  test(`the drill ${name} passes`, async (t) => {
    const dataDir = await temporaryFolder(t);
    const { exitCode, stdout } = await drill(dataDir, name);
    assert.equal(exitCode, 0, stdout);
    for (const heading of ['Injected', 'Detected', 'Users saw', 'Recovered', 'Lost', 'Must hold']) {
      assert.ok(stdout.includes(heading), `the report tells: ${heading}`);
    }
    const report = readReport(dataDir);
    assert.deepEqual(
      report.clauses.map(({ clause }) => clause),
      [...clauses, ...statusClauses],
    );
    assert.ok(report.detected.length > 0, 'it was noticed');
    assert.match(report.lost, /^nothing of [1-9]/);
    assert.deepEqual(readdirSync(reportFolder(dataDir)).sort(), [
      'gallery.log',
      'report.json',
      'report.md',
      'status.log',
    ]);
  });

  test(`the drill ${name} fails without ${countermeasure.component}`, async (t) => {
    const dataDir = await temporaryFolder(t);
    const { exitCode, stdout } = await drill(dataDir, name, '--without-countermeasure');
    assert.equal(exitCode, 1, stdout);
    assert.match(stdout, /^FAILED\. Without /m);
    const verdict = stdout.slice(stdout.indexOf('FAILED'));
    assert.ok(verdict.includes(`"${countermeasure.upholds}"`), `the verdict names the clause:\n${stdout}`);
    const report = readReport(dataDir);
    assert.equal(report.failure, undefined, 'it ran to its end');
    assert.match(report.lost, /^nothing of [1-9]/);
  });
}

test('drills are listed, each has its runbook and its line in docs/DRILLS.md, and nothing else is run', async (t) => {
  const dataDir = await temporaryFolder(t);
  const listed = await drill(dataDir, 'list');
  const page = readFileSync(join(projectFolder, 'docs', 'DRILLS.md'), 'utf8');
  for (const { name } of drills) {
    assert.ok(listed.stdout.includes(`${name}\n`));
    assert.ok(existsSync(join(projectFolder, 'docs', 'runbooks', `${name}.md`)), `there is a runbook for ${name}`);
    assert.match(page, new RegExp(`^\\| \`${name}\` \\|.* passed, .* \\| fails: .* \\|$`, 'm'));
  }
  for (const args of [[], ['no-such-drill'], ['list', 'twice'], ['reboot-all', '--no-such-option']]) {
    assert.equal((await drill(dataDir, ...args)).exitCode, 64, args.join(' '));
  }
  assert.deepEqual(readdirSync(dataDir), []);
});

async function drill(dataDir: string, ...args: readonly string[]) {
  const environment = galleryEnvironment(dataDir, await freePort());
  return runCommand(environment, dataDir, ['drill', ...args]);
}

function reportFolder(dataDir: string): string {
  const folder = join(dataDir, 'drills');
  const [name, ...others] = readdirSync(folder);
  assert.ok(name !== undefined && others.length === 0, 'there is one report');
  return join(folder, name);
}

function readReport(dataDir: string): DrillReport {
  return JSON.parse(readFileSync(join(reportFolder(dataDir), 'report.json'), 'utf8')) as DrillReport;
}
