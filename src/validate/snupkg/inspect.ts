/**
 * From an uploaded .snupkg to the symbol files in it. A symbol file can be larger than memory should be, so each goes through a
 * temporary file, and none is unpacked before the uploader is known to be allowed to have it here.
 */
import { randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizePackageId } from '../../identity/nupkg.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import { openZip, type ZipArchive, type ZipEntry } from '../archive/zip.ts';
import type { ArchiveLimits } from '../candidate.ts';
import { unescaped } from '../nupkg/embedded-files.ts';
import { readNuspecBytes } from '../nupkg/inspect.ts';
import { readSymbolsNuspec } from '../nupkg/nuspec.ts';
import { readPdbGuid } from './portable-pdb.ts';

/** Whose symbols they are. */
export interface SymbolsSubject {
  /** In the author's letter case. */
  readonly name: string;
  readonly normalizedName: string;
  readonly normalizedVersion: string;
  /** The symbol package's name as it is served. */
  readonly filename: string;
}

/** One symbol file, unpacked. */
export interface UnpackedSymbol {
  /** Without folders, as debuggers ask for it, in the author's letter case. */
  readonly name: string;
  /** GUID of its id: 32 lower-case hexadecimal digits. */
  readonly guid: string;
  readonly sha256: string;
  /** Of the temporary file. */
  readonly path: string;
}

export interface InspectedSymbols {
  readonly subject: SymbolsSubject;
  readonly files: readonly UnpackedSymbol[];
}

/** Portable PDBs of the largest assemblies there are have about a hundred megabytes; readers map one into memory whole. */
export const symbolFileBytesMax = 268_435_456;
/** All symbol files of a package together, on disk while they are looked at. */
export const symbolsBytesMax = 2_147_483_648;
/** The record of the publish names each of them. */
export const symbolFilesMax = 1_000;

/** What a symbol package may hold (protocol page "Creating symbol packages"). */
const allowedEndings = /\.(?:pdb|nuspec|xml|psmdcp|rels|p7s)$/i;

/**
 * Reads and checks a symbol package.
 * @param path of the file on disk
 * @param folder for temporary files; when a result has come, removing them is the caller's (`removeUnpacked`)
 * @param limits of the archive
 * @param admit asked before anything is unpacked; a refusal ends it
 */
export async function inspectSnupkg(
  path: string,
  folder: string,
  limits: ArchiveLimits,
  admit: (subject: SymbolsSubject) => Promise<Refusal | undefined>,
): Promise<InspectedSymbols | Refusal> {
  const archive = await openZip(path, limits);
  if (isRefusal(archive)) return archive;
  try {
    const subject = await readSubject(archive);
    if (isRefusal(subject)) return subject;
    const refusal = entriesProblem(archive.entries) ?? (await admit(subject));
    if (refusal) return refusal;
    const files = await unpackAll(archive, folder);
    return isRefusal(files) ? files : { subject, files };
  } finally {
    await archive.close();
  }
}

/** Removes the temporary files that the store has not taken. */
export async function removeUnpacked(files: readonly { readonly path: string }[]): Promise<void> {
  for (const { path } of files) await unlink(path).catch(() => undefined);
}

async function readSubject(archive: ZipArchive): Promise<SymbolsSubject | Refusal> {
  const bytes = await readNuspecBytes(archive);
  if (isRefusal(bytes)) return bytes;
  const nuspec = readSymbolsNuspec(bytes);
  if (isRefusal(nuspec)) return nuspec;
  const normalizedName = normalizePackageId(nuspec.id);
  const normalizedVersion = nuspec.version.lower;
  return {
    name: nuspec.id,
    normalizedName,
    normalizedVersion,
    filename: `${normalizedName}.${normalizedVersion}.snupkg`,
  };
}

function isSymbolFile(entry: ZipEntry): boolean {
  return !entry.isFolder && /\.pdb$/i.test(entry.name);
}

function entriesProblem(entries: readonly ZipEntry[]): Refusal | undefined {
  const stranger = entries.find((entry) => !entry.isFolder && !allowedEndings.test(entry.name));
  if (stranger) {
    return refuse(
      'metadata-invalid',
      `A symbol package holds .pdb files only; ${shownName(stranger.name)} does not belong there.`,
    );
  }
  const symbols = entries.filter(isSymbolFile);
  if (symbols.length === 0) return refuse('metadata-invalid', 'The symbol package holds no .pdb file.');
  if (symbols.length > symbolFilesMax) {
    return refuse('archive-too-large', `The symbol package holds more than ${symbolFilesMax} .pdb files.`);
  }
  const large = symbols.find((entry) => entry.sizeBytes > symbolFileBytesMax);
  if (large) {
    return refuse('archive-too-large', `${shownName(large.name)} unpacks to more than ${symbolFileBytesMax} bytes.`);
  }
  if (symbols.reduce((sum, entry) => sum + entry.sizeBytes, 0) > symbolsBytesMax) {
    return refuse('archive-too-large', `The .pdb files unpack to more than ${symbolsBytesMax} bytes together.`);
  }
  return undefined;
}

async function unpackAll(archive: ZipArchive, folder: string): Promise<UnpackedSymbol[] | Refusal> {
  const files: UnpackedSymbol[] = [];
  const made: { path: string }[] = [];
  let isWhole = false;
  try {
    for (const entry of archive.entries.filter(isSymbolFile)) {
      const path = join(folder, randomUUID());
      made.push({ path });
      const file = await unpackOne(archive, entry, path);
      if (isRefusal(file)) return file;
      files.push(file);
    }
    isWhole = true;
    return files;
  } finally {
    if (!isWhole) await removeUnpacked(made);
  }
}

async function unpackOne(archive: ZipArchive, entry: ZipEntry, path: string): Promise<UnpackedSymbol | Refusal> {
  const sha256 = await archive.unpack(entry.name, path);
  if (isRefusal(sha256)) return sha256;
  const guid = await readPdbGuid(path, shownName(entry.name));
  if (isRefusal(guid)) return guid;
  const name = unescaped(entry.name.slice(entry.name.lastIndexOf('/') + 1));
  if (/[/\\\0-\x1f]/.test(name)) {
    return refuse('metadata-invalid', `${shownName(entry.name)} has a name that no debugger can ask for.`);
  }
  return { name, guid, sha256, path };
}
