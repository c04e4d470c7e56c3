/** What a package unpacks to, for readers that look into what they installed. */
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';

/** @returns every file, by path; throws where the bytes are no zip archive */
export async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = await fromBufferPromise(bytes, { lazyEntries: true });
  for await (const entry of archive.eachEntry()) {
    if (!entry.fileName.endsWith('/'))
      files.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)));
  }
  return files;
}

/** @returns id and version of the package, as its nuspec says */
export function identityIn(files: ReadonlyMap<string, Buffer>): { id: string; version: string } {
  const nuspec = [...files].find(([path]) => /^[^/]+\.nuspec$/.test(path))?.[1].toString() ?? '';
  const elementText = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(nuspec)?.[1];
  const [id, version] = [elementText('id'), elementText('version')];
  assert.ok(id !== undefined && version !== undefined, 'the package has a nuspec with id and version');
  return { id, version };
}
