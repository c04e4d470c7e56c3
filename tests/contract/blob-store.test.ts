/** The contract of a blob store, run by every implementation. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { localStore } from '../../src/blobs/local.ts';
import type { BlobStore } from '../../src/blobs/store.ts';
import { waitingDisk } from '../../src/std/disk.ts';
import { temporaryFolder } from '../gallery.ts';
import { memoryStore } from './memory-store.ts';

const implementations: Record<string, (t: TestContext) => Promise<BlobStore>> = {
  'local folder': async (t) => localStore(join(await temporaryFolder(t), 'store')),
  'local folder, whose reader waits for the disk': async (t) =>
    localStore(join(await temporaryFolder(t), 'store'), waitingDisk),
  memory: async () => memoryStore(),
};

const bytes = (text: string) => Buffer.from(text);

async function textOf(store: BlobStore, key: string, range?: { start: number; end: number }): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.stream(key, range)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const link = (store: BlobStore, key: string, existing: string) => store.putAll([[{ key, link: existing }]]);

async function keysOf(store: BlobStore, folder: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(folder)) keys.push(key);
  return keys;
}

for (const [name, open] of Object.entries(implementations)) {
  test(`${name}: what was put is read back, whole and in parts`, async (t) => {
    const store = await open(t);
    await store.put('a/b/c.txt', bytes('0123456789'));
    assert.equal(Buffer.from((await store.get('a/b/c.txt')) ?? []).toString(), '0123456789');
    assert.equal(await textOf(store, 'a/b/c.txt'), '0123456789');
    assert.equal(await textOf(store, 'a/b/c.txt', { start: 2, end: 4 }), '234');
    assert.equal((await store.state('a/b/c.txt'))?.sizeBytes, 10);
  });

  test(`${name}: replacing changes the identity each time, also with equal bytes and at once`, async (t) => {
    const store = await open(t);
    const identities = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      await store.put('key', bytes(`same size ${round % 2}`));
      identities.add((await store.state('key'))?.identity ?? '');
    }
    assert.equal(identities.size, 50);
  });

  test(`${name}: what is not there is undefined, false or empty, and a stream of it fails`, async (t) => {
    const store = await open(t);
    assert.equal(await store.get('nothing'), undefined);
    assert.equal(await store.state('nothing'), undefined);
    assert.equal(await store.delete('nothing'), false);
    assert.deepEqual(await keysOf(store, 'nothing'), []);
    assert.deepEqual(await store.names('nothing'), []);
    await assert.rejects(textOf(store, 'nothing'));
  });

  test(`${name}: a folder is no object`, async (t) => {
    const store = await open(t);
    await store.put('folder/object', bytes('x'));
    assert.equal(await store.state('folder'), undefined);
    assert.equal(await store.get('folder'), undefined);
  });

  test(`${name}: a link gives the bytes a second key that outlives the first`, async (t) => {
    const store = await open(t);
    await store.put('blobs/one', bytes('linked'));
    await link(store, 'public/first', 'blobs/one');
    await link(store, 'public/first', 'blobs/one');
    await link(store, 'public/second', 'blobs/one');
    assert.equal(await store.delete('blobs/one'), true);
    assert.equal(await textOf(store, 'public/first'), 'linked');
    assert.equal(await textOf(store, 'public/second'), 'linked');
  });

  test(`${name}: a link to nothing is refused and leaves nothing`, async (t) => {
    const store = await open(t);
    await assert.rejects(link(store, 'public/first', 'blobs/missing'), /not in the store/);
    assert.equal(await store.state('public/first'), undefined);
  });

  test(`${name}: a finished file is taken over`, async (t) => {
    const store = await open(t);
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'upload'), 'uploaded');
    if (name === 'local folder') await store.put('first', bytes('makes the folder'));
    await store.putAll([[{ key: 'blobs/upload', file: join(folder, 'upload') }]]);
    assert.equal(await textOf(store, 'blobs/upload'), 'uploaded');
    assert.deepEqual(await readdir(folder), []);
  });

  test(`${name}: many objects are put at once, and a later group never without the earlier ones`, async (t) => {
    const store = await open(t);
    const object = (key: string) => ({ key, bytes: bytes(key) });
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    await store.putAll([
      numbers.map((n) => object(`leaf/${n % 7}/${n}`)),
      [object('index'), { key: 'link', link: 'leaf/0/0' }],
    ]);
    assert.equal((await keysOf(store, 'leaf')).length, 50);
    assert.equal(await textOf(store, 'link'), 'leaf/0/0');
    await store.putAll([]);
    await store.putAll([[], [object('after an empty group')]]);
    assert.equal(await textOf(store, 'after an empty group'), 'after an empty group');
    await assert.rejects(
      store.putAll([[object('new/leaf'), { key: 'new/link', link: 'missing' }], [object('new/index')]]),
    );
    assert.equal(await store.state('new/index'), undefined);
  });

  test(`${name}: the start of an object is read without the rest`, async (t) => {
    const store = await open(t);
    await store.put('digits', bytes('0123456789'));
    const start = async (bytesMax: number) => Buffer.from((await store.getStart('digits', bytesMax)) ?? []).toString();
    assert.equal(await start(3), '012');
    assert.equal(await start(1_000), '0123456789');
    assert.equal(await store.getStart('nothing', 3), undefined);
  });

  test(`${name}: lists are complete, in byte order and of that folder only`, async (t) => {
    const store = await open(t);
    for (const key of ['f/b', 'f/a/2', 'f/a/10', 'f2/x', 'f/Z', 'f/ü']) await store.put(key, bytes(key));
    assert.deepEqual(await keysOf(store, 'f'), ['f/Z', 'f/a/10', 'f/a/2', 'f/b', 'f/ü']);
    assert.deepEqual(await store.names('f'), ['Z', 'a', 'b', 'ü']);
  });

  test(`${name}: of many writers to one key one wins whole`, async (t) => {
    const store = await open(t);
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000));
    await Promise.all(texts.map((text) => store.put('contested', bytes(text))));
    assert.ok(texts.includes(await textOf(store, 'contested')));
    assert.deepEqual(await keysOf(store, 'contested'), []);
  });

  test(`${name}: names that could leave the store are no keys`, async (t) => {
    const store = await open(t);
    for (const key of ['../escape', 'a/../b', 'a//b', '/a', '', '.']) {
      await assert.rejects(async () => store.put(key, bytes('x')), /not a store key/, JSON.stringify(key));
    }
  });
}

test('local folder: no unfinished file is left', async (t) => {
  const folder = await temporaryFolder(t);
  const store = localStore(folder);
  await Promise.all(Array.from({ length: 20 }, (_, index) => store.put(`f/${index % 3}`, bytes('x'))));
  await link(store, 'f/link', 'f/0');
  await link(store, 'f/link', 'f/0');
  await assert.rejects(
    store.putAll([
      [
        { key: 'f/new', bytes: bytes('x') },
        { key: 'f/other', link: 'f/missing' },
      ],
    ]),
  );
  assert.deepEqual(await readdir(join(folder, 'unfinished')), []);
  const names = (await readdir(join(folder, 'f'))).filter((name) => name !== 'new');
  assert.deepEqual(names.sort(), ['0', '1', '2', 'link']);
});

test('local folder: a folder that somebody removed is made again', async (t) => {
  const folder = await temporaryFolder(t);
  const store = localStore(folder);
  await store.put('f/a', bytes('x'));
  await store.delete('f/a');
  const { rm } = await import('node:fs/promises');
  await rm(join(folder, 'f'), { recursive: true });
  await store.put('f/a', bytes('again'));
  assert.equal(await textOf(store, 'f/a'), 'again');
});
