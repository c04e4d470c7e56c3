/**
 * `./holdfast shapes`: whether this version of the program still answers in the shapes that everybody reads. It starts a gallery of its
 * own, publishes packages with dependencies, reads them by every protocol, and compares with the contract. Run it with a new version
 * before that version gets users.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitFailed, exitUsage } from '../commands/exit-codes.ts';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import { isAcknowledged, publishCanary } from '../status/canary/publish.ts';
import { compareShapes, readContract, writeContract } from './contract.ts';
import { readAll, type Shapes, UnreadableError } from './integration.ts';
import { freePort, RunningGallery } from './running-gallery.ts';
import { shapePackages, wanted } from './shape-packages.ts';

const startWithinMs = 30_000;
const linesMax = 50;
const usage = `Usage: holdfast shapes [--show]

  Publishes packages with dependencies in a gallery of its own, reads them as other programs do, and compares what came with the
  contract. Run it with a new version before that version gets users.

  --show  print what was read, in the form of the contract, and compare nothing
`;

/**
 * @param config its data folder gets a folder for the gallery, which is removed at the end
 * @param program path of main.ts
 * @returns 0 when every line of the contract is kept; 1 when not, or when something cannot be read at all; 64 when the command line was
 * not understood
 */
export async function shapes(config: Config, program: string, args: readonly string[]): Promise<number> {
  const shows = readArguments(args);
  if (shows === undefined) {
    process.stderr.write(usage);
    return exitUsage;
  }
  let found: Shapes;
  try {
    found = await shapesOf(config, program);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    process.stdout.write(`${error.message}\nThis version cannot be read as others are.\n`);
    return exitFailed;
  }
  if (shows) {
    process.stdout.write(writeContract(found));
    return 0;
  }
  const { breaks, additions } = compareShapes(found, readContract(program));
  for (const line of breaks.slice(0, linesMax)) process.stdout.write(`missing or different: ${line}\n`);
  if (breaks.length > linesMax) process.stdout.write(`and ${breaks.length - linesMax} more\n`);
  for (const line of additions.slice(0, linesMax)) process.stdout.write(`added or different: ${line}\n`);
  const read = [...found.values()].reduce((count, lines) => count + lines.length, 0);
  process.stdout.write(
    breaks.length === 0
      ? `All shapes are kept: ${read} values of ${found.size} answers, ${additions.length} of them new.\n`
      : `${breaks.length} values are not as the contract has them. Do not give this version to users.\n`,
  );
  return breaks.length === 0 ? 0 : exitFailed;
}

async function shapesOf(config: Config, program: string): Promise<Shapes> {
  const { drills } = foldersOf(config.dataDir);
  mkdirSync(drills, { recursive: true });
  const folder = mkdtempSync(join(drills, 'shapes-'));
  const gallery = new RunningGallery(program, folder, await freePort(), {});
  try {
    gallery.start();
    await gallery.untilWriting(startWithinMs);
    await publishShapes(gallery, 'main');
    return await readAll({ url: gallery.url, feed: 'main' }, wanted);
  } finally {
    await gallery.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Publishes all packages into the feed; throws UnreadableError when one is refused. */
export async function publishShapes({ url, token }: RunningGallery, feed: string): Promise<void> {
  for (const canary of shapePackages(feed)) {
    const answer = await publishCanary({ url, token, deadlineMs: startWithinMs }, canary);
    if (isAcknowledged(answer)) continue;
    throw new UnreadableError(`${canary.filename} was refused: ${answer.status} ${answer.reason}`);
  }
}

/** @returns whether what was read is to be shown; undefined when the line was not understood */
function readArguments(args: readonly string[]): boolean | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: { show: { type: 'boolean', default: false } } });
    return values.show;
  } catch {
    return undefined;
  }
}
