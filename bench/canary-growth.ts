/**
 * What canaries leave behind for good: publishes versions, unlists each, deletes each project when it is full, cleans up, and weighs
 * database and store before and after. `./holdfast run bench/canary-growth.ts [VERSIONS]`; docs/decisions/0024-canaries.md has the result.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { authenticate } from '../src/accounts/authenticate.ts';
import { found } from '../src/accounts/found.ts';
import { openGallery } from '../src/app.ts';
import { loadConfig } from '../src/config/load.ts';
import { deletePackage } from '../src/delete.ts';
import type { Gallery } from '../src/gallery.ts';
import { setListing } from '../src/listing.ts';
import { publish } from '../src/publish.ts';
import { isRefusal } from '../src/std/refusals.ts';
import { cleanUp } from '../src/upkeep/clean-up.ts';
import { receive } from '../src/upload/receive.ts';
import type { Ecosystem } from '../src/validate/candidate.ts';
import { inspectNupkg } from '../src/validate/nupkg/inspect.ts';
import { inspectPythonFile } from '../src/validate/python/inspect.ts';
import { pythonRules } from '../src/validate/python/rules.ts';
import { makeNupkg } from '../tests/packages/nupkg.ts';
import { makePsModule } from '../tests/packages/psmodule.ts';
import { makeWheel } from '../tests/packages/wheel.ts';

const versionsInProject = 200;
/** Three ecosystems, a version every five minutes. */
const versionsInYear = (3 * (365 * 24 * 3_600)) / 300;
const limits = { entriesMax: 1_000, unpackedBytesMax: 2 ** 24, extractBytesMax: 2 ** 20, ratioMax: 50 };
const rules = pythonRules([], []);
const ecosystems = ['python', 'nuget', 'powershell'] as const;

interface Weight {
  readonly databaseBytes: number;
  readonly storeFiles: number;
  readonly storeBytes: number;
  readonly storeBlocksBytes: number;
}

async function weigh(gallery: Gallery): Promise<Weight> {
  await gallery.finisher.flush();
  await sql`vacuum`.execute(gallery.db);
  await sql`pragma wal_checkpoint(truncate)`.execute(gallery.db);
  const entries = fs.readdirSync(gallery.folders.store, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => fs.statSync(join(entry.parentPath, entry.name)));
  return {
    databaseBytes: fs.statSync(gallery.folders.database).size,
    storeFiles: files.length,
    storeBytes: files.reduce((sum, { size, nlink }) => sum + size / nlink, 0),
    storeBlocksBytes: files.reduce((sum, { blocks, nlink }) => sum + (blocks * 512) / nlink, 0),
  };
}

function need<T>(result: T): Exclude<T, import('../src/std/refusals.ts').Refusal> {
  if (isRefusal(result)) throw new Error(result.message);
  return result as never;
}

/** A project's career: its versions published and unlisted, then all of it deleted. */
async function runProject(
  gallery: Gallery,
  token: string,
  kind: (typeof ecosystems)[number],
  number: number,
  versions: number,
) {
  const name = `holdfast-canary-${kind}-${number}`;
  const ecosystem: Ecosystem = kind === 'python' ? 'python' : 'nupkg';
  const identity = need(await authenticate(gallery.db, { token, from: 'bearer' }, gallery.clock.now()));
  for (let index = 0; index < versions; index += 1) {
    const version = `1.0.${index}`;
    const file = await makeFile(kind, name, version);
    need(
      await publish(gallery, {
        feedName: 'main',
        credentials: { token, from: 'bearer' },
        receive: () => {
          const request = Object.assign(Readable.from([file.bytes]), { headers: {} });
          return receive(request as never, { folder: gallery.folders.incoming, uploadBytesMax: 2 ** 24 }, true);
        },
        inspect: ({ file: { path } }) =>
          ecosystem === 'nupkg' ? inspectNupkg(path, limits) : inspectPythonFile(path, file.filename, limits, rules),
      }),
    );
    const address = { feedName: 'main', ecosystem, normalizedName: name, normalizedVersion: version };
    need(await setListing(gallery, identity, address, { isListed: false, reason: '' }));
  }
  need(await deletePackage(gallery, identity, { feedName: 'main', ecosystem, normalizedName: name }));
}

async function makeFile(kind: (typeof ecosystems)[number], name: string, version: string) {
  if (kind === 'python') return makeWheel({ name, version });
  const made = kind === 'nuget' ? makeNupkg({ id: name, version }) : makePsModule({ id: name, version });
  return { filename: `${name}.${version}.nupkg`, bytes: (await made).bytes };
}

async function main(versions: number): Promise<void> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'holdfast-canaries-'));
  try {
    const config = loadConfig({ HOLDFAST_DATA_DIR: folder, HOLDFAST_LOG_LEVEL: 'error' }, folder);
    if ('problems' in config) throw new Error(config.problems.join('\n'));
    const gallery = await openGallery(config, 'write');
    await found(gallery);
    const token = fs.readFileSync(gallery.folders.canaryToken, 'utf8').trim();
    const before = await weigh(gallery);
    for (let done = 0; done < versions; done += versionsInProject) {
      const number = done / versionsInProject;
      await runProject(
        gallery,
        token,
        ecosystems[number % 3] ?? 'python',
        number,
        Math.min(versionsInProject, versions - done),
      );
      process.stderr.write(`${Math.min(versions, done + versionsInProject)} versions\n`);
    }
    await cleanUp(gallery, 0);
    const after = await weigh(gallery);
    await gallery.close();
    for (const key of Object.keys(before) as (keyof Weight)[]) {
      const grown = after[key] - before[key];
      const inYear = (grown / versions) * versionsInYear;
      process.stdout.write(`${key}: ${Math.round(grown)} for ${versions} versions, ${Math.round(inYear)} a year\n`);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

await main(Number(process.argv.at(-1)) || 1_000);
