/**
 * The stored form of a document: a gzip file that any plain file server can hand out as it is, whose header comment (RFC 1952,
 * FCOMMENT) says what it was made from. So a document needs no side file for its serial, its digest and its address.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { crc32, deflateRaw, deflateRawSync, gunzip, gunzipSync } from 'node:zlib';
import { renderVersion } from '../blobs/keys.ts';
import type { Int64 } from '../std/int64.ts';

export interface DocumentHeader {
  /** Serial of the event the document was made at; an older one never replaces a newer one. */
  readonly serial: Int64;
  readonly renderVersion: number;
  /** Size of the text, in bytes. */
  readonly sizeBytes: number;
  /** SHA-256 of the text, hexadecimal. */
  readonly sha256: string;
  /** The address that absolute URLs in the text begin with; empty when it holds none. */
  readonly baseUrl: string;
}

/** Longest header that is read, in bytes. */
export const headerBytesMax = 1024;

/** The bytes are no document of ours. */
export class BadDocumentError extends Error {}

const deflateInBackground = promisify(deflateRaw);
const inflate = promisify(gunzip);
const backgroundBytesMin = 32 * 1024;

/** @returns what a document's header says of its address: empty when the text holds no such absolute URL */
export function baseUrlOf(text: string, baseUrl: string): string {
  return text.includes(baseUrl) ? baseUrl : '';
}

/**
 * @param text the document's text
 * @param serial what it was made from
 * @param baseUrl what absolute URLs in it begin with, if it holds any
 */
export async function encodeDocument(text: string, serial: Int64, baseUrl: string): Promise<Buffer> {
  const plain = Buffer.from(text);
  const sha256 = createHash('sha256').update(plain).digest('hex');
  const comment = `holdfast serial=${serial} render=${renderVersion} size=${plain.length} sha256=${sha256} base=${encodeURI(baseUrlOf(text, baseUrl))}`;
  // Magic, deflate, FLG.FCOMMENT, no time, no extra flags, system unknown.
  const head = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 255]),
    Buffer.from(`${comment}\0`, 'latin1'),
  ]);
  if (head.length > headerBytesMax) throw new Error('the base address is too long for a document header');
  const body = plain.length < backgroundBytesMin ? deflateRawSync(plain) : await deflateInBackground(plain);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(plain), 0);
  tail.writeUInt32LE(plain.length % 2 ** 32, 4);
  return Buffer.concat([head, body, tail]);
}

/** Reads the header from the document's first bytes; throws BadDocumentError. */
export function readHeader(bytes: Uint8Array): DocumentHeader {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headerBytesMax));
  const end = start.indexOf(0, 10);
  const comment = start[0] === 0x1f && start[3] === 0x10 && end > 0 ? start.toString('latin1', 10, end) : '';
  const match = /^holdfast serial=(\d+) render=(\d+) size=(\d+) sha256=([0-9a-f]{64}) base=(\S*)$/.exec(comment);
  if (!match) throw new BadDocumentError('the stored document has no header of ours');
  const [, serial, render, size, sha256, baseUrl] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    serial: BigInt(serial),
    renderVersion: Number(render),
    sizeBytes: Number(size),
    sha256,
    baseUrl: decodeURI(baseUrl),
  };
}

/** @returns the document's text as bytes; throws BadDocumentError when it is damaged (RFC 1952 checks length and CRC) */
export async function readText(bytes: Uint8Array): Promise<Buffer> {
  const header = readHeader(bytes);
  try {
    const options = { maxOutputLength: header.sizeBytes + 1 };
    const plain = header.sizeBytes < backgroundBytesMin ? gunzipSync(bytes, options) : await inflate(bytes, options);
    if (plain.length === header.sizeBytes) return plain;
  } catch (error) {
    throw new BadDocumentError(`the stored document is damaged: ${(error as Error).message}`);
  }
  throw new BadDocumentError('the stored document is damaged: its length is wrong');
}
