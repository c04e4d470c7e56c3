/** Ids as the Statuspage API has them: twelve lowercase letters and digits. */
import { createHash } from 'node:crypto';
import type { RandomBytes } from '../std/random.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const length = 12;

/** @returns the id of something that has a name for ever, such as a component */
export function idOf(kind: string, key: string): string {
  return spell(createHash('sha256').update(`${kind}:${key}`).digest());
}

/** @returns an id that nothing else has */
export function newId(random: RandomBytes): string {
  return spell(random(length));
}

function spell(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join('');
}
