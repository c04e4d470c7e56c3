/**
 * The operator's token: whoever has it may write on the status page. It is made at the first start, in a file that only its owner
 * reads, and never changed; remove the file and start again for another.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RandomBytes } from '../../std/random.ts';

const tokenBytes = 32;
/** One that somebody chose: nothing but its length keeps others from guessing it. */
const tokenLengthMin = 32;
const prefix = 'hold_status_';

/** @param folder of everything that the status service keeps */
export const operatorTokenFile = (folder: string) => join(folder, 'operator-token');

/** @returns the token in the folder, which is made when there is none */
export function operatorToken(folder: string, random: RandomBytes): string {
  const file = operatorTokenFile(folder);
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (known !== '') {
    if (known.length < tokenLengthMin)
      throw new Error(`the token in ${file} is shorter than ${tokenLengthMin} characters`);
    // A copy from a back-up may have lost what keeps others from reading it.
    chmodSync(file, 0o600);
    return known;
  }
  const token = `${prefix}${Buffer.from(random(tokenBytes)).toString('base64url')}`;
  mkdirSync(dirname(file), { recursive: true });
  // Under its name it is whole, or not there.
  writeFileSync(`${file}.new`, `${token}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return token;
}

/** Compares in the same time wherever the first difference is. */
export function isSameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
