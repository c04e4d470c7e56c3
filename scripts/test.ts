/**
 * What `npm test` runs: format and lint, types, then every test file, two at a time, with drills beside them, and those drills that
 * judge milliseconds one by one at the end. It goes on after a failure, so that one run shows everything. With file patterns as
 * arguments it runs only those tests. With CI=true a skipped test is a failure.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const everyTest = 'tests/**/*.test.ts';
const filesAtOnce = 2;
const testTimeoutMs = 8 * 60 * 1000;
/** These judge milliseconds, so nothing else runs beside them; the other drills mostly wait for a minute to pass. */
const timedDrills = /^tests\/drills\/(reboot-all|search-abuse)\.test\.ts$/;
const foreignSettings = /^(pip|twine|poetry|flit|npm)_/i;

process.chdir(root);
process.env.NODE_ENV = 'test';
for (const name of Object.keys(process.env)) if (foreignSettings.test(name)) delete process.env[name];
process.exitCode = (await main(patternArguments())) ? 0 : 1;

/** @returns true when everything passed */
async function main(patterns: readonly string[]): Promise<boolean> {
  const checks = patterns.length > 0 ? [] : [formatAndLint(), types()];
  heading('Tests');
  const files = globSync(patterns.length > 0 ? [...patterns] : everyTest).sort();
  if (files.length === 0) {
    console.log(`No test file matches ${patterns.length > 0 ? patterns.join(' ') : everyTest}`);
    return false;
  }
  const timed = files.filter((file) => timedDrills.test(file));
  const patient = files.filter((file) => file.startsWith('tests/drills/') && !timed.includes(file));
  const others = files.filter((file) => !timed.includes(file) && !patient.includes(file));
  const beside = await Promise.all([runTests(others, filesAtOnce), runTests(patient, 1)]);
  const rounds = [...beside, await runTests(timed, 1)];
  const passed = rounds.reduce((sum, round) => sum + round.passed, 0);
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  const skipped = rounds.flatMap((round) => round.skipped);
  if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`);
  const isSkippingAllowed = process.env.CI !== 'true';
  if (skipped.length > 0 && !isSkippingAllowed) console.log('With CI=true a skipped test is a failure.');
  if (checks.includes(false)) console.log('Format, lint or types: failed, see above.');
  return failed === 0 && !checks.includes(false) && (skipped.length === 0 || isSkippingAllowed);
}

/** What follows this script's own name: it is started directly, or by `./holdfast run`. */
function patternArguments(): string[] {
  const own = process.argv.findIndex((argument) => argument.endsWith('scripts/test.ts'));
  return process.argv.slice(own + 1);
}

function formatAndLint(): boolean {
  heading('Format and lint');
  const biome = join(root, 'node_modules', '@biomejs', `cli-linux-${process.arch}`, 'biome');
  return succeeds(biome, ['check']);
}

function types(): boolean {
  heading('Types');
  return succeeds(process.execPath, [join(root, 'node_modules', '.bin', 'tsc'), '-p', '.']);
}

function succeeds(command: string, args: readonly string[]): boolean {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.error !== undefined) console.log(`${command}: ${done.error.message}`);
  return done.status === 0;
}

async function runTests(files: string[], atOnce: number): Promise<Counts> {
  const counts = { passed: 0, failed: 0, skipped: [] as string[] };
  if (files.length === 0) return counts;
  const events = run({ files, concurrency: atOnce, timeout: testTimeoutMs });
  events.on('test:pass', ({ name, file, skip, todo, details }) => {
    const isSkipped = skip !== undefined && skip !== false;
    const isToDo = todo !== undefined && todo !== false;
    if (!isSkipped && !isToDo && details.type !== 'suite') counts.passed += 1;
    if (isSkipped) counts.skipped.push(`${name} (${relativeName(file)}): ${skip === true ? 'no reason given' : skip}`);
  });
  events.on('test:fail', ({ details, todo }) => {
    if (todo !== undefined && todo !== false) return;
    // A suite or a parent fails with its children; only what has a failure of its own is counted.
    if (failureType(details.error) !== 'subtestsFailed') counts.failed += 1;
  });
  // The runner's own verdict, in case something failed that is no test, such as a file that could not be read.
  events.on('test:summary', ({ file, success }) => {
    if (file === undefined && !success) counts.failed = Math.max(counts.failed, 1);
  });
  const report = events.compose(new spec());
  for await (const text of report) process.stdout.write(text);
  return counts;
}

function failureType(error: Error): unknown {
  return (error as Error & { failureType?: unknown }).failureType;
}

function relativeName(file: string | undefined): string {
  return file?.startsWith(`${root}/`) ? file.slice(root.length + 1) : (file ?? '');
}

function heading(title: string): void {
  console.log(`\n== ${title}`);
}
