/**
 * The shapes that other programs read: src/drills/shapes.txt is what this version answers, to the letter. HOLDFAST_WRITE_GOLDEN=1
 * writes it again, and the difference is reviewed like code: a line that goes or changes breaks somebody's integration.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compareShapes, readContract } from '../../src/drills/contract.ts';
import { type Edit, makeNextVersion } from '../../src/drills/next-version.ts';
import { RunningGallery } from '../../src/drills/running-gallery.ts';
import { htmlLines, jsonLines, readWireXml, xmlLines } from '../../src/drills/shape-lines.ts';
import { freePort, galleryEnvironment, projectFolder, runCommand, temporaryFolder } from '../gallery.ts';

const program = join(projectFolder, 'src', 'main.ts');
const contractFile = join(projectFolder, 'src', 'drills', 'shapes.txt');

async function shapes(t: TestContext, ...args: readonly string[]) {
  const dataDir = await temporaryFolder(t);
  const environment = galleryEnvironment(dataDir, await freePort());
  const done = await runCommand(environment, dataDir, ['shapes', ...args]);
  const left = readdirSync(dataDir, { recursive: true });
  assert.deepEqual(left, done.exitCode === 64 ? [] : ['drills'], 'the gallery is removed');
  return done;
}

test('this version answers in the shapes of the contract', async (t) => {
  const { stdout, exitCode } = await shapes(t, '--show');
  assert.equal(exitCode, 0, stdout);
  if (process.env.HOLDFAST_WRITE_GOLDEN === '1') writeFileSync(contractFile, stdout);
  assert.equal(stdout, readFileSync(contractFile, 'utf8'));
  for (const line of [
    'entry/m:properties/d:Dependencies: Shape.Base:[1.0.0, 2.0.0):net8.0|Shape.Text:[1.2.0, ):net8.0|::net472',
    'entry/m:properties/d:Dependencies: ShapeCore:[1.0.0, ):|ShapeNet:[2.1.0, 2.1.0]:',
    'Requires-Dist: shape-base<2,>=1.0',
  ]) {
    assert.ok(stdout.includes(`\n${line}\n`), line);
  }
  assert.match(
    stdout,
    /dependencyGroups\[net8\.0\]\.dependencies\[Shape\.Base\]\.range: string \[1\.0\.0, 2\.0\.0\)\n/,
  );
});

const edits: readonly (Edit & { readonly told: RegExp })[] = [
  {
    file: 'protocols/nuget-v2/feed-entry.ts',
    from: '      : dependencies.map(',
    to: '      : [...dependencies].reverse().map(',
    means: 'turns the list of dependencies round, which every reader bears and no contract has',
    told: /^missing or different: .*d:Dependencies: Shape\.Base:.*\n/m,
  },
  {
    file: 'protocols/pypi/project-json.ts',
    from: "    'core-metadata': coreMetadata,\n",
    to: '',
    means: 'leaves out where the metadata is',
    told: /^the metadata of shape_app-2\.0\.0-py3-none-any\.whl is not what the page says\n/,
  },
];

test('a version that changes a shape is told by the value, or by what cannot be read', async (t) => {
  const folder = await temporaryFolder(t);
  for (const [index, edit] of edits.entries()) {
    const feedEntry = readFileSync(join(projectFolder, 'src', edit.file), 'utf8');
    assert.ok(feedEntry.includes(edit.from), edit.file);
    const next = makeNextVersion(program, join(folder, `version-${index}`), edit);
    const gallery = new RunningGallery(program, join(folder, `data-${index}`), await freePort(), {});
    const { exitCode, output } = await gallery.commandOf(next, 'shapes');
    assert.equal(exitCode, 1, output);
    assert.match(output, edit.told, edit.means);
  }
  assert.equal((await shapes(t, '--no-such-option')).exitCode, 64);
});

test('whatever goes or changes is a break; what comes beside it is none', () => {
  const contract = readContract(program);
  assert.ok(contract.size > 15);
  const answer = {
    id: 'A',
    count: 1,
    list: [{ id: 'x', range: '[1.0.0, )' }],
    at: '2026-11-21T18:00:00.000Z',
    _last: null,
  };
  const before = new Map([['/a', jsonLines(answer)]]);
  const changed = (value: object) => compareShapes(new Map([['/a', jsonLines(value)]]), before);
  assert.deepEqual(changed({ ...answer, more: true, at: '2027-01-01T00:00:00Z' }), {
    breaks: [],
    additions: ['/a: more: boolean true'],
  });
  assert.deepEqual(changed({ ...answer, count: '1' }).breaks, ['/a: count: number 1']);
  assert.deepEqual(changed({ ...answer, list: [] }).breaks, [
    '/a: list: list of objects',
    '/a: list[x].id: string x',
    '/a: list[x].range: string [1.0.0, )',
  ]);
  assert.deepEqual(changed({ ...answer, at: 'yesterday' }).breaks, ['/a: at: string {time}']);
  assert.equal(compareShapes(new Map(), before).breaks.length, jsonLines(answer).length);
});

test('answers in XML are read as the strictest client reads them', () => {
  const entry = "<?xml version='1.0'?><entry><id>{base}/api/v2/P</id><d:Id>P</d:Id></entry>";
  assert.deepEqual(xmlLines(readWireXml(entry)), ['entry/id: {base}/api/v2/P', 'entry/d:Id: P']);
  assert.throws(() => readWireXml(`\n${entry}`), /does not begin with/);
  assert.throws(() => readWireXml(entry.replace('<d:Id>', ' <d:Id>')), /text beside elements/);
  assert.throws(() => readWireXml(entry.replace('</d:Id>', '')), /./);
  assert.deepEqual(htmlLines('<a href="/x#sha256=1" data-requires-python="&gt;=3">x</a><br>'), [
    'a[x] href: /x#sha256=1',
    'a[x] data-requires-python: &gt;=3',
  ]);
});
