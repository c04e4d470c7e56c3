/** The files of a command line that hold advisories: single ones, folders of them, and the archives that databases export. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Advisory, advisoryBytesMax, readOsvFile } from '../advisories/osv.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { openZip } from '../validate/archive/zip.ts';
import type { ArchiveLimits } from '../validate/candidate.ts';

export interface FoundAdvisory {
  /** Path of the file; in an archive, with the entry's name behind it. */
  readonly name: string;
  readonly advisory: Advisory | Refusal;
}

/** Exports of a whole ecosystem have some hundred thousand small files. */
const archiveLimits: ArchiveLimits = {
  entriesMax: 400_000,
  unpackedBytesMax: 8 * 1024 ** 3,
  extractBytesMax: advisoryBytesMax,
  ratioMax: 100,
};

/**
 * Reads what a path leads to: an OSV file, a folder with `.json` and `.zip` files at any depth, or a zip archive. Files of other
 * names in folders and archives are passed over.
 */
export async function* findAdvisories(path: string): AsyncGenerator<FoundAdvisory> {
  if ((await stat(path)).isDirectory()) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && /\.(?:json|zip)$/i.test(entry.name));
    for (const file of files.map((entry) => join(entry.parentPath, entry.name)).sort()) yield* readOne(file);
  } else {
    yield* readOne(path);
  }
}

async function* readOne(file: string): AsyncGenerator<FoundAdvisory> {
  if (/\.zip$/i.test(file)) {
    yield* readArchive(file);
    return;
  }
  const isTooLarge = (await stat(file)).size > advisoryBytesMax;
  yield { name: file, advisory: isTooLarge ? tooLarge : readOsvFile(await readFile(file)) };
}

const tooLarge = refuse('advisory-invalid', `The file is larger than ${advisoryBytesMax} bytes.`);

async function* readArchive(file: string): AsyncGenerator<FoundAdvisory> {
  const archive = await openZip(file, archiveLimits);
  if (isRefusal(archive)) {
    yield { name: file, advisory: archive };
    return;
  }
  try {
    for (const { name, isFolder } of archive.entries) {
      if (isFolder || !/\.json$/i.test(name)) continue;
      const bytes = await archive.read(name);
      yield { name: `${file}/${name}`, advisory: isRefusal(bytes) ? bytes : readOsvFile(bytes) };
    }
  } finally {
    await archive.close();
  }
}
