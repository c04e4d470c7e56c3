/** Tar archives with entries that would be dangerous to unpack, or that tools read in different ways, are refused. */
import test from 'node:test';
import { assertReads, assertRefused, member, pax, tarGzOf } from './tar-by-hand.ts';

test('names that lead out of the folder are refused', async () => {
  const cases: readonly (readonly [name: string, words: RegExp])[] = [
    ['../x', /climbs out/],
    ['demo/../../x', /climbs out/],
    ['demo/..', /climbs out/],
    ['..\\x', /climbs out/],
    ['demo\\..\\..\\x', /climbs out/],
    ['/etc/passwd', /absolute/],
    ['\\etc', /absolute/],
    ['C:/x', /drive letter/],
    ['c:x', /drive letter/],
    ['demo//x', /empty folder name/],
    ['demo/./x', /named '\.'/],
    ['demo/a\nb', /control character/],
    ['demo/a\x1bb', /control character/],
    ['', /empty name/],
  ];
  for (const [name, words] of cases) {
    await assertRefused(tarGzOf({ name }), 'archive-unsafe', words);
    await assertRefused(tarGzOf(pax({ path: name }), { name: 'demo/fine' }), 'archive-unsafe', words);
  }
  await assertReads(tarGzOf({ name: 'demo/dev-disk-by\\x2dlabel.mount' }));
  await assertRefused(
    tarGzOf(pax({ path: `demo/${'a'.repeat(1020)}` }), { name: 'a' }),
    'archive-unsafe',
    /1024 bytes/,
  );
});

test('names that are not UTF-8 are refused', async () => {
  const latin = tarGzOf(Buffer.from(member({ name: 'demo/gr\u00fcn' })));
  await assertReads(latin);
  const block = member({ name: 'demo/xx' });
  block[5] = 0xfc;
  const sum = Number.parseInt(block.toString('latin1', 148, 154), 8) + 0xfc - 0x78;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  await assertRefused(tarGzOf(block), 'archive-unsafe', /not UTF-8/);
});

test('links inside the top folder are accepted, links out of it are refused', async () => {
  const symbolic: readonly (readonly [link: string, target: string, words: RegExp | undefined])[] = [
    ['demo/a', 'b', undefined],
    ['demo/a', './b/c', undefined],
    ['demo/a', '.', undefined],
    ['demo/sub/a', '../b', undefined],
    ['demo/sub/a', '..', undefined],
    ['demo/a', '../demo/b', /outside the top folder/],
    ['demo/sub/a', '../../other', /outside the top folder/],
    ['demo/sub/a', '..\\..\\other', /outside the top folder/],
    ['demo/sub/a', 'b/../c', /outside the top folder/],
    ['demo', 'b', /outside the top folder/],
    ['demo/a', '/etc/passwd', /absolute/],
    ['demo/a', '\\\\host\\share', /absolute/],
    ['demo/a', 'C:\\x', /absolute/],
    ['demo/a', 'b\nc', /control character/],
    ['demo/a', '', /nowhere/],
  ];
  for (const [name, link, words] of symbolic) {
    const archive = tarGzOf({ name, type: '2', link });
    if (words === undefined) await assertReads(archive);
    else await assertRefused(archive, 'archive-unsafe', words);
  }
  const before = { name: 'demo/b', body: 'text' };
  await assertReads(tarGzOf(before, { name: 'demo/sub/a', type: '1', link: 'demo/b' }));
  await assertReads(tarGzOf(before, { name: './demo/sub/a', type: '1', link: './demo/b' }));
  await assertRefused(tarGzOf(before, { name: 'other/a', type: '1', link: 'demo/b' }), 'archive-unsafe', /outside/);
  for (const link of ['../b', '/demo/b', 'demo/c', 'b']) {
    const archive = tarGzOf(before, { name: 'demo/a', type: '1', link });
    await assertRefused(archive, 'archive-unsafe', /not a file before it/);
  }
});

test('links that only lead out together are refused', async () => {
  // A hard link would carry the symbolic link to a folder from where its target is outside.
  const carried = tarGzOf(
    { name: 'demo/a/b/link', type: '2', link: '../../x' },
    { name: 'demo/link', type: '1', link: 'demo/a/b/link' },
  );
  await assertRefused(carried, 'archive-unsafe', /not a file before it/);
  for (const members of [
    [{ name: 'demo/link', type: '2', link: 'sub' }, { name: 'demo/link/file' }],
    [{ name: 'demo/link/file' }, { name: 'demo/link', type: '2', link: 'sub' }],
  ]) {
    await assertRefused(tarGzOf(...members), 'archive-unsafe', /no folder, but other entries lie below it/);
  }
});

