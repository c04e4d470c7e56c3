/** Puts modules and scripts into a gallery by plain requests, for tests in which the upload is not what is tested. */
import assert from 'node:assert/strict';
import { waitFor } from '../../gallery.ts';
import type { MadeNupkg } from '../../packages/nupkg.ts';
import { makePsModule, type PsModuleOptions } from '../../packages/psmodule.ts';
import { makePsScript, type PsScriptOptions } from '../../packages/psscript.ts';
import { ask, type Place } from '../runners/publish.ts';

/** Pushes a module as Publish-PSResource packs it. @returns what was pushed */
export async function publishModule(place: Place, options: PsModuleOptions): Promise<MadeNupkg> {
  return await push(place, await makePsModule(options));
}

/** Pushes a script as Publish-PSResource packs it. @returns what was pushed */
export async function publishScript(place: Place, options: PsScriptOptions): Promise<MadeNupkg> {
  return await push(place, await makePsScript(options));
}

async function push(place: Place, made: MadeNupkg): Promise<MadeNupkg> {
  const answer = await ask(`${place.url}/v3/package`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': place.token, 'Content-Type': 'application/octet-stream' },
    body: made.bytes,
  });
  assert.equal(answer.status, 201, answer.reasonPhrase);
  return made;
}

/** Pushes many modules, a few at a time. */
export async function publishModules(place: Place, modules: readonly PsModuleOptions[]): Promise<void> {
  const left = modules.values();
  const sender = async () => {
    for (const module of left) await publishModule(place, module);
  };
  await Promise.all(Array.from({ length: 6 }, sender));
}

/** Search shows a publish about a second later: waits until so many entries pass a filter. */
export async function untilSearchHas(place: Place, count: number, filter: string): Promise<void> {
  const query = new URLSearchParams({ $filter: filter, semVerLevel: '2.0.0', includePrerelease: 'true' });
  await waitFor(async () => {
    const { body } = await ask(`${place.url}/api/v2/Search()/$count?${query}`);
    return Number(body.toString()) === count;
  });
}
