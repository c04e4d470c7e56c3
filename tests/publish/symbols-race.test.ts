/** The moment between asking who needs a symbol file and removing its link: whoever comes to need it just then still gets it. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { authenticate } from '../../src/accounts/authenticate.ts';
import { found } from '../../src/accounts/found.ts';
import { openGallery } from '../../src/app.ts';
import { linkKey } from '../../src/blobs/keys.ts';
import { localStore } from '../../src/blobs/local.ts';
import { deletePackage } from '../../src/delete.ts';
import type { Gallery } from '../../src/gallery.ts';
import { storedPath, symbolFile } from '../../src/protocols/nuget-v3/keys.ts';
import { publishSymbols } from '../../src/publish-symbols.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { receive } from '../../src/upload/receive.ts';
import { inspectSnupkg } from '../../src/validate/snupkg/inspect.ts';
import { firstToken, freshConfig, publishFile } from '../crash/in-process.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makePdb, makeSnupkg } from '../packages/snupkg.ts';

const limits = { entriesMax: 1_000, unpackedBytesMax: 2 ** 24, extractBytesMax: 2 ** 20, ratioMax: 50 };
const guid = '5'.repeat(32);
const path = storedPath(symbolFile('shared.pdb', guid));

async function pushSymbols(gallery: Gallery, id: string): Promise<void> {
  const files = { 'lib/shared.pdb': makePdb(guid) };
  const { bytes } = await makeSnupkg({ id, version: '1.0.0', files });
  const { incoming } = gallery.folders;
  const refusal = await publishSymbols(gallery, {
    feedName: 'main',
    credentials: { token: firstToken(gallery), from: 'api-key' },
    receive: () =>
      receive(
        Object.assign(Readable.from([bytes]), { headers: {} }) as never,
        { folder: incoming, uploadBytesMax: 2 ** 24 },
        true,
      ),
    inspect: (received, admit) => inspectSnupkg(received.file.path, incoming, limits, admit),
    pathOf: (file) => storedPath(symbolFile(file.name, file.guid)),
  });
  assert.equal(refusal, undefined);
}

test('symbols that are published while the last package that had them is deleted keep their link', async (t) => {
  let beforeRemoval: (() => Promise<void>) | undefined;
  const gallery = await openGallery(await freshConfig(t), 'write', {
    store: ({ store: folder }) => {
      const store = localStore(folder);
      return {
        ...store,
        async delete(key) {
          const interrupt = key.endsWith('/shared.pdb') ? beforeRemoval : undefined;
          if (interrupt) beforeRemoval = undefined;
          await interrupt?.();
          return store.delete(key);
        },
      };
    },
  });
  t.after(() => gallery.close());
  await found(gallery);
  for (const id of ['Demo.Going', 'Demo.Coming']) {
    const made = await makeNupkg({ id, version: '1.0.0' });
    const published = await publishFile(gallery, firstToken(gallery), { ...made, kind: 'nupkg' } as never);
    assert.ok(!isRefusal(published));
  }
  await pushSymbols(gallery, 'Demo.Going');
  let wasInterrupted = false;
  beforeRemoval = async () => {
    wasInterrupted = true;
    await pushSymbols(gallery, 'Demo.Coming');
  };
  const identity = await authenticate(gallery.db, { token: firstToken(gallery), from: 'api-key' }, gallery.clock.now());
  assert.ok(!isRefusal(identity));
  const address = { feedName: 'main', ecosystem: 'nupkg' as const, normalizedName: 'demo.going' };
  assert.equal(await deletePackage(gallery, identity, address), undefined);
  assert.ok(wasInterrupted, 'the other package must have come in between');
  const link = await gallery.store.get(linkKey({ name: 'main', isPrivate: false }, path));
  assert.deepEqual(Buffer.from(link ?? []), makePdb(guid));

  assert.equal(await deletePackage(gallery, identity, { ...address, normalizedName: 'demo.coming' }), undefined);
  assert.equal(await gallery.store.get(linkKey({ name: 'main', isPrivate: false }, path)), undefined);
});
