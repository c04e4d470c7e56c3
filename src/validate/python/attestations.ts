/**
 * Attestations that come with an upload (PEP 740): signed statements of who built a file. What can be known without a root of
 * trust is checked: that each is well formed, about this very file, and signed with the key of the certificate in it. Who that
 * certificate belongs to is for those to check who install; we pass on what it says, as its own claim.
 */
import { verify } from 'node:crypto';
import { parseSdistFilename, parseWheelFilename } from '../../identity/python.ts';
import { type Json, parseExact, writeJson } from '../../std/json.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { decodeUtf8, shownName } from '../archive/entry-names.ts';
import type { Extract } from '../candidate.ts';
import { readSigningCertificate, type SigningCertificate } from './certificate.ts';

/** What the answer to `/integrity/…/provenance` is (PyPI's Integrity API). */
export const provenanceType = 'application/vnd.pypi.integrity.v1+json';

/** Identifiers, never fetched; a file may have one attestation of each. */
export const predicateTypes = {
  publish: `https://docs.${'pypi'}.org/attestations/publish/v1`,
  slsa: 'https://slsa.dev/provenance/v1',
} as const;

/** Both together have some 20 thousand. In characters. */
const attestationsLengthMax = 256 * 1024;
/** Of objects and lists within each other; a proof of inclusion has five. */
const nestingMax = 32;

const statementType = 'https://in-toto.io/Statement/v1';
const payloadType = 'application/vnd.in-toto+json';

export interface AttestedFile {
  readonly filename: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

type Fields = { readonly [key: string]: unknown };

interface Attestation {
  /** As it was sent, with whatever else it holds. */
  readonly json: Json;
  readonly predicateType: string;
  readonly certificate: SigningCertificate;
}

/**
 * Checks what the form field `attestations` holds and makes the provenance of it.
 * @param text JSON list of attestations, version 1
 * @param file what arrived
 * @returns the provenance, as the file to be served; or `attestations-invalid`
 */
export function makeProvenance(text: string, file: AttestedFile): Extract | Refusal {
  if (text.length > attestationsLengthMax) return invalid(`they are longer than ${attestationsLengthMax} characters`);
  const list = parseJson(text);
  if (!Array.isArray(list)) return invalid('they are not a JSON list');
  if (list.length === 0) return invalid('the list is empty; leave the field out instead');
  const attestations: Attestation[] = [];
  for (const json of list) {
    const attestation = readAttestation(json, file);
    if (isRefusal(attestation)) return attestation;
    if (attestations.some(({ predicateType }) => predicateType === attestation.predicateType)) {
      return invalid(`two of them have the predicate type ${attestation.predicateType}`);
    }
    attestations.push(attestation);
  }
  const bytes = Buffer.from(writeJson({ version: 1, attestation_bundles: bundlesOf(attestations) }));
  return { name: 'provenance', bytes, contentType: provenanceType };
}

/** One bundle for each holder of a certificate. The publisher's kind is ours: no service vouched for this upload. */
function bundlesOf(attestations: readonly Attestation[]): Json[] {
  const byClaims = Map.groupBy(attestations, ({ certificate }) => writeJson(certificate.claims));
  return [...byClaims.values()].map((group) => ({
    publisher: { kind: 'certificate', claims: group[0]!.certificate.claims, is_verified: false },
    attestations: group.map(({ json }) => json),
  }));
}

function readAttestation(json: unknown, file: AttestedFile): Attestation | Refusal {
  if (!isFields(json)) return invalid('one of them is not an object');
  if (json.version !== 1n) return invalid('only attestations of version 1 are known');
  const { verification_material: material, envelope } = json;
  if (!isFields(material)) return invalid("the object 'verification_material' is missing");
  const { transparency_entries: entries } = material;
  if (!Array.isArray(entries) || entries.length === 0 || !entries.every(isFields)) {
    return invalid("'transparency_entries' is not a list of at least one object");
  }
  if (!isFields(envelope)) return invalid("the object 'envelope' is missing");
  const certificateBytes = readBase64(material.certificate);
  const statementBytes = readBase64(envelope.statement);
  const signature = readBase64(envelope.signature);
  if (certificateBytes === undefined) return invalid("'certificate' is not base64");
  if (statementBytes === undefined) return invalid("'statement' is not base64");
  if (signature === undefined) return invalid("'signature' is not base64");
  const certificate = readSigningCertificate(certificateBytes);
  if (certificate === undefined)
    return invalid("'certificate' is not an X.509 certificate with a key on the curve P-256");
  if (!verify('sha256', preAuthenticated(statementBytes), certificate.key, signature)) {
    return invalid('the signature is not that of the statement with the key of the certificate');
  }
  const predicateType = readStatement(statementBytes, file);
  return isRefusal(predicateType) ? predicateType : { json: json as Json, predicateType, certificate };
}

/** @returns the predicate type of a statement about this file (in-toto, Statement v1) */
function readStatement(bytes: Buffer, file: AttestedFile): string | Refusal {
  const text = decodeUtf8(bytes);
  const statement = text === undefined ? undefined : parseJson(text);
  if (!isFields(statement) || statement._type !== statementType)
    return invalid('the statement is not an in-toto v1 one');
  const { subject: subjects, predicateType } = statement;
  if (!Array.isArray(subjects) || subjects.length !== 1) return invalid('the statement must have exactly one subject');
  const subject: unknown = subjects[0];
  if (!isFields(subject) || typeof subject.name !== 'string' || !isFields(subject.digest)) {
    return invalid('the subject of the statement has no name and digest');
  }
  if (!isSameFilename(subject.name, file.filename)) {
    return invalid(`the statement is about ${shownName(subject.name)}, but the file is ${shownName(file.filename)}`);
  }
  const { sha256 } = subject.digest;
  if (typeof sha256 !== 'string' || sha256.toLowerCase() !== file.sha256) {
    return invalid('the statement is about a file with another SHA-256 digest');
  }
  const known = Object.values(predicateTypes).find((type) => type === predicateType);
  return known ?? invalid(`the predicate type ${shownName(String(predicateType))} is not known`);
}

/** Two spellings of one file name are the same (PEP 740): parsed, not compared as text. */
function isSameFilename(left: string, right: string): boolean {
  const [one, other] = [identityOf(left), identityOf(right)];
  return one !== undefined && one === other;
}

function identityOf(filename: string): string | undefined {
  const sdist = parseSdistFilename(filename);
  if (sdist !== undefined) return JSON.stringify([sdist.normalizedName, sdist.version.sortKey]);
  const wheel = parseWheelFilename(filename);
  if (wheel === undefined) return undefined;
  const { normalizedName, version, build, pythons, abis, platforms } = wheel;
  const tags = [pythons, abis, platforms].map((set) => [...new Set(set)].sort());
  return JSON.stringify([normalizedName, version.sortKey, build, tags]);
}

/** What is really signed: type and body with their lengths before them (DSSE v1, "PAE"). */
function preAuthenticated(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
}

/** Old versions of the signing tool broke the lines of what they encoded. */
function readBase64(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.replaceAll(/[\r\n]/g, '');
  return text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
    ? Buffer.from(text, 'base64')
    : undefined;
}

/** @returns undefined for what is no JSON, or has more objects within each other than anybody can read */
function parseJson(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return parseExact(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** One walk over the text, because a pattern could be made to walk it again and again. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') isInString = !isInString;
    else if (isInString) at += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > nestingMax) return true;
  }
  return false;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Begins as PyPI's sentence does, which people search for. */
function invalid(problem: string): Refusal {
  return refuse('attestations-invalid', `Invalid attestations supplied during upload: ${problem}.`);
}
