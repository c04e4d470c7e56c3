/**
 * Two new versions of the program come along: one adds a field to what it tells of a package, one calls a field by another name.
 * Somebody's integration reads packages with their dependencies all the while, and must never meet the second.
 */
import { join } from 'node:path';
import { askJson } from '../status/canary/request.ts';
import { judgeLoss, untilSettled } from './aftermath.ts';
import { compareShapes, readContract } from './contract.ts';
import { type Drill, now, type Stage } from './drill.ts';
import { readAll, UnreadableError } from './integration.ts';
import { type Edit, makeNextVersion } from './next-version.ts';
import { describe } from './outcomes.ts';
import { judgeNoFalseAlarm } from './seen.ts';
import { wanted } from './shape-packages.ts';
import { publishShapes } from './shapes-command.ts';
import { stock } from './stock.ts';

const startWithinMs = 30_000;

const addition: Edit = {
  file: 'protocols/nuget-v3/catalog-entry.ts',
  from: "    '@type': 'PackageDetails',\n",
  to: "    '@type': 'PackageDetails',\n    addedByTheNextVersion: true,\n",
  means: 'adds a field to what registrations tell of a version',
};
const change: Edit = {
  file: 'protocols/nuget-v3/catalog-entry.ts',
  from: '            range,\n',
  to: '            versionRange: range,\n',
  means: 'calls the range of a dependency `versionRange`',
};

const clauses = {
  before: 'packages with dependencies are read by every protocol, and every dependency is found and downloaded',
  addition: 'a version that adds a field passes the check, and whoever reads does not notice',
  refused: 'a version that changes a field does not pass the check, which names the field',
  kept: 'no integration ever reads another shape, whatever version was to be deployed',
  back: 'in the end everything has its shape, whenever it was published',
  nothingLost: 'nothing acknowledged is lost, and verify is clean',
};

const statusClauses = {
  noFalseAlarm: 'a deploy that users do not notice calls nobody, and opens no incident',
};

export const integrationShape: Drill = {
  name: 'integration-shape',
  incident:
    "PowerShell Gallery, June 2017 and September 2018: a change of the gallery, and a partner's product could no longer read its data; " +
    'deploys of packages with dependencies failed.',
  clauses: Object.values(clauses),
  statusClauses: Object.values(statusClauses),
  countermeasure: {
    component: 'the check of every shape before a new version gets users (`./holdfast shapes`)',
    switchedOff: 'the deploy leaves the check out',
    settingsWithout: {},
    upholds: clauses.kept,
  },
  settings: {},
  async run(stage) {
    const { gallery, users, program } = stage;
    await stock(stage);
    const startedAt = now();
    const feeds: string[] = [];
    const nextFeed = () => {
      feeds.push(`partner-${feeds.length + 1}`);
      return feeds.at(-1) ?? '';
    };
    await judgeReading(stage, [clauses.before, clauses.kept], await publishedFeed(stage, nextFeed()));

    await deployAddition(stage);
    await judgeReading(stage, [clauses.addition, clauses.kept], await publishedFeed(stage, nextFeed()));

    const worse = nextVersion(stage, 'next-but-one', change);
    const isDeployed = stage.isWithout ? await judgeUnchecked(stage) : await judgeChecked(stage, worse);
    if (isDeployed) await gallery.deploy(worse, startWithinMs);
    const deployedAt = now();
    await judgeReading(stage, [clauses.kept], await publishedFeed(stage, nextFeed()));
    if (isDeployed) await gallery.deploy(program, startWithinMs);
    await rebuild(stage);
    if (isDeployed)
      stage.recover('reading, from the bad deploy to documents of the earlier version', now() - deployedAt);
    for (const feed of feeds) await judgeReading(stage, [clauses.back], feed);

    const summary = await stage.status?.summary();
    if (summary !== undefined)
      stage.usersSaw.push(`the page: "${summary.status.description}", ${summary.incidents.length} incidents`);
    judgeNoFalseAlarm(stage, statusClauses.noFalseAlarm, startedAt, []);
    await users.pausePublishing();
    stage.usersSaw.push(describe(users.outcomes, 'install'), describe(users.outcomes, 'publish'));
    await judgeLoss(stage, clauses.nothingLost);
  },
};