test('two entries of one name are refused, a folder that is named twice is not', async () => {
  await assertRefused(tarGzOf({ name: 'demo/a' }, { name: './demo/a' }), 'archive-unsafe', /is there twice/);
  const both = tarGzOf({ name: 'demo/a' }, { name: 'demo/a/', type: '5' });
  await assertRefused(both, 'archive-unsafe', /both as a file and as a folder/);
  await assertReads(tarGzOf({ name: 'demo/', type: '5' }, { name: 'demo/', type: '5' }));
});

test('devices, pipes, sparse files and unknown kinds are refused', async () => {
  for (const [type, words] of [
    ['3', /device/],
    ['4', /device/],
    ['6', /pipe/],
    ['S', /sparse/],
    ['V', /unknown kind/],
  ] as const) {
    await assertRefused(tarGzOf({ name: 'demo/a', type }), 'archive-unsafe', words);
  }
  const sparse = tarGzOf(pax({ 'GNU.sparse.major': '1' }), { name: 'demo/a' });
  await assertRefused(sparse, 'archive-unsafe', /sparse/);
});

test('headers that tools read in two ways are refused', async () => {
  const file = { name: 'demo/a', body: 'text' };
  const cases: readonly (readonly [archive: Buffer, words: RegExp])[] = [
    [tarGzOf(pax({ size: '512' }), file), /two different sizes/],
    [tarGzOf(pax({ path: 'demo/b' }), { name: 'x', type: 'L', body: 'demo/c\0' }, file), /two names/],
    [tarGzOf(pax({ path: 'demo/b' }), pax({ path: 'demo/c' }), file), /two names/],
    [tarGzOf({ name: 'x', type: 'L', body: 'demo/b' }, { name: 'x', type: 'L', body: 'demo/c' }, file), /two names/],
    [
      tarGzOf(pax({ linkpath: 'b' }), { name: 'x', type: 'K', body: 'c\0' }, { name: 'demo/a', type: '2', link: 'd' }),
      /two names/,
    ],
    [tarGzOf({ name: 'x', type: 'x', body: '15 path=demo/b\n15 path=demo/c\n' }, file), /two values for 'path'/],
    [tarGzOf({ name: 'x', type: 'x', body: '15 path=demo\0b\n' }, file), /no valid one/],
    [tarGzOf(pax({ path: 'demo/b' }, 'g'), file), /all its entries one name/],
    [tarGzOf({ name: 'demo/', type: '5', body: 'text' }), /no file, but has content/],
    [tarGzOf({ name: 'demo/a', type: '2', link: 'b', body: 'text' }), /no file, but has content/],
    [tarGzOf({ name: 'demo/a/', body: 'text' }), /file by its content and a folder by its name/],
    [tarGzOf({ name: 'a', prefix: 'demo', magic: 'ustar  \0' }), /not UTF-8/],
  ];
  for (const [archive, words] of cases) await assertRefused(archive, 'archive-unsafe', words);
  await assertReads(tarGzOf(pax({ size: '4' }), file));
  for (const size of ['\0'.repeat(12), ' '.repeat(12), '          0 ', '\x80'.padEnd(12, '\0')]) {
    await assertReads(tarGzOf({ name: 'demo/a', size }));
  }
  const linked = tarGzOf({ name: 'x', type: 'K', body: '../outside\0' }, { name: 'demo/a', type: '2', link: 'b' });
  await assertRefused(linked, 'archive-unsafe', /outside the top folder/);
  const paxLinked = tarGzOf(pax({ linkpath: '../outside' }), { name: 'demo/a', type: '2', link: 'b' });
  await assertRefused(paxLinked, 'archive-unsafe', /outside the top folder/);
});

test('damaged headers are refused', async () => {
  for (const size of ['0000000000x\0', '-0000000001\0', '\xff'.repeat(12), `\x80${'\xff'.repeat(11)}`]) {
    await assertRefused(tarGzOf({ name: 'demo/a', size }), 'archive-unreadable', /is not a number/);
  }
  for (const body of ['99 path=demo/b\n', 'path=demo/b\n', '14 path=demo/b', '0 path=demo/b\n', '5 abc\n']) {
    await assertRefused(
      tarGzOf({ name: 'x', type: 'x', body }, { name: 'demo/a' }),
      'archive-unreadable',
      /extended header/,
    );
  }
});
