/**
 * Encryption of what lies in the store but is not everybody's to read: AES-256-GCM under the installation's key, bound to
 * what it is for, so that one sealed text cannot stand in for another.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** 32 bytes. */
export type SecretKey = Buffer;

const nonceBytes = 12;
const tagBytes = 16;

/**
 * @param purpose what the text is for; the same words are needed to open it
 * @returns nonce, ciphertext and tag
 */
export function seal(key: SecretKey, plain: Uint8Array, purpose: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `seal` made; throws when the key, the purpose or a single bit is another. */
export function open(key: SecretKey, sealed: Uint8Array, purpose: string): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('the sealed text is too short');
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes)).setAAD(Buffer.from(purpose));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()]);
}
