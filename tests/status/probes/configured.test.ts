/** Probes that the configuration names: pages, redirects, ports, names, and mail servers, with real servers behind each. */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { isOwnNetworkUp } from '../../../src/status/probes/own-network.ts';
import type { ProbeResult } from '../../../src/status/probes/probe.ts';
import { freePort, temporaryFolder } from '../../gallery.ts';
import { certificateAuthority } from './certificates.ts';
import { plain, startEdge } from './edge.ts';
import { startNameServer } from './name-server.ts';
import { assertGood, assertSays, type Configured, probing } from './probing.ts';

type Probe = NonNullable<Configured['probes']>[number];
type Told = Probe extends infer P ? (P extends Probe ? Omit<P, 'name' | 'component'> : never) : never;

/** What one probe of a configuration without a gallery says. */
async function run(t: TestContext, told: Told, caFile?: string): Promise<ProbeResult> {
  const probes = await probing(t).of({
    gallery: { url: 'http://127.0.0.1:1', ecosystems: [], ...(caFile === undefined ? {} : { caFile }) },
    probing: { deadlineSeconds: 2 },
    probes: [{ ...told, name: 'one', component: 'mail' } as Probe],
  });
  const { part, check, everyMs, staleMs } = probes.probe('mail#one');
  assert.ok(part !== '' && check === 'one' && everyMs === 15_000 && staleMs === 120_000);
  return probes.run('mail#one');
}

test('pages are judged by status and text, and redirects by where they end', async (t) => {
  const server = await startEdge(t, 1);
  const url = `http://127.0.0.1:${server.port}`;
  server.instead = ({ path, method, headers }) => {
    if (path === '/packed') {
      return { status: 200, headers: { 'Content-Encoding': 'gzip' }, body: gzipSync('all is well') };
    }
    if (path === '/told') return plain(headers['x-key'] === 'a key' && method === 'HEAD' ? 204 : 400);
    if (path.startsWith('/hop'))
      return plain(302, { Location: path === '/hop3' ? '/end' : `/hop${Number(path[4]) + 1}` });
    if (path === '/circle') return plain(307, { Location: '/circle' });
    return plain(path === '/end' ? 200 : 404, {}, 'here');
  };
  assertGood(await run(t, { kind: 'http', url: `${url}/packed`, contains: 'is well' }));
  assertSays(
    await run(t, { kind: 'http', url: `${url}/packed`, contains: 'is ill' }),
    'bad',
    /does not contain "is ill"$/,
  );
  const told = { kind: 'http', url: `${url}/told`, method: 'HEAD', headers: { 'X-Key': 'a key' } } as const;
  assertGood(await run(t, { ...told, status: 204 }));
  assertSays(await run(t, told), 'bad', /was answered 204 .*, and not 200$/);
  assertSays(
    await run(t, { kind: 'http', url: `http://127.0.0.1:${await freePort()}/` }),
    'bad',
    /refused \(ECONNREFUSED\)$/,
  );
  assertGood(await run(t, { kind: 'redirects', url: `${url}/hop1` }));
  assertSays(
    await run(t, { kind: 'redirects', url: `${url}/hop1`, hopsMax: 2 }),
    'bad',
    /through more than 2 redirects$/,
  );
  assertSays(await run(t, { kind: 'redirects', url: `${url}/circle` }), 'bad', /in a circle: .*\/circle → .*\/circle$/);
  assertSays(await run(t, { kind: 'redirects', url: `${url}/none` }), 'bad', /\/none was answered 404 /);
});

test('an answer without an end is an outage, and not a fault of the probe', async (t) => {
  const piece = Buffer.alloc(1024 * 1024, 'x');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const more = () => {
      while (socket.writable && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assertSays(
    await run(t, { kind: 'http', url: `http://127.0.0.1:${port}/` }),
    'bad',
    /more than \d+ bytes|no answer within/,
  );
});

test('a port is there or not, over IPv4 and IPv6', async (t) => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((listening) => server.listen(0, host, listening));
    const { port } = server.address() as AddressInfo;
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    assertGood(await run(t, { kind: 'tcp', address }));
    assert.equal(await isOwnNetworkUp([`127.0.0.1:${await freePort()}`, address], 1_000), true, 'one is enough');
    await new Promise((closed) => server.close(closed));
    assertSays(await run(t, { kind: 'tcp', address }), 'bad', /: the connection was refused \(ECONNREFUSED\)$/);
    assert.equal(await isOwnNetworkUp([address], 1_000), false);
  }
  assert.equal(await isOwnNetworkUp([], 1_000), true, 'nobody to ask');
});

