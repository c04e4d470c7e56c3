/** Reading symbol packages: ids of portable PDBs, what may be in one, and that nothing is left on disk. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isRefusal, refuse } from '../../src/std/refusals.ts';
import { inspectSnupkg, removeUnpacked } from '../../src/validate/snupkg/inspect.ts';
import { temporaryFolder } from '../gallery.ts';
import { makePdb, makeSnupkg, type SnupkgOptions } from '../packages/snupkg.ts';

const limits = { entriesMax: 1_000, unpackedBytesMax: 2 ** 33, extractBytesMax: 1_048_576, ratioMax: 50 };
const guid = '0123456789abcdef0123456789abcdef';

async function inspect(
  t: TestContext,
  options: Partial<SnupkgOptions>,
  admits = true,
  spoil = (bytes: Buffer) => bytes,
) {
  const folder = await temporaryFolder(t);
  const made = await makeSnupkg({ id: 'Demo.Lib', version: '1.0', files: {}, ...options });
  const path = join(folder, 'package');
  writeFileSync(path, spoil(made.bytes));
  const asked: unknown[] = [];
  const result = await inspectSnupkg(path, folder, limits, async (subject) => {
    asked.push(subject);
    return admits ? undefined : refuse('not-found', 'no such package');
  });
  return { result, asked, left: () => readdirSync(folder).filter((name) => name !== 'package') };
}

async function refused(t: TestContext, options: Partial<SnupkgOptions>, words: RegExp): Promise<void> {
  const { result, left } = await inspect(t, options);
  assert.ok(isRefusal(result), 'it should be refused');
  assert.match(result.message, words);
  assert.deepEqual(left(), [], 'nothing is left on disk');
}

test('every symbol file is unpacked, with its id and its digest', async (t) => {
  const large = makePdb('ffeeddccbbaa99887766554433221100', 'large', 20_000_000);
  const files = { 'lib/net10.0/My%20Demo.pdb': makePdb(guid, 'one'), 'lib/net8.0/Demo.PDB': large };
  const { result, left } = await inspect(t, { files });
  assert.ok(!isRefusal(result), 'it should be taken');
  assert.deepEqual(result.subject, {
    name: 'Demo.Lib',
    normalizedName: 'demo.lib',
    normalizedVersion: '1.0.0',
    filename: 'demo.lib.1.0.0.snupkg',
  });
  assert.deepEqual(
    result.files.map(({ name, guid: id }) => [name, id]),
    [
      ['My Demo.pdb', guid],
      ['Demo.PDB', 'ffeeddccbbaa99887766554433221100'],
    ],
  );
  assert.deepEqual(readFileSync(result.files[1]!.path), large);
  assert.equal(result.files[1]!.sha256, createHash('sha256').update(large).digest('hex'));
  await removeUnpacked(result.files);
  assert.deepEqual(left(), []);
});

test('nothing is unpacked for whom it is not', async (t) => {
  const { result, asked, left } = await inspect(t, { files: { 'lib/demo.pdb': makePdb(guid) } }, false);
  assert.ok(isRefusal(result));
  assert.equal(result.code, 'not-found');
  assert.equal(asked.length, 1);
  assert.deepEqual(left(), []);
});

test('a symbol package holds portable PDBs and nothing else', async (t) => {
  const good = { 'lib/demo.pdb': makePdb(guid) };
  await refused(t, { files: { ...good, 'lib/demo.dll': 'MZ' } }, /\.pdb files only; 'lib\/demo\.dll' does not belong/);
  await refused(t, { files: {} }, /holds no \.pdb file/);
  await refused(t, { files: good, packageType: null }, /does not say that this is a symbol package/);
  await refused(t, { files: good, packageType: 'Dependency' }, /does not say that this is a symbol package/);
  const windows = `Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0${'x'.repeat(500)}`;
  await refused(t, { files: { ...good, 'lib/old.pdb': windows } }, /'lib\/old\.pdb' is a Windows PDB; only portable/);
});

test('a PDB that is cut short or lies about itself is refused in words', async (t) => {
  const whole = makePdb(guid);
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(value, at);
    return bytes;
  };
  const noStream = Buffer.from(whole.toString('latin1').replace('#Pdb', '#Pdc'), 'latin1');
  const bad = [
    ...Array.from({ length: 84 }, (_, length) => whole.subarray(0, length)),
    changed(0, 0x12345678),
    changed(12, 0xffffffff),
    changed(12, 13),
    changed(28, 0xffff0000),
    changed(52, 0xfffffff0),
    changed(56, 0xffffffff),
    changed(56, 19),
    noStream,
  ];
  for (const bytes of bad) await refused(t, { files: { 'lib/demo.pdb': bytes } }, /is not a portable PDB/);
});

test('a symbol file whose bytes are damaged leaves nothing behind', async (t) => {
  const files = { 'lib/a.pdb': makePdb(guid, 'a', 1_000), 'lib/b.pdb': makePdb(guid, 'b', 1_000) };
  const { result, left } = await inspect(t, { files }, true, (bytes) => {
    // Bytes that do not compress stand in the archive as they are.
    const at = bytes.indexOf(makePdb(guid, 'b', 1_000).subarray(300, 320));
    assert.ok(at > 0);
    bytes[at]! ^= 1;
    return bytes;
  });
  assert.ok(isRefusal(result));
  assert.equal(result.code, 'archive-unreadable');
  assert.deepEqual(left(), []);
});
