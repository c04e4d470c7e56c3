/** Attestations that come with an upload: which are taken, what is made of them, and which are refused for what reason. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { isRefusal } from '../../src/std/refusals.ts';
import { makeProvenance, predicateTypes } from '../../src/validate/python/attestations.ts';
import { readSigningCertificate } from '../../src/validate/python/certificate.ts';
import { type AttestationJson, attest, builtBy, makeSigner, statementAbout } from '../packages/attestations.ts';

const wheel = { filename: 'demo_py-1.0-py3-none-any.whl', bytes: Buffer.from('a wheel') };
const file = { filename: wheel.filename, sha256: createHash('sha256').update(wheel.bytes).digest('hex') };
const signer = makeSigner();
const good = attest(signer, statementAbout(wheel));

/** What is made of them, parsed; or the sentence of the refusal. */
function provenanceOf(sent: unknown, about = file): unknown {
  const made = makeProvenance(typeof sent === 'string' ? sent : JSON.stringify(sent), about);
  if (!isRefusal(made)) return JSON.parse(Buffer.from(made.bytes).toString());
  assert.equal(made.code, 'attestations-invalid');
  assert.match(made.message, /^Invalid attestations supplied during upload: .*\.$/);
  return made.message;
}

function assertRefused(sent: unknown, words: RegExp): void {
  const told = provenanceOf(sent);
  assert.equal(typeof told, 'string', `should be refused: ${words}`);
  assert.match(told as string, words);
}

/** The good attestation with a part replaced. */
function changed(change: (attestation: AttestationJson) => void): [AttestationJson] {
  const copy = structuredClone(good);
  change(copy);
  return [copy];
}

test('a good attestation becomes a provenance that tells what its certificate says, and no more', () => {
  assert.deepEqual(provenanceOf([good]), {
    version: 1,
    attestation_bundles: [
      {
        publisher: {
          kind: 'certificate',
          claims: {
            subject_alternative_name: `URI:${builtBy[18]}`,
            issuer: builtBy[8],
            source_repository_uri: builtBy[12],
            source_repository_ref: builtBy[14],
            build_config_uri: builtBy[18],
          },
          is_verified: false,
        },
        attestations: [good],
      },
    ],
  });
});

test('attestations are kept as they were sent, with keys that nobody asked for and numbers of any size', () => {
  const text = JSON.stringify([{ ...good, more: 'x' }]).replace('"more":"x"', '"more":[12345678901234567890,"é"]');
  const made = makeProvenance(text, file);
  assert.ok(!isRefusal(made));
  assert.equal(made.name, 'provenance');
  assert.equal(made.contentType, 'application/vnd.pypi.integrity.v1+json');
  assert.ok(Buffer.from(made.bytes).toString().includes(text.slice(1, -1)));
});

test('one attestation of each kind is taken; those of one holder stand together', () => {
  const slsa = attest(signer, statementAbout(wheel, { predicateType: predicateTypes.slsa }));
  const bundles = (sent: unknown) => provenanceOf(sent) as { attestation_bundles: { attestations: unknown[] }[] };
  assert.deepEqual(
    bundles([good, slsa]).attestation_bundles.map(({ attestations }) => attestations),
    [[good, slsa]],
  );
  const other = attest(
    makeSigner({ ...builtBy, 14: 'refs/tags/v1' }),
    statementAbout(wheel, { predicateType: predicateTypes.slsa }),
  );
  assert.deepEqual(
    bundles([good, other]).attestation_bundles.map(({ attestations }) => attestations),
    [[good], [other]],
  );
  assertRefused([good, good], /two of them have the predicate type https:/);
});

test('a file name may be spelt in another way that means the same', () => {
  const named = (filename: string) => [attest(signer, statementAbout({ ...wheel, filename }))];
  assert.equal(typeof provenanceOf(named('Demo.Py-1.0.0-py3-none-any.whl')), 'object');
  for (const other of [
    'demo_py-1.1-py3-none-any.whl',
    'demo_py-1.0-1-py3-none-any.whl',
    'demo_py-1.0.tar.gz',
    'demo',
    '',
  ]) {
    assertRefused(named(other), /the statement is about '.*', but the file is 'demo_py-1\.0-py3-none-any\.whl'/);
  }
  const sdist = { filename: 'demo_py-1.0.tar.gz', sha256: file.sha256 };
  assert.equal(
    typeof provenanceOf([attest(signer, statementAbout({ ...wheel, filename: 'demo-py-1.0.tar.gz' }))], sdist),
    'object',
  );
});

test('what is no list of attestations is refused', () => {
  assertRefused('', /not a JSON list/);
  assertRefused('{', /not a JSON list/);
  assertRefused({}, /not a JSON list/);
  assertRefused('null', /not a JSON list/);
  assertRefused([], /the list is empty/);
  assertRefused([null], /not an object/);
  assertRefused([[good]], /not an object/);
  assertRefused('['.repeat(200_000), /not a JSON list/);
  assertRefused(`${'['.repeat(100_000)}${']'.repeat(100_000)}`, /not a JSON list/);
  assertRefused(`["${'\\"'.repeat(100_000)}`, /not a JSON list/);
  assertRefused(`[${JSON.stringify('x'.repeat(300_000))}]`, /longer than 262144 characters/);
});