function nextVersion({ gallery, program }: Stage, name: string, edit: Edit): string {
  return makeNextVersion(program, join(gallery.folders.data, 'versions', name), edit);
}

/** Publishes the packages into a feed of their own, where the version that runs now makes every document. @returns the feed's name */
async function publishedFeed({ gallery }: Stage, feed: string): Promise<string> {
  const answer = await askJson(`${gallery.url}/api/feeds`, gallery.token, 'POST', { name: feed });
  if (answer.status !== 200) throw new Error(`the feed ${feed} was refused: ${answer.body.toString('utf8')}`);
  await publishShapes(gallery, feed);
  return feed;
}

/** Reads everything as an integration does, and holds it against the contract of the version that everybody knows. */
async function judgeReading(stage: Stage, judged: readonly string[], feed: string): Promise<void> {
  const startedAt = now();
  const seen = await readAll({ url: stage.gallery.url, feed }, wanted).then(
    (shapes) => {
      const { breaks, additions } = compareShapes(shapes, readContract(stage.program));
      const told = `${feed}: ${shapes.size} answers read, ${breaks.length} values not as in the contract, ${additions.length} beside it`;
      return { isFine: breaks.length === 0, told: breaks[0] === undefined ? told : `${told}; first: ${breaks[0]}` };
    },
    (error: unknown) => {
      if (!(error instanceof UnreadableError)) throw error;
      return { isFine: false, told: `${feed}: ${error.message}` };
    },
  );
  stage.usersSaw.push(`an integration: ${seen.told}`);
  if (!seen.isFine)
    stage.detect('another shape', `an integration that could not go on (${seen.told})`, now() - startedAt);
  for (const clause of judged) stage.judge(clause, seen.isFine, seen.told);
}

interface Checked {
  readonly hasPassed: boolean;
  readonly said: string;
}

/** A version as it ought to be; with the check left out, it is deployed unchecked as well. */
async function deployAddition(stage: Stage): Promise<void> {
  const next = nextVersion(stage, 'next', addition);
  stage.inject(`a new version was deployed; it ${addition.means}`);
  if (!stage.isWithout) {
    const { hasPassed, said } = await check(stage, next);
    stage.judge(clauses.addition, hasPassed, said);
  }
  const stoppedAt = now();
  await stage.gallery.deploy(next, startWithinMs);
  stage.recover('publishing, from the stop of the earlier version to the start of the next', now() - stoppedAt);
}

/** What the deploy does first with a new version. */
async function check({ gallery }: Stage, program: string): Promise<Checked> {
  const { exitCode, output } = await gallery.commandOf(program, 'shapes');
  const lines = output.trim().split('\n');
  return { hasPassed: exitCode === 0, said: `exit code ${exitCode}: ${exitCode === 0 ? lines.at(-1) : lines[0]}` };
}

/** @returns whether the version gets users */
async function judgeChecked(stage: Stage, worse: string): Promise<boolean> {
  const startedAt = stage.inject(`a new version is to be deployed; it ${change.means}`);
  const { hasPassed, said } = await check(stage, worse);
  if (!hasPassed)
    stage.detect('a changed field', `\`./holdfast shapes\` of the new version (${said})`, now() - startedAt);
  stage.judge(clauses.refused, !hasPassed && said.includes('"range"'), said);
  return hasPassed;
}

async function judgeUnchecked(stage: Stage): Promise<boolean> {
  stage.inject(`a new version was deployed unchecked; it ${change.means}`);
  stage.judge(clauses.refused, false, 'nobody checked it');
  return true;
}

/** Documents of earlier versions are made again, as after every deploy. */
async function rebuild(stage: Stage): Promise<void> {
  await untilSettled(stage);
  const { exitCode, output } = await stage.gallery.command('rebuild');
  if (exitCode !== 0) throw new Error(`rebuild ended with exit code ${exitCode}: ${output.slice(-500)}`);
}
