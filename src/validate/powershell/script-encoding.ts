/**
 * The text of a PowerShell file. PowerShell's own editors have written such files in UTF-8 with and without a byte order mark, in
 * UTF-16, and in the Windows code page; what is none of these is not taken for text.
 */
import { decodeStrictly } from '../nupkg/strict-xml.ts';

/**
 * Decodes a file of PowerShell: by its byte order mark; without one UTF-8, then UTF-16 when every other byte of its ASCII letters is
 * zero, then Windows-1252, in which every byte is a character.
 * @returns the text without its mark; undefined when it is binary
 */
export function decodePowerShell(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return textOf(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return textOf(bytes, 'utf-16be');
  if (bytes.includes(0)) {
    const encoding = unmarkedUtf16(bytes);
    return encoding && textOf(bytes, encoding);
  }
  const isMarked = first === 0xef && second === 0xbb && bytes[2] === 0xbf;
  return decodeStrictly(bytes, 'utf-8') ?? (isMarked ? undefined : new TextDecoder('windows-1252').decode(bytes));
}

function textOf(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string | undefined {
  const text = decodeStrictly(bytes, encoding);
  return text?.includes('\0') ? undefined : text;
}

/** Safe, because text in a one-byte encoding has no zeros: all of them in one half of the pairs, and most pairs having one. */
function unmarkedUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  const zeros = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === 0) zeros[at % 2]! += 1;
  const [ahead, behind] = zeros as [number, number];
  const isMost = ahead + behind > bytes.length / 4;
  if (!isMost || (ahead > 0 && behind > 0)) return undefined;
  return ahead === 0 ? 'utf-16le' : 'utf-16be';
}
