/** The signature of a package, read by its form: what openssl signs is one, what is cut short or something else is none. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { isRefusal } from '../../src/std/refusals.ts';
import { inspectNupkg } from '../../src/validate/nupkg/inspect.ts';
import { signatureType } from '../../src/validate/nupkg/signature.ts';
import { temporaryFolder } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';

const limits = { entriesMax: 1_000, unpackedBytesMax: 2 ** 33, extractBytesMax: 16_777_216, ratioMax: 50 };

let signed: Buffer;
let folder: string;

before(async (t) => {
  folder = await temporaryFolder(t as TestContext);
  const [key, certificate, text, p7s] = ['key.pem', 'certificate.pem', 'text', 'text.p7s'].map((name) =>
    join(folder, name),
  );
  const openssl = (...args: (string | undefined)[]) =>
    execFileSync('openssl', args as string[], { stdio: ['ignore', 'ignore', 'ignore'] });
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-subj', '/CN=Test');
  writeFileSync(text!, 'Version:1\n\n2.16.840.1.101.3.4.2.1-Hash:AAAA\n\n');
  const files = ['-in', text, '-out', p7s, '-signer', certificate, '-inkey', key];
  openssl('cms', '-sign', '-nodetach', '-binary', '-outform', 'DER', ...files);
  signed = readFileSync(p7s!);
});

/** Signed data with nothing in it but a signer's commitment: 1 is proof of origin, 2 proof of receipt. */
function withCommitment(commitment: number): Buffer {
  const element = (tag: number, ...parts: Buffer[]) => {
    const content = Buffer.concat(parts);
    assert.ok(content.length < 128, 'one byte says the length');
    return Buffer.concat([Buffer.from([tag, content.length]), content]);
  };
  /** 1.2.840.113549.1.… */
  const oid = (...rest: number[]) => element(0x06, Buffer.from([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, ...rest]));
  const value = element(0x30, oid(9, 16, 6, commitment));
  const attribute = element(0x30, oid(9, 16, 2, 16), element(0x31, value));
  const version = Buffer.from([2, 1, 1]);
  const signer = element(0x30, version, element(0x30), element(0x30), element(0xa0, attribute));
  const data = element(0x30, version, element(0x31), element(0x30), element(0x31, signer));
  return element(0x30, oid(7, 2), element(0xa0, data));
}

test('the commitment tells the author’s signature from the repository’s', () => {
  assert.equal(signatureType(signed), 'unknown');
  assert.equal(signatureType(withCommitment(1)), 'author');
  assert.equal(signatureType(withCommitment(2)), 'repository');
  assert.equal(signatureType(withCommitment(6)), 'unknown');
});

test('what is cut short, lengthened or something else is no signature, and nothing fails over it', () => {
  for (let length = 0; length < signed.length; length += 1) {
    assert.equal(signatureType(signed.subarray(0, length)), undefined, `${length} bytes`);
  }
  assert.equal(signatureType(Buffer.concat([signed, Buffer.from([0])])), undefined);
  assert.equal(signatureType(Buffer.from('30820000', 'hex')), undefined);
  assert.equal(signatureType(Buffer.from('3080000000', 'hex')), undefined);
  for (let at = 0; at < signed.length; at += 1) {
    const changed = Buffer.from(signed);
    changed[at]! ^= 0xff;
    signatureType(changed);
  }
});

test('a package with a signature is taken and says so, one with a broken signature is refused', async () => {
  const inspect = async (files: Record<string, Uint8Array | string>) => {
    const path = join(folder, 'made.nupkg');
    writeFileSync(path, (await makeNupkg({ id: 'Demo.Signed', version: '1.0.0', files })).bytes);
    const result = await inspectNupkg(path, limits);
    return isRefusal(result) ? result.message : result.fileMetadata;
  };
  assert.deepEqual(await inspect({ '.signature.p7s': withCommitment(1) }), { signature: { type: 'author' } });
  assert.deepEqual(await inspect({ 'content/.signature.p7s': 'just a file' }), {});
  const broken = /^The file \.signature\.p7s in the package is not a signature \(PKCS #7 signed data\)\.$/;
  for (const bytes of ['', 'no signature', signed.subarray(0, 500)]) {
    assert.match(String(await inspect({ '.signature.p7s': bytes })), broken);
  }
});
