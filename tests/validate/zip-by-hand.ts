/**
 * Zip archives for the tests of their reading: good ones, and the tools to change a few of their bytes by hand. Importing this
 * makes a temporary folder, and checks at the end of the test file that no archive was left open in it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after } from 'node:test';
import { type EndOptions, ZipFile } from 'yazl';
import { isRefusal, type Refusal, type RefusalCode } from '../../src/std/refusals.ts';
import { openZip, type ZipArchive } from '../../src/validate/archive/zip.ts';
import type { ArchiveLimits } from '../../src/validate/candidate.ts';

export const folder = await mkdtemp(join(tmpdir(), 'holdfast-zip-'));
after(async () => {
  const open = await openFilesIn(folder);
  await rm(folder, { recursive: true });
  assert.deepEqual(open, [], 'every archive is closed');
});

export const limits: ArchiveLimits = {
  entriesMax: 50,
  unpackedBytesMax: 1 << 30,
  extractBytesMax: 1 << 16,
  ratioMax: 50,
};
let made = 0;

async function openFilesIn(path: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((target) => target.startsWith(path));
}

export async function openBytes(bytes: Uint8Array, within: Partial<ArchiveLimits> = {}): Promise<ZipArchive | Refusal> {
  made += 1;
  const path = join(folder, `${made}.zip`);
  await writeFile(path, bytes);
  return openZip(path, { ...limits, ...within });
}

export async function assertOpens(bytes: Uint8Array, within: Partial<ArchiveLimits> = {}): Promise<ZipArchive> {
  const archive = await openBytes(bytes, within);
  if (isRefusal(archive)) assert.fail(`refused: ${archive.message}`);
  return archive;
}

export async function assertRefused(
  bytes: Uint8Array,
  code: RefusalCode,
  words: RegExp,
  within: Partial<ArchiveLimits> = {},
): Promise<void> {
  const archive = await openBytes(bytes, within);
  if (!isRefusal(archive)) {
    await archive.close();
    assert.fail(`opened, but should be refused: ${words}`);
  }
  assert.match(archive.message, words);
  assert.equal(archive.code, code);
}

export type Content = readonly [name: string, text: string | Buffer, options?: { compress?: boolean; mode?: number }];

export async function zipOf(contents: readonly Content[], end: Partial<EndOptions> = {}): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text, options] of contents) {
    if (name.endsWith('/')) zip.addEmptyDirectory(name);
    else zip.addBuffer(Buffer.from(text), name, { compress: false, ...options });
  }
  zip.end({ forceZip64Format: false, comment: '', ...end });
  return buffer(zip.outputStream);
}

export interface Place {
  readonly central: number;
  readonly local: number;
}

export function endOf(bytes: Buffer): number {
  return bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
}

/** Where the entries are, in the order of the directory. */
export function places(bytes: Buffer): Place[] {
  const end = endOf(bytes);
  const found: Place[] = [];
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === 0x02014b50; ) {
    found.push({ central: at, local: bytes.readUInt32LE(at + 42) });
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return found;
}

export function changed(bytes: Buffer, change: (copy: Buffer, entries: Place[]) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy, places(copy));
  return copy;
}

/** Writes another name of the same length over all places of a name. */
export function renamed(bytes: Buffer, from: string, to: string | Buffer): Buffer {
  const replacement = typeof to === 'string' ? Buffer.from(to) : to;
  assert.equal(Buffer.byteLength(from), replacement.length);
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + 1)) replacement.copy(copy, at);
  return copy;
}

/** Puts bytes into the file and moves the offsets of everything behind them. */
export function withInserted(bytes: Buffer, at: number, inserted: Buffer): Buffer {
  const copy = changed(bytes, (whole, entries) => {
    const end = endOf(whole);
    const directory = whole.readUInt32LE(end + 16);
    if (at <= directory) whole.writeUInt32LE(directory + inserted.length, end + 16);
    for (const { central, local } of entries)
      if (local >= at) whole.writeUInt32LE(local + inserted.length, central + 42);
  });
  return Buffer.concat([copy.subarray(0, at), inserted, copy.subarray(at)]);
}

/** Gives the only entry another extra field, in its local header or in the directory. */
export function withExtra(
  bytes: Buffer,
  where: keyof Place,
  ...fields: readonly (readonly [id: number, data: Buffer])[]
): Buffer {
  const extra = Buffer.concat(
    fields.map(([id, data]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(data.length, 2);
      return Buffer.concat([head, data]);
    }),
  );
  const [only] = places(bytes);
  const nameBytes = bytes.readUInt16LE(only!.local + 26);
  if (where === 'local') {
    const longer = withInserted(bytes, 30 + nameBytes, extra);
    longer.writeUInt16LE(extra.length, 28);
    return longer;
  }
  const at = only!.central + 46 + nameBytes;
  const longer = Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)]);
  longer.writeUInt16LE(longer.readUInt16LE(only!.central + 30) + extra.length, only!.central + 30);
  longer.writeUInt32LE(longer.readUInt32LE(endOf(longer) + 12) + extra.length, endOf(longer) + 12);
  return longer;
}

export const two = await zipOf([
  ['one.txt', 'first'],
  ['two.txt', 'second'],
]);
