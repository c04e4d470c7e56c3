/** Trees of packages for tests of import. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';

export interface Tree {
  readonly folder: string;
  /** @param name inside the tree */
  add(name: string, bytes: Uint8Array | string): void;
}

export async function emptyTree(t: TestContext): Promise<Tree> {
  const folder = await temporaryFolder(t);
  return {
    folder,
    add(name, bytes) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    },
  };
}

/** So many versions of two NuGet packages and of a Python one with both kinds of file, a folder each. */
export async function addVersions(tree: Tree, versions: number, name = 'tree'): Promise<number> {
  for (let at = 0; at < versions; at += 1) {
    const version = `1.${at}.0`;
    for (const id of [`${name}.First`, `${name}.Second`]) {
      const made = await makeNupkg({ id, version });
      tree.add(`nuget/${id}/${version}/${made.filename}`, made.bytes);
    }
    const wheel = await makeWheel({ name: `${name}-py`, version });
    const sdist = await makeSdist({ name: `${name}-py`, version });
    tree.add(`python/${wheel.filename}`, wheel.bytes);
    tree.add(`python/${sdist.filename}`, sdist.bytes);
  }
  return versions * 4;
}
