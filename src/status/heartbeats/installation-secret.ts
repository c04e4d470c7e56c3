/**
 * The secret of this status service, from which tokens follow: 32 random bytes in its folder, made on the first start. Losing it
 * costs new addresses for heartbeats, and nothing else.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RandomBytes } from '../../std/random.ts';

const secretBytes = 32;

/**
 * @param folder the status service's own
 * @returns the secret; throws when the file is there and holds something else
 */
export function installationSecret(folder: string, random: RandomBytes): Buffer {
  const file = join(folder, 'secret');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    // Under another name first: a full disk must not leave half a secret.
    const unfinished = `${file}.new`;
    rmSync(unfinished, { force: true });
    const text = `${Buffer.from(random(secretBytes)).toString('hex')}\n`;
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(unfinished, file);
  }
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`${file} must hold 64 hexadecimal digits`);
  return Buffer.from(text, 'hex');
}
