/** Certificates as they are really served: who runs out, who is for another name, whose chain has a gap, and who was not exchanged. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { createServer } from 'node:tls';
import { freePort, startGallery, temporaryFolder } from '../../gallery.ts';
import { certificateAuthority, dayMs } from './certificates.ts';
import { startEdge } from './edge.ts';
import { assertGood, assertSays, probing } from './probing.ts';

const name = 'gallery.test';

test('a gallery over TLS is used like any other, and its certificate is judged at each edge', async (t) => {
  const authority = await certificateAuthority(await temporaryFolder(t));
  const [good, old] = [await authority.leaf(name), await authority.leaf(name, -90 * dayMs, -dayMs)];
  const port = await freePort();
  const gallery = await startGallery(t, { HOLDFAST_BASE_URL: `https://${name}:${port}` });
  await startEdge(t, gallery.port, { port, tls: { key: good.key, cert: good.chain } });
  const west = await startEdge(t, gallery.port, { tls: { key: old.key, cert: old.chain } });
  const probes = await probing(t).of({
    gallery: {
      url: `https://${name}:${port}`,
      caFile: authority.rootFile,
      certificateFile: good.certificateFile,
      tokenFile: join(gallery.dataDir, 'canary-token'),
      edges: [
        { name: 'east', address: '127.0.0.1' },
        { name: 'west', address: '127.0.0.1', port: west.port },
      ],
    },
  });
  for (const one of ['python', 'nuget', 'powershell']) {
    assertGood(await probes.run(`publish/${one}#push@east`));
    assertGood(await probes.run(`install/${one}#install@east`));
    const words = /: the certificate has expired \(CERT_HAS_EXPIRED\)$/;
    assertSays(await probes.run(`install/${one}#install@west`), 'bad', words);
  }
  const served = await probes.run('website#certificate@east');
  assertGood(served);
  const { certificate_lifetime_left_ratio: ratio = 0, certificate_left_seconds: left = 0 } = served.measures;
  assert.ok(Math.abs(ratio - 89 / 90) < 0.001 && Math.abs(left - 89 * 86_400) < 600, JSON.stringify(served.measures));
  const expired = await probes.run('website#certificate@west');
  const day = new Date(Date.now() - dayMs).toISOString().slice(0, 10);
  assertSays(expired, 'bad', new RegExp(`^the certificate expired on ${day}$`));
  assert.ok((expired.measures.certificate_left_seconds ?? 0) < 0);
});

/** What the probe of kind tls says of a server with these certificates. */
async function judge(
  t: TestContext,
  tls: { key: string; cert: string },
  { caFile, certificateFile }: { caFile?: string; certificateFile?: string } = {},
) {
  const server = createServer(tls, (socket) => socket.on('error', () => undefined));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const probes = await probing(t).of({
    gallery: { url: 'http://127.0.0.1:1', ecosystems: [], ...(caFile === undefined ? {} : { caFile }) },
    probes: [
      {
        kind: 'tls',
        name: 'cert',
        component: 'website',
        address: `127.0.0.1:${port}`,
        serverName: name,
        ...(certificateFile === undefined ? {} : { certificateFile }),
      },
    ],
  });
  return probes.run('website#cert');
}

test('what is wrong with a certificate is said in words, and what is left of it is measured', async (t) => {
  const folder = await temporaryFolder(t);
  const authority = await certificateAuthority(folder);
  const { rootFile: caFile } = authority;
  const [leaf, renewed] = [await authority.leaf(name), await authority.leaf(name)];
  const of = ({ key, chain }: typeof leaf) => ({ key, cert: chain });
  assertGood(await judge(t, of(leaf), { caFile }));
  assertGood(await judge(t, of(leaf), { caFile, certificateFile: leaf.certificateFile }));
  assertSays(
    await judge(t, of(leaf), { caFile, certificateFile: renewed.certificateFile }),
    'bad',
    /^the certificate with the serial number [0-9A-F]+ is served, and not the one on disk, [0-9A-F]+$/,
  );
  assertSays(await judge(t, of(leaf)), 'bad', /its root is not trusted|the root of the chain is not trusted/);
  assertSays(
    await judge(t, { key: leaf.key, cert: leaf.certificate }, { caFile }),
    'bad',
    /^the chain is not complete/,
  );
  assertSays(
    await judge(t, of(await authority.leaf('other.test')), { caFile }),
    'bad',
    /^the certificate is for other\.test and not for gallery\.test$/,
  );
  assertSays(
    await judge(t, of(await authority.leaf(name, dayMs, 2 * dayMs)), { caFile }),
    'bad',
    /^the certificate is not valid before \d{4}-/,
  );
  const late = await judge(t, of(await authority.leaf(name, -80 * dayMs, 20 * dayMs)), { caFile });
  assertGood(late);
  const { certificate_lifetime_left_ratio: ratio = 0 } = late.measures;
  assert.ok(Math.abs(ratio - 0.2) < 0.001, `a fifth is left, and ${ratio} was measured`);
  const missing = { caFile, certificateFile: join(folder, 'nothing.pem') };
  assertSays(await judge(t, of(leaf), missing), 'unknown', /^the file .* cannot be read$/);
  writeFileSync(missing.certificateFile, 'no certificate');
  assertSays(await judge(t, of(leaf), missing), 'unknown', /^the file .* cannot be read$/);
});
