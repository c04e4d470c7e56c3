/**
 * A drill, both ways: with its countermeasure it passes, and without it fails and names the clause that the countermeasure upholds. A
 * drill that could not fail would prove nothing. `npm test` runs one drill of each section of the ledger; all of them, both ways:
 * `./holdfast drill all --write-docs`.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Drill } from '../../src/drills/drill.ts';
import type { DrillReport } from '../../src/drills/report.ts';
import { freePort, galleryEnvironment, runCommand, temporaryFolder } from '../gallery.ts';

export function testBothWays({ name, clauses, statusClauses, countermeasure }: Drill): void {
  test(`the drill ${name} passes`, async (t) => {
    const dataDir = await temporaryFolder(t);
    const { exitCode, stdout } = await runDrill(dataDir, name);
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
    const { exitCode, stdout } = await runDrill(dataDir, name, '--without-countermeasure');
    assert.equal(exitCode, 1, stdout);
    assert.match(stdout, /^FAILED\. Without /m);
    const verdict = stdout.slice(stdout.indexOf('FAILED'));
    assert.ok(verdict.includes(`"${countermeasure.upholds}"`), `the verdict names the clause:\n${stdout}`);
    const report = readReport(dataDir);
    assert.equal(report.failure, undefined, 'it ran to its end');
    assert.match(report.lost, /^nothing of [1-9]/);
  });
}

export async function runDrill(dataDir: string, ...args: readonly string[]) {
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