test('an attestation has every part that it needs, in its form', () => {
  for (const version of [2, '1', 1.5, undefined])
    assertRefused([{ ...good, version }], /only attestations of version 1/);
  assertRefused([{ ...good, verification_material: undefined }], /'verification_material' is missing/);
  assertRefused([{ ...good, envelope: [] }], /'envelope' is missing/);
  for (const entries of [[], ['x'], 'x', undefined]) {
    const sent = changed(({ verification_material: material }) =>
      Object.assign(material, { transparency_entries: entries }),
    );
    assertRefused(sent, /'transparency_entries'/);
  }
  for (const text of ['', '?', 'YQ', 7, undefined]) {
    assertRefused(
      changed((one) => Object.assign(one.envelope, { statement: text })),
      /'statement' is not base64/,
    );
    assertRefused(
      changed((one) => Object.assign(one.envelope, { signature: text })),
      /'signature' is not base64/,
    );
    assertRefused(
      changed((one) => Object.assign(one.verification_material, { certificate: text })),
      /'certificate' is not base64/,
    );
  }
});

test('lines in base64 do not matter, as an old signing tool wrote them', () => {
  const sent = changed((one) => {
    one.envelope.statement = one.envelope.statement.replace(/.{76}/g, '$&\n');
  });
  assert.equal(typeof provenanceOf(sent), 'object');
});

test('a certificate is X.509 in DER with a key on P-256', () => {
  const withCertificate = (bytes: Buffer) =>
    changed((one) => Object.assign(one.verification_material, { certificate: bytes.toString('base64') }));
  const words = /'certificate' is not an X\.509 certificate/;
  const der = signer.certificate;
  const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  assert.ok(readSigningCertificate(der));
  assertRefused(withCertificate(Buffer.from('no certificate')), words);
  assertRefused(withCertificate(der.subarray(0, -10)), words);
  assertRefused(withCertificate(Buffer.concat([der, Buffer.from('more')])), words);
  assertRefused(withCertificate(Buffer.from(pem)), words);
  assertRefused([attest(makeSigner(builtBy, 'P-384'), statementAbout(wheel))], words);
});

test('a certificate that is damaged at any place is read as far as it goes, or refused', () => {
  assert.deepEqual(readSigningCertificate(makeSigner({}).certificate)?.claims, {
    subject_alternative_name: 'URI:https://code.example.org/',
  });
  for (let round = 0; round < 2 * signer.certificate.length; round += 1) {
    const damaged = Buffer.from(signer.certificate);
    const at = round >> 1;
    damaged[at] = damaged[at]! ^ (round % 2 === 0 ? 0xff : 1);
    readSigningCertificate(damaged);
    provenanceOf(
      changed((one) => Object.assign(one.verification_material, { certificate: damaged.toString('base64') })),
    );
  }
});

test('a signature of another key, or of another statement, is refused', () => {
  const words = /the signature is not that of the statement/;
  const statement = Buffer.from(statementAbout(wheel, { predicate: 1 })).toString('base64');
  assertRefused(
    changed((one) => Object.assign(one.envelope, { statement })),
    words,
  );
  const { signature } = attest(makeSigner(), statementAbout(wheel)).envelope;
  assertRefused(
    changed((one) => Object.assign(one.envelope, { signature })),
    words,
  );
  assertRefused(
    changed((one) => Object.assign(one.envelope, { signature: 'AAAA' })),
    words,
  );
});

test('a statement is about one file, this one, and of a kind that is known', () => {
  const about = (changes: object) => [attest(signer, statementAbout(wheel, changes))];
  const subject = { name: wheel.filename, digest: { sha256: file.sha256 } };
  assertRefused([attest(signer, 'no JSON')], /not an in-toto v1 one/);
  assertRefused([attest(signer, '[]')], /not an in-toto v1 one/);
  assertRefused(about({ _type: 'https://in-toto.io/Statement/v0.1' }), /not an in-toto v1 one/);
  assertRefused(about({ subject: [] }), /exactly one subject/);
  assertRefused(about({ subject: [subject, subject] }), /exactly one subject/);
  assertRefused(about({ subject: [{ ...subject, name: 7 }] }), /no name and digest/);
  assertRefused(about({ subject: [{ ...subject, digest: undefined }] }), /no name and digest/);
  assertRefused(about({ subject: [{ ...subject, digest: { sha512: 'x' } }] }), /another SHA-256 digest/);
  assertRefused(about({ subject: [{ ...subject, digest: { sha256: '0'.repeat(64) } }] }), /another SHA-256 digest/);
  assertRefused(about({ predicateType: 'https://example.org/v1' }), /'https:\/\/example\.org\/v1' is not known/);
  assertRefused(about({ predicateType: undefined }), /the predicate type 'undefined' is not known/);
});
