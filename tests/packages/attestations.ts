/**
 * Makes attestations (PEP 740) as the signing tools of publishers do, with certificates that tell of a build as those of Sigstore
 * do. Certificates and signatures are real; nobody issued the certificates, and the entry in the transparency log is made up.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { predicateTypes } from '../../src/validate/python/attestations.ts';

export interface Signer {
  readonly privateKey: KeyObject;
  /** DER. */
  readonly certificate: Buffer;
}

export interface AttestationJson {
  version: number;
  verification_material: { certificate: string; transparency_entries: object[] };
  envelope: { statement: string; signature: string };
}

/** What a certificate of Sigstore says of a build, by the last number of the extension. */
export const builtBy: Readonly<Record<number, string>> = {
  8: 'https://token.actions.example.org',
  12: 'https://code.example.org/ada/demo',
  14: 'refs/heads/main',
  18: 'https://code.example.org/ada/demo/workflows/release.yml@refs/heads/main',
};

/** A key and its certificate, which signs itself. @param curve `P-256` as in attestations of version 1, or another */
export function makeSigner(claims: Readonly<Record<number, string>> = builtBy, curve = 'P-256'): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return { privateKey, certificate: selfSigned(privateKey, publicKey, claims) };
}

/** A statement about a file (in-toto, v1), as JSON. */
export function statementAbout(file: { filename: string; bytes: Buffer }, changes: object = {}): string {
  const sha256 = createHash('sha256').update(file.bytes).digest('hex');
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: file.filename, digest: { sha256 } }],
    predicateType: predicateTypes.publish,
    predicate: null,
    ...changes,
  });
}

/** Signs a statement. */
export function attest(signer: Signer, statement: string): AttestationJson {
  const type = 'application/vnd.in-toto+json';
  const body = Buffer.from(statement);
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);
  return {
    version: 1,
    verification_material: {
      certificate: signer.certificate.toString('base64'),
      transparency_entries: [{ logIndex: '147130', integratedTime: '1730932627', inclusionProof: { hashes: ['00'] } }],
    },
    envelope: {
      statement: body.toString('base64'),
      signature: sign('sha256', signed, signer.privateKey).toString('base64'),
    },
  };
}

function selfSigned(privateKey: KeyObject, publicKey: KeyObject, claims: Readonly<Record<number, string>>): Buffer {
  const algorithm = sequence(identifier('2a8648ce3d040302'));
  const name = sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from('made by the tests')))));
  const validity = sequence(der(0x17, Buffer.from('241106223707Z')), der(0x17, Buffer.from('241106224707Z')));
  const alternative = sequence(der(0x86, Buffer.from(claims[18] ?? 'https://code.example.org/')));
  const extensions = [
    sequence(identifier('551d11'), der(0x01, Buffer.from([0xff])), der(0x04, alternative)),
    ...Object.entries(claims).map(([number, text]) => {
      const last = Number(number).toString(16).padStart(2, '0');
      return sequence(identifier(`2b0601040183bf3001${last}`), der(0x04, der(0x0c, Buffer.from(text))));
    }),
  ];
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    validity,
    sequence(),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  );
  return sequence(signed, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', signed, privateKey)])));
}

/** One element of DER (X.690). */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...contents: Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function identifier(hexadecimal: string): Buffer {
  return der(0x06, Buffer.from(hexadecimal, 'hex'));
}
