/**
 * The note about when `verify` last found nothing amiss. It is sealed with the installation's key, so that the note out of a restored
 * copy proves to the gallery itself that this very gallery was restored and looked through, on another folder than its own.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { open, type SecretKey, seal } from '../access/seal.ts';
import type { Folders } from '../config/folders.ts';
import { replaceFile, systemDisk } from '../std/disk.ts';
import { type Refusal, refuse } from '../std/refusals.ts';

export interface VerifiedCopy {
  /** UTC milliseconds. */
  readonly at: number;
  /** The newest serial that it had. */
  readonly serial: string;
  /** Digest of machine and folder, to tell a copy from the gallery itself. */
  readonly place: string;
}

export interface VerifiedNote {
  readonly verified?: VerifiedCopy;
  /** The same, sealed. */
  readonly proof?: string;
  /** The newest restored copy that this gallery was told of. */
  readonly restoreVerified?: VerifiedCopy;
}

const purpose = 'verified note';
const noteBytesMax = 64 * 1024;

/** @returns the note; an empty one when there is none, or none that can be read */
export async function readNote(file: string): Promise<VerifiedNote> {
  const bytes = systemDisk.readStart(file, noteBytesMax);
  try {
    return bytes === undefined ? {} : (JSON.parse(Buffer.from(bytes).toString('utf8')) as VerifiedNote);
  } catch {
    return {};
  }
}

/** @param at when everything had been looked through, UTC milliseconds */
export async function noteVerified(folders: Folders, key: SecretKey, at: number, serial: bigint): Promise<void> {
  const verified: VerifiedCopy = { at, serial: serial.toString(), place: placeOf(folders) };
  const proof = seal(key, Buffer.from(JSON.stringify(verified)), purpose).toString('base64');
  const before = await readNote(folders.verified);
  replaceFile(folders.verified, `${JSON.stringify({ ...before, verified, proof })}\n`);
}

/**
 * Notes in this gallery that a restored copy of it was verified.
 * @param file the note in the copy's folder
 * @returns what was noted; refuses what proves nothing
 */
export async function noteRestored(
  folders: Folders,
  key: SecretKey,
  serial: bigint,
  file: string,
): Promise<VerifiedCopy | Refusal> {
  const { proof } = await readNote(file);
  if (proof === undefined) {
    return refuse('not-found', `${file} is no note of a verified copy; run "./holdfast verify" on the copy first.`);
  }
  const copy = opened(key, proof);
  if (copy === undefined) {
    return refuse('not-allowed', `${file} was written in another gallery: it is sealed with another key.`);
  }
  if (copy.place === placeOf(folders)) {
    return refuse('not-allowed', `${file} is about this gallery itself, and not about a copy of it.`);
  }
  if (BigInt(copy.serial) > serial) {
    return refuse('not-allowed', `${file} is about a copy that knows more than this gallery (serial ${copy.serial}).`);
  }
  const before = await readNote(folders.verified);
  replaceFile(folders.verified, `${JSON.stringify({ ...before, restoreVerified: copy })}\n`);
  return copy;
}

function opened(key: SecretKey, proof: string): VerifiedCopy | undefined {
  try {
    return JSON.parse(open(key, Buffer.from(proof, 'base64'), purpose).toString('utf8')) as VerifiedCopy;
  } catch {
    return undefined;
  }
}

function placeOf({ data }: Folders): string {
  return createHash('sha256').update(`${hostname()}:${data}`).digest('hex');
}
