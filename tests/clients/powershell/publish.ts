/** Puts modules and scripts into a gallery by plain requests, for tests in which the upload is not what is tested. */
import assert from 'node:assert/strict';
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
