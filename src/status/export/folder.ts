/**
 * The page in a folder that a web server shows. Each file is written under another name, forced to disk and renamed, so that
 * whoever reads sees the old one or the new one. A symbolic link inside that leads elsewhere is not followed.
 */
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Disk } from '../../std/disk.ts';
import { ExportError, type ExportTarget, manifestName, manifestText, parseManifest } from './target.ts';

const unfinishedName = '.holdfast-unfinished';

/** @param folder absolute; it is made when it is not there */
export function folderTarget(folder: string, disk: Disk): ExportTarget {
  return {
    name: folder,
    // One temporary name serves for all.
    atOnce: 1,
    async begin() {
      await disk.makeFolder(folder);
      const root = await realpath(folder);
      const place = async (path: string, bytes: Uint8Array) => {
        const parent = join(root, dirname(path));
        await disk.makeFolder(parent);
        if ((await realpath(parent)) !== parent)
          throw new ExportError(`"${dirname(path)}" in ${folder} is a link to another place`);
        const unfinished = join(root, unfinishedName);
        await disk.remove(unfinished);
        await disk.writeDurably(unfinished, bytes);
        await disk.rename(unfinished, join(root, path));
      };
      return {
        async readManifest() {
          const bytes = await disk.read(join(root, manifestName));
          return bytes === undefined ? [] : parseManifest(Buffer.from(bytes).toString());
        },
        writeManifest: (paths) => place(manifestName, Buffer.from(manifestText(paths))),
        async holdsOther({ path, body }) {
          const bytes = await disk.read(join(root, path));
          return bytes !== undefined && !body.equals(bytes);
        },
        async put({ path, body }) {
          const bytes = await disk.read(join(root, path));
          if (bytes === undefined || !body.equals(bytes)) await place(path, body);
        },
        async remove(path) {
          await disk.remove(join(root, path));
        },
      };
    },
  };
}
