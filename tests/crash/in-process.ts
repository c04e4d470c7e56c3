/** A gallery inside the test's own process, for crashes that must happen at an exact step. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import type { Config } from '../../src/config/load.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Gallery } from '../../src/gallery.ts';
import { type Published, publish } from '../../src/publish.ts';
import type { Refusal } from '../../src/std/refusals.ts';
import { receive } from '../../src/upload/receive.ts';
import { inspectNupkg } from '../../src/validate/nupkg/inspect.ts';
import { inspectPythonFile } from '../../src/validate/python/inspect.ts';
import { pythonRules } from '../../src/validate/python/rules.ts';
import { galleryEnvironment, temporaryFolder } from '../gallery.ts';
import type { PackageFile } from './package-files.ts';

const limits = { entriesMax: 1_000, unpackedBytesMax: 2 ** 24, extractBytesMax: 2 ** 20, ratioMax: 50 };

/** A configuration with a fresh data folder. */
export async function freshConfig(t: TestContext): Promise<Config> {
  const folder = await temporaryFolder(t);
  const config = loadConfig({ ...galleryEnvironment(folder, 8080), HOLDFAST_LOG_LEVEL: 'silent' }, folder);
  assert.ok(!('problems' in config));
  return config;
}

export function firstToken(gallery: Gallery): string {
  return readFileSync(gallery.folders.firstToken, 'utf8').trim();
}

const rules = pythonRules([], []);

/** Publishes as the upload handlers do, without the HTTP around them. */
export function publishFile(gallery: Gallery, token: string, file: PackageFile): Promise<Published | Refusal> {
  return publish(gallery, {
    feedName: 'main',
    credentials: { token, from: 'api-key' },
    receive: () => {
      const request = Object.assign(Readable.from([file.bytes]), { headers: {} });
      const { incoming } = gallery.folders;
      return receive(request as never, { folder: incoming, uploadBytesMax: 2 ** 24 }, true);
    },
    inspect: ({ file: { path } }) =>
      file.kind === 'nupkg' ? inspectNupkg(path, limits) : inspectPythonFile(path, file.filename, limits, rules),
  });
}
