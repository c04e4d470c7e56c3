/**
 * The signature that a signed package carries as `.signature.p7s` (NuGet Package Signatures Technical Specification). Only its form is
 * read, to show that it is there and whose it claims to be: clients check it against the bytes, and those are never touched here.
 */
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { ZipArchive } from '../archive/zip.ts';
import { type DerElement, derContext, derSequence, derSet, readDer, readOid } from './der.ts';

export type SignatureType = 'author' | 'repository' | 'unknown';

export type PackageSignature = {
  /** By whom, as the signature's commitment says; nothing here has checked it. */
  readonly type: SignatureType;
};

/** The name that clients look for, in this letter case, at the root. */
export const signatureEntry = '.signature.p7s';
/** Certificates, revocation and time stamps included, in bytes; real ones have some twenty thousand. */
export const signatureBytesMax = 1_048_576;

const signedDataOid = '1.2.840.113549.1.7.2';
/** RFC 5126, commitment-type-indication. */
const commitmentOid = '1.2.840.113549.1.9.16.2.16';
const commitments: Readonly<Record<string, SignatureType>> = {
  '1.2.840.113549.1.9.16.6.1': 'author',
  '1.2.840.113549.1.9.16.6.2': 'repository',
};

/** @returns what the package is signed with, undefined when it is not; or `metadata-invalid` when that is no signature */
export async function readSignature(archive: ZipArchive): Promise<PackageSignature | undefined | Refusal> {
  const entry = archive.entries.find(({ name }) => name === signatureEntry);
  if (entry === undefined) return undefined;
  if (entry.sizeBytes > signatureBytesMax) {
    return refuse('metadata-invalid', `The package's signature is larger than ${signatureBytesMax} bytes.`);
  }
  const bytes = await archive.read(signatureEntry);
  if (isRefusal(bytes)) return bytes;
  const type = signatureType(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return type === undefined
    ? refuse('metadata-invalid', `The file ${signatureEntry} in the package is not a signature (PKCS #7 signed data).`)
    : { type };
}

/** @returns undefined when the bytes are not one ContentInfo with SignedData (RFC 5652) that somebody signed */
export function signatureType(bytes: Buffer): SignatureType | undefined {
  const [info, ...beyond] = readDer(bytes) ?? [];
  const [contentType, content] = inside(info, derSequence);
  if (beyond.length > 0 || readOid(contentType) !== signedDataOid) return undefined;
  const [signedData] = inside(content, derContext(0));
  const fields = inside(signedData, derSequence);
  // The last field is the set of signers; a package has one.
  const signers = inside(fields.at(-1), derSet);
  if (fields.length < 4 || signers.length !== 1) return undefined;
  const signedAttributes = inside(signers[0], derSequence).find(({ tag }) => tag === derContext(0));
  for (const attribute of inside(signedAttributes, derContext(0))) {
    const [oid, values] = inside(attribute, derSequence);
    if (readOid(oid) !== commitmentOid) continue;
    const claims = inside(values, derSet).map((value) => commitments[readOid(inside(value, derSequence)[0]) ?? '']);
    return claims.find((claim) => claim !== undefined) ?? 'unknown';
  }
  return 'unknown';
}

function inside(element: DerElement | undefined, tag: number): DerElement[] {
  return element?.tag === tag ? (readDer(element.content) ?? []) : [];
}
