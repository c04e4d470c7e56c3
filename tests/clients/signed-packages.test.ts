/** Packages that their author signed with the real SDK: taken as they are, shown to be signed, and restored by clients that look. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Dotnet, prepareDotnet } from './runners/dotnet.ts';
import { ask } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const prepare = (): Promise<Dotnet> => prepareDotnet({ source: `${gallery.url}/v3/index.json` });

test('a signed package keeps its bytes, shows its signature, and is restored', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using author = await prepare();
  await using user = await prepare();
  const path = await author.addFile(await makeNupkg({ id: 'Demo.Signed', version: '1.0.0' }));
  const unsigned = readFileSync(path);
  await sign(author, path);
  const signed = readFileSync(path);
  assert.notDeepEqual(signed, unsigned);

  succeeded(await author.push(path, { apiKey: gallery.token }));
  const stored = await ask(`${gallery.url}/v3/flat/demo.signed/1.0.0/demo.signed.1.0.0.nupkg`);
  assert.deepEqual(stored.body, signed);
  succeeded(await user.restore({ 'Demo.Signed': '1.0.0' }));
  assert.deepEqual(await user.restoredPackages(), ['demo.signed/1.0.0']);

  const next = await author.addFile(await makeNupkg({ id: 'Demo.Signed', version: '1.1.0' }));
  const pushed = succeeded(await author.push(next, { apiKey: gallery.token }));
  assert.match(pushed.stdout, /warn : Demo\.Signed was signed before, and 1\.1\.0 is not\./);
  assert.deepEqual(await signatures('demo.signed'), { '1.0.0': { type: 'author' }, '1.1.0': undefined });
});

/** Signs with a certificate of its own that nobody trusts; without a time stamp, because that takes a server. */
async function sign({ workspace, run }: Dotnet, path: string): Promise<void> {
  const [key, certificate, bundle] = [
    workspace.path('key.pem'),
    workspace.path('certificate.pem'),
    workspace.path('both.pfx'),
  ];
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'extendedKeyUsage=codeSigning',
    'keyUsage=digitalSignature,keyCertSign',
  ];
  openssl(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-sha256', '-nodes', '-days', '30', '-subj', '/CN=Test Author'],
    ...['-keyout', key, '-out', certificate, ...extensions.flatMap((extension) => ['-addext', extension])],
  );
  openssl('pkcs12', '-export', '-inkey', key, '-in', certificate, '-out', bundle, '-passout', 'pass:test');
  succeeded(await run('nuget', 'sign', path, '--certificate-path', bundle, '--certificate-password', 'test'));
}

/** What the registration says of each version's signature. */
async function signatures(id: string): Promise<Record<string, unknown>> {
  const { body } = await ask(`${gallery.url}/v3/registration/${id}/index.json`);
  const pages = (JSON.parse(body.toString()) as { items: { items: { catalogEntry: Entry }[] }[] }).items;
  const entries = pages.flatMap((page) => page.items.map((leaf) => leaf.catalogEntry));
  return Object.fromEntries(entries.map(({ version, signature }) => [version, signature]));
}

interface Entry {
  readonly version: string;
  readonly signature?: unknown;
}

function succeeded<T extends RunResult>(result: T): T {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
