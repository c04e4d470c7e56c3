/**
 * The installation's key: 32 random bytes made on the first start, kept 0600 beside the data or given by environment. Whoever
 * has the store and this key can make everything again; back the key up apart from the data (docs/runbooks/restore.md).
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { SecretKey } from './seal.ts';

export class InstallationKeyError extends Error {}

/**
 * @param file where the key is kept
 * @param fromEnvironment the key as 64 hexadecimal digits, which wins over the file
 * @param mayCreate whether a missing key is made; only in a data folder that was never used
 */
export function loadInstallationKey(file: string, fromEnvironment: string | undefined, mayCreate: boolean): SecretKey {
  if (fromEnvironment !== undefined) return parseKey(fromEnvironment, 'HOLDFAST_INSTALLATION_KEY');
  if (existsSync(file)) return parseKey(readFileSync(file, 'utf8'), file);
  if (!mayCreate) {
    throw new InstallationKeyError(
      `${file} is missing: either there is no gallery in this data folder (HOLDFAST_DATA_DIR), or its key was lost, and without it tokens and accounts cannot be read`,
    );
  }
  // Under another name first: a disk that is full must not leave half a key, which nobody would dare to replace.
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(unfinished, file);
  return parseKey(readFileSync(file, 'utf8'), file);
}

function parseKey(text: string, origin: string): SecretKey {
  if (!/^[0-9a-f]{64}\s*$/.test(text)) throw new InstallationKeyError(`${origin} must hold 64 hexadecimal digits`);
  return Buffer.from(text.trim(), 'hex');
}