test('a name server is asked, and its answer held against what is expected', async (t) => {
  const server = await startNameServer(t);
  server.records.set('A gallery.test', ['192.0.2.1', '192.0.2.2']);
  server.records.set('AAAA gallery.test', ['2001:db8:0:0:0:0:0:1']);
  server.records.set('MX gallery.test', ['Mail.Gallery.test']);
  server.records.set('CNAME www.gallery.test', ['gallery.test']);
  const ask = (told: Partial<Extract<Told, { kind: 'dns' }>>) =>
    run(t, { kind: 'dns', host: 'gallery.test', resolver: server.address, ...told });
  assertGood(await ask({}));
  assertGood(await ask({ expected: ['192.0.2.2', '192.0.2.1'] }));
  assertGood(await ask({ record: 'AAAA', expected: ['2001:db8::1'] }));
  assertGood(await ask({ record: 'MX', expected: ['mail.gallery.test.'] }));
  assertGood(await ask({ record: 'CNAME', host: 'www.gallery.test', expected: ['gallery.test'] }));
  assertSays(
    await ask({ expected: ['192.0.2.1'] }),
    'bad',
    /^A of gallery\.test is 192\.0\.2\.1, 192\.0\.2\.2 and not 192\.0\.2\.1$/,
  );
  assertSays(await ask({ host: 'nobody.test' }), 'bad', /^A of nobody\.test: the name does not exist \(ENOTFOUND\)$/);
  assertSays(await ask({ record: 'CNAME' }), 'bad', /: the name has no such record \(ENODATA\)$/);
  server.trouble = 'fails';
  assertSays(await ask({}), 'bad', /: the name server failed \(ESERVFAIL\)$/);
  server.trouble = 'refuses';
  assertSays(await ask({}), 'bad', /: the name server refused to answer \(EREFUSED\)$/);
  server.trouble = 'silent';
  assertSays(await ask({}), 'bad', /did not answer|^no answer within 2 s at the step "query"$/);
});

async function startMailServer(t: TestContext, options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({ ...options, authOptional: true });
  server.on('error', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close(() => undefined));
  return (server.server.address() as AddressInfo).port;
}

test('a mail server shakes hands, also over TLS, and its certificate is judged', async (t) => {
  const authority = await certificateAuthority(await temporaryFolder(t));
  const [own, other] = [await authority.leaf('localhost'), await authority.leaf('other.test')];
  const open = await startMailServer(t, { disabledCommands: ['STARTTLS', 'AUTH'] });
  const secured = await startMailServer(t, { key: own.key, cert: own.chain });
  const misnamed = await startMailServer(t, { key: other.key, cert: other.chain });
  const full = await startMailServer(t, { onConnect: (_, done) => done(new Error('too many are here')) });
  const smtp = (port: number, startTls = false) =>
    run(t, { kind: 'smtp', address: `localhost:${port}`, startTls }, authority.rootFile);
  assertGood(await smtp(open));
  const shaken = await smtp(secured, true);
  assertGood(shaken);
  assert.ok((shaken.measures.certificate_left_seconds ?? 0) > 80 * 86_400);
  assert.deepEqual(
    shaken.steps.map(({ name }) => name),
    ['connect', 'greeting', 'EHLO', 'STARTTLS', 'TLS', 'EHLO over TLS', 'QUIT'],
  );
  assertSays(await smtp(open, true), 'bad', /^the mail server does not offer STARTTLS$/);
  assertSays(await smtp(misnamed, true), 'bad', /^the certificate is for other\.test and not for localhost$/);
  assertSays(await smtp(full), 'bad', /^the mail server answered the greeting with "\d{3} .*too many are here/);
  assertSays(await smtp(await freePort()), 'bad', /refused/);

  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assertSays(await smtp(port), 'bad', /^no answer within 2 s at the step "greeting"$/);
  server.on('connection', (socket) => socket.end('220 hello\r\n'));
  assertSays(await smtp(port), 'bad', /^the mail server closed the connection$|the connection was cut/);
  for (const socket of sockets) socket.destroy();
});
