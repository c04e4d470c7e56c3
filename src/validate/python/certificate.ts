/**
 * A signing certificate, as far as it can be read without knowing whom to trust: its key, and whom it names. Certificates of
 * Sigstore name the build that they were made for in extensions of their own; nobody but a root of trust can say that it is so.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';

export interface SigningCertificate {
  /** ECDSA on P-256. */
  readonly key: KeyObject;
  /** What the certificate says of its holder, by the names that Sigstore gives its extensions. */
  readonly claims: { readonly [name: string]: string };
}

/** Extensions below 1.3.6.1.4.1.57264.1 by their last number; those up to 7 have other forms, and repeat these. */
const claimNames = new Map([
  [8, 'issuer'],
  [9, 'build_signer_uri'],
  [10, 'build_signer_digest'],
  [11, 'runner_environment'],
  [12, 'source_repository_uri'],
  [13, 'source_repository_digest'],
  [14, 'source_repository_ref'],
  [15, 'source_repository_identifier'],
  [16, 'source_repository_owner_uri'],
  [17, 'source_repository_owner_identifier'],
  [18, 'build_config_uri'],
  [19, 'build_config_digest'],
  [20, 'build_trigger'],
  [21, 'run_invocation_uri'],
  [22, 'source_repository_visibility_at_signing'],
]);
/** The identifier's bytes, without the last. */
const claimPrefix = Buffer.from([0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01]);

const tags = { identifier: 0x06, octets: 0x04, utf8: 0x0c, sequence: 0x30, extensions: 0xa3 };

/**
 * Reads a certificate (RFC 5280). Neither who issued it nor how long it holds is looked at.
 * @param der its bytes
 * @returns undefined when it is none, or its key is not of the one kind that attestations of version 1 have
 */
export function readSigningCertificate(der: Buffer): SigningCertificate | undefined {
  const opened = openCertificate(der);
  if (opened === undefined) return undefined;
  const { key, name } = opened;
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
  return { key, claims: { ...(name === undefined ? {} : { subject_alternative_name: name }), ...claimsOf(der) } };
}

/** OpenSSL throws at whichever part it cannot read, and reads some only when asked for them. */
function openCertificate(der: Buffer): { readonly key: KeyObject; readonly name: string | undefined } | undefined {
  try {
    const certificate = new X509Certificate(der);
    // It takes PEM as well, and passes over what follows; neither is what the field may hold.
    if (!certificate.raw.equals(der)) return undefined;
    return { key: certificate.publicKey, name: certificate.subjectAltName };
  } catch (error) {
    if (/^ERR_(?:OSSL|CRYPTO)_/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function claimsOf(der: Buffer): { [name: string]: string } {
  const claims: { [name: string]: string } = {};
  for (const extension of extensionsOf(der)) {
    const [identifier, ...rest] = elementsIn(extension);
    const value = rest.at(-1);
    if (identifier?.tag !== tags.identifier || value?.tag !== tags.octets) continue;
    const { content } = identifier;
    if (content.length !== claimPrefix.length + 1 || !content.subarray(0, -1).equals(claimPrefix)) continue;
    const name = claimNames.get(content.at(-1)!);
    const text = elementsIn(value.content)[0];
    if (name !== undefined && text?.tag === tags.utf8) claims[name] = text.content.toString('utf8');
  }
  return claims;
}

/** Certificate → what is signed → its part 3 → a sequence of extensions. */
function extensionsOf(der: Buffer): Buffer[] {
  const signed = elementsIn(elementsIn(der)[0]?.content)[0];
  const part = elementsIn(signed?.content).find(({ tag }) => tag === tags.extensions);
  return elementsIn(elementsIn(part?.content)[0]?.content).map(({ content }) => content);
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** The elements of DER one after another (X.690); ends where the bytes make no element. */
function elementsIn(bytes: Buffer | undefined): Element[] {
  const elements: Element[] = [];
  for (let at = 0; bytes !== undefined && at + 2 <= bytes.length; ) {
    const tag = bytes[at]!;
    const first = bytes[at + 1]!;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    if (first === 0x80 || lengthBytes > 4 || start > bytes.length) break;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    if (start + length > bytes.length) break;
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}
