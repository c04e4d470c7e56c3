/**
 * Gzipped tar archives for the tests of their reading, written block by block. Importing this makes a temporary folder, and
 * checks at the end of the test file that no file was left open in it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { isRefusal, type Refusal, type RefusalCode } from '../../src/std/refusals.ts';
import { readTarGz, type TarContents } from '../../src/validate/archive/tar-gz.ts';
import type { ArchiveLimits } from '../../src/validate/candidate.ts';

export const folder = await mkdtemp(join(tmpdir(), 'holdfast-tar-'));
after(async () => {
  const open = await openFilesIn(folder);
  await rm(folder, { recursive: true });
  assert.deepEqual(open, [], 'every file is closed');
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

export async function readBytes(
  bytes: Uint8Array,
  within: Partial<ArchiveLimits> = {},
): Promise<TarContents | Refusal> {
  made += 1;
  const path = join(folder, `${made}.tar.gz`);
  await writeFile(path, bytes);
  return readTarGz(path, { ...limits, ...within }, (name) => name.endsWith('/wanted'));
}

export async function assertReads(bytes: Uint8Array, within: Partial<ArchiveLimits> = {}): Promise<TarContents> {
  const contents = await readBytes(bytes, within);
  if (isRefusal(contents)) assert.fail(`refused: ${contents.message}`);
  return contents;
}

export async function assertRefused(
  bytes: Uint8Array,
  code: RefusalCode,
  words: RegExp,
  within: Partial<ArchiveLimits> = {},
): Promise<void> {
  const contents = await readBytes(bytes, within);
  if (!isRefusal(contents)) assert.fail(`read, but should be refused: ${words}`);
  assert.match(contents.message, words);
  assert.equal(contents.code, code);
}

/** What tar-stream writes. */
export async function tarOf(entries: readonly (Partial<Header> & { name: string; text?: string })[]): Promise<Buffer> {
  const archive = pack();
  for (const { text, ...header } of entries) archive.entry(header, text ?? '');
  archive.finalize();
  return buffer(archive);
}

export interface Member {
  readonly name: string;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly link?: string;
  readonly prefix?: string;
  readonly magic?: string;
  /** As in the header; the length of the body when not given. */
  readonly size?: string;
}

/** A member as tar keeps it: header, body, zeros up to the next block. */
export function member({
  name,
  type = '0',
  body = '',
  link = '',
  prefix = '',
  magic = 'ustar\x0000',
  size,
}: Member): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(size ?? `${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write(magic, 257, 'latin1');
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, bytes, Buffer.alloc(-bytes.length & 511)]);
}

export const endMark = Buffer.alloc(1024);

export function tarGzOf(...members: readonly (Member | Buffer)[]): Buffer {
  return gzipSync(Buffer.concat([...members.map((one) => (Buffer.isBuffer(one) ? one : member(one))), endMark]));
}

export function pax(records: Readonly<Record<string, string>>, type = 'x'): Member {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    const length = [1, 2, 3, 4, 5]
      .map((digits) => rest + digits)
      .find((total) => String(total).length + rest === total);
    return `${length} ${key}=${value}\n`;
  });
  return { name: 'PaxHeader', type, body: lines.join('') };
}
