/** Finds the packages in a tree of files, in the order of names, a folder at a time. */
import { join } from 'node:path';
import { type FolderEntry, waitingDisk } from '../std/disk.ts';

/** What is done with a file is told by the end of its name. */
export type PackageForm = 'nupkg' | 'snupkg' | 'python';

export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** Inside the tree, for people. */
  readonly name: string;
  /** Undefined for a file that is no package. */
  readonly form: PackageForm | undefined;
}

/** Folders inside folders, so that a ring of mounts comes to an end. Links to folders are not followed. */
const depthMax = 64;

/** @returns every file below the folder; a folder that cannot be read throws as the system does */
export async function* walk(folder: string, inside = '', depth = 0): AsyncGenerator<FoundFile> {
  const entries = await waitingDisk.list(folder);
  for (const entry of entries.toSorted(naturally)) {
    const path = join(folder, entry.name);
    const name = join(inside, entry.name);
    if (!entry.isFolder) yield { path, name, form: formOf(entry.name) };
    else if (depth < depthMax) yield* walk(path, name, depth + 1);
  }
}

function formOf(name: string): PackageForm | undefined {
  const lower = name.toLowerCase();
  if (lower.endsWith('.nupkg')) return 'nupkg';
  if (lower.endsWith('.snupkg')) return 'snupkg';
  return lower.endsWith('.whl') || lower.endsWith('.tar.gz') ? 'python' : undefined;
}

const order = new Intl.Collator('en', { numeric: true });

/** Numbers by their size, so that 1.10.0 comes after 1.9.0. */
function naturally(a: FolderEntry, b: FolderEntry): number {
  return order.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
}

/**
 * What package a file is of, as far as its name tells. Files of one package are published together, so that its documents are made
 * once; a wrong guess costs a little time and nothing else.
 */
export function guessedPackage({ path, form }: FoundFile): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (form === 'python') {
    const hyphen = name.endsWith('.whl') ? name.indexOf('-') : name.lastIndexOf('-');
    return `python ${name.slice(0, Math.max(hyphen, 0)).replaceAll(/[-_.]+/g, '-')}`;
  }
  const version = /\.\d+\.\d/.exec(name);
  return `nupkg ${name.slice(0, version?.index)}`;
}

const batchFiles = 100;
/** Of one package, that many are published before its documents are made. */
const batchFilesMax = 1_000;

/** Gathers files into batches that end between two packages, where that is not too far. */
export async function* batchesOf(files: AsyncIterable<FoundFile>): AsyncGenerator<FoundFile[]> {
  let batch: FoundFile[] = [];
  let lastPackage = '';
  for await (const file of files) {
    const itsPackage = guessedPackage(file);
    const isFull = batch.length >= batchFiles && (itsPackage !== lastPackage || batch.length >= batchFilesMax);
    if (isFull) {
      yield batch;
      batch = [];
    }
    batch.push(file);
    lastPackage = itsPackage;
  }
  if (batch.length > 0) yield batch;
}
