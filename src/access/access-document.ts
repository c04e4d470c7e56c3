/**
 * Who may read what, as one sealed document in the store: the read workers check readers of private feeds against it and need
 * no database. The write service renews it at every change of feeds and tokens, before it answers.
 */
import { createHash } from 'node:crypto';
import { open, type SecretKey, seal } from './seal.ts';

export interface AccessDocument {
  readonly feeds: readonly { readonly name: string; readonly isPrivate: boolean }[];
  readonly readers: readonly ReaderRight[];
}

export interface ReaderRight {
  /** SHA-256 of the token, hexadecimal. */
  readonly digest: string;
  /** Names of the private feeds the token may read. */
  readonly feeds: readonly string[];
  /** UTC milliseconds; null for never. */
  readonly expiresAt: number | null;
}

const purpose = 'access document 1';

export function encodeAccess(key: SecretKey, access: AccessDocument): Uint8Array {
  return seal(key, Buffer.from(JSON.stringify(access)), purpose);
}

/** Throws when it was not sealed with this key. */
export function decodeAccess(key: SecretKey, bytes: Uint8Array): AccessDocument {
  return JSON.parse(open(key, bytes, purpose).toString('utf8')) as AccessDocument;
}

/** Prefix of every token, so that leaked ones can be searched for. */
export const tokenPrefix = 'hold_';

/** Tokens have 256 random bits, so a plain digest is enough to keep them safe at rest. */
export function digestToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export interface Credentials {
  readonly token: string;
  /** The header they came in, for the log. */
  readonly from: 'basic' | 'bearer' | 'api-key';
}

/**
 * Reads a token from a request's headers: Basic with any user name (`__token__` included), Bearer (also the scheme `token`),
 * or X-NuGet-ApiKey. White space around the token is dropped, as people paste it.
 */
export function readCredentials(headers: {
  authorization?: string | undefined;
  'x-nuget-apikey'?: string | string[] | undefined;
}): Credentials | undefined {
  const apiKey = headers['x-nuget-apikey'];
  if (typeof apiKey === 'string' && apiKey.trim() !== '') return { token: apiKey.trim(), from: 'api-key' };
  const [, scheme, value] = /^\s*(\S+)\s+(.+?)\s*$/.exec(headers.authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (/^(bearer|token)$/i.test(scheme)) return { token: value, from: 'bearer' };
  if (!/^basic$/i.test(scheme)) return undefined;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  const password = decoded.slice(decoded.indexOf(':') + 1).trim();
  return decoded.includes(':') && password !== '' ? { token: password, from: 'basic' } : undefined;
}
