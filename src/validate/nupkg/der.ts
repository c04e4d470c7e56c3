/**
 * Reads the frame of DER (X.690): which element begins where, and how long it is. Everything that is not asked for is stepped over;
 * what is no DER ends the reading.
 */

export interface DerElement {
  /** The identifier octet: class, constructed bit and tag number, as in 0x30 for a SEQUENCE. */
  readonly tag: number;
  readonly content: Buffer;
}

export const derSequence = 0x30;
export const derSet = 0x31;
export const derOid = 0x06;
/** `[N]` of a constructed value. */
export const derContext = (number: number): number => 0xa0 | number;

/** @returns the elements that stand one behind the other; undefined when the bytes are not elements to the last one */
export function readDer(bytes: Buffer): DerElement[] | undefined {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    const first = bytes[at + 1];
    // Tag numbers from 31 on, and the indefinite length of BER, are nothing that signatures of packages have.
    if ((tag & 0x1f) === 0x1f || first === undefined || first === 0x80) return undefined;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthBytes;
    if (lengthBytes > 4 || start > bytes.length) return undefined;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    if (start + length > bytes.length) return undefined;
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** @returns the object identifier in dotted form; undefined when the element is none */
export function readOid(element: DerElement | undefined): string | undefined {
  if (element?.tag !== derOid || element.content.length === 0 || element.content.length > 64) return undefined;
  const numbers: number[] = [];
  let value = 0;
  for (const byte of element.content) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = numbers;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join('.');
}
