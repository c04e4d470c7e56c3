/** Made bad input: archives, names and forms that start good and are changed a little, each change a value that a seed replays. */
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { places } from '../validate/zip-by-hand.ts';
import { boundary, type Part } from './packages.ts';

export type Change = (bytes: Buffer) => Buffer;

/** A share of the whole, below 1. Not from `fc.double`, which draws exponents and so is nearly always nearly 0. */
const anywhere = fc.nat(999_999).map((millionths) => millionths / 1_000_000);
const at = (bytes: Buffer, share: number) => Math.floor(share * bytes.length);
const few = fc.nat(64);
const telling = fc.constantFrom(0, 1, 2, 8, 0x20, 0x2f, 0x5c, 0x7f, 0x80, 0xff);

const flip = fc.tuple(anywhere, telling).map(
  ([place, value]): Change =>
    (bytes) => {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[at(copy, place)] = value;
      return copy;
    },
);
const cut = fc.tuple(anywhere, few).map(
  ([place, length]): Change =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, at(bytes, place)), bytes.subarray(at(bytes, place) + length)]),
);
const cutEnd = anywhere.map(
  (place): Change =>
    (bytes) =>
      bytes.subarray(0, at(bytes, place)),
);
const splice = fc.tuple(anywhere, anywhere, few).map(
  ([from, to, length]): Change =>
    (bytes) => {
      const piece = bytes.subarray(at(bytes, from), at(bytes, from) + length);
      return Buffer.concat([bytes.subarray(0, at(bytes, to)), piece, bytes.subarray(at(bytes, to))]);
    },
);
const repeat = fc.tuple(anywhere, anywhere).map(
  ([from, to]): Change =>
    (bytes) => {
      const [start, end] = [at(bytes, Math.min(from, to)), at(bytes, Math.max(from, to))];
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
    },
);

/** Fields of the two headers of an entry, and of the end record: where they are, and how many bytes they take. */
const centralFields = [
  [4, 2],
  [6, 2],
  [8, 2],
  [10, 2],
  [16, 4],
  [20, 4],
  [24, 4],
  [28, 2],
  [30, 2],
  [32, 2],
  [34, 2],
  [38, 4],
  [42, 4],
] as const;
const localFields = [
  [4, 2],
  [6, 2],
  [8, 2],
  [14, 4],
  [18, 4],
  [22, 4],
  [26, 2],
  [28, 2],
] as const;
const endFields = [
  [4, 2],
  [6, 2],
  [8, 2],
  [10, 2],
  [12, 4],
  [16, 4],
  [20, 2],
] as const;
const value = fc.oneof(fc.nat(40), fc.constantFrom(0xffff, 0xfffe, 0xffffffff, 0x7fffffff), fc.nat(0xffffffff));

function write(bytes: Buffer, place: number, width: number, number: number): void {
  if (place + width > bytes.length) return;
  if (width === 2) bytes.writeUInt16LE(number & 0xffff, place);
  else bytes.writeUInt32LE(number, place);
}

/** Changes one field of a zip archive, or swaps it with the same field of another entry. */
const zipField = fc
  .tuple(fc.constantFrom('central', 'local', 'both', 'end', 'swap'), anywhere, anywhere, anywhere, value)
  .map(
    ([where, entryShare, otherShare, fieldShare, number]): Change =>
      (bytes) => {
        const copy = Buffer.from(bytes);
        const end = copy.lastIndexOf('PK\x05\x06', copy.length, 'latin1');
        const pick = <T>(list: readonly T[], share: number) => list[Math.floor(share * list.length)]!;
        if (end < 0 || end + 22 > copy.length) return copy;
        if (where === 'end') {
          const [offset, width] = pick(endFields, fieldShare);
          write(copy, end + offset, width, number);
          return copy;
        }
        const entries = placesOrNone(copy);
        if (entries.length === 0) return copy;
        const entry = pick(entries, entryShare);
        if (where === 'swap') {
          const [offset, width] = pick(centralFields, fieldShare);
          const other = pick(entries, otherShare).central + offset;
          const [mine, theirs] = [
            copy.subarray(entry.central + offset, entry.central + offset + width),
            copy.subarray(other, other + width),
          ];
          const kept = Buffer.from(mine);
          theirs.copy(mine);
          kept.copy(theirs);
          return copy;
        }
        const [central, width] = pick(centralFields, fieldShare);
        if (where !== 'local') write(copy, entry.central + central, width, number);
        const local =
          where === 'both' ? localFields.find(([offset]) => offset === central - 2) : pick(localFields, fieldShare);
        if (where !== 'central' && local) write(copy, entry.local + local[0], local[1], number);
        return copy;
      },
  );

function placesOrNone(bytes: Buffer): ReturnType<typeof places> {
  try {
    return places(bytes);
  } catch {
    // An earlier change has led out of the file.
    return [];
  }
}

const anyByte = fc.oneof(flip, cut, cutEnd, splice, repeat);

/** One to three changes of a zip archive. */
export const zipChanges = fc.array(fc.oneof({ weight: 3, arbitrary: zipField }, anyByte), {
  minLength: 1,
  maxLength: 3,
});

/** One to three changes of a .tar.gz: of the packed bytes, or of the tar archive inside with its checksums made right again. */
export const tarGzChanges = fc.array(
  fc.oneof(
    anyByte,
    anyByte.map(
      (change): Change =>
        (bytes) => {
          const tar = unpackedOrNone(bytes);
          return tar === undefined ? bytes : gzipSync(withChecksums(change(tar)), { level: 1 });
        },
    ),
  ),
  { minLength: 1, maxLength: 3 },
);

function unpackedOrNone(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: 1 << 24 });
  } catch {
    return undefined;
  }
}

function withChecksums(tar: Buffer): Buffer {
  const copy = Buffer.from(tar);
  for (let start = 0; start + 512 <= copy.length; start += 512) {
    const block = copy.subarray(start, start + 512);
    if (!/^[0-7]{6}/.test(block.toString('latin1', 148, 156))) continue;
    block.write('        ', 148);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
  return copy;
}

/** One to three changes of any bytes. */
export const byteChanges = fc.array(anyByte, { minLength: 1, maxLength: 3 });

export function applied(bytes: Buffer, changes: readonly Change[]): Buffer {
  return changes.reduce((changed, change) => change(changed), bytes);
}

/** Names and versions: some that are good, some nearly so, some from anywhere. */
export const nameLike = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}[A-Za-z0-9]$/),
  fc.string({ unit: fc.constantFrom(...'aZ09._-/\\ %+~\0\n\u00e9\u0130\u212a\u{1f4e6}'), maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    'con',
    '.',
    '..',
    '__proto__',
    'constructor',
    'a'.repeat(100),
    'a'.repeat(240),
    '-',
    'İ',
    'ß',
    '0-._.-0',
  ),
);
export const versionLike = fc.oneof(
  fc.stringMatching(/^[0-9]{1,4}(\.[0-9]{1,4}){0,3}(-?[a-z]{1,5}\.?[0-9]{0,2})?(\+[a-z0-9.]{1,6})?$/),
  fc.stringMatching(/^([0-9]!)?[0-9.]{1,8}(a|b|rc|post|\.dev|\.post|-)?[0-9]{0,3}(\+[a-z0-9._-]{1,6})?$/),
  fc.string({ unit: fc.constantFrom(...'019.-+!abrcv* \u0661'), maxLength: 12 }),
  fc.constantFrom(
    '',
    '0',
    '1e3',
    '2147483647.2147483647',
    '2147483648',
    '1.0.0-0',
    '1.0.0--',
    'v1',
    `1.${'9'.repeat(70)}`,
  ),
);

export type FormChange = (parts: Part[]) => Part[];

const share = anywhere;
const where = (parts: readonly Part[], place: number) => Math.floor(place * parts.length);
const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    'UNKNOWN',
    `--${boundary}`,
    `\r\n--${boundary}--\r\n`,
    '"',
    'a"; filename="b',
    '\0',
    '=?utf-8?q?a?=',
    'x'.repeat(100_000),
  ),
);
const oddHeader = fc.constantFrom(
  'Content-Type: application/octet-stream\r\n',
  'Content-Type: text/plain; charset=utf-16\r\n',
  'Content-Type: text/plain; charset=\r\n',
  'Content-Type: multipart/mixed; boundary=inner\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Disposition: form-data; name="name"\r\n',
  `X: ${'a'.repeat(90_000)}\r\n`,
  'broken\r\n',
  ': \r\n',
  '\r\n',
);

/** Changes of a form, part by part: left out, sent twice, moved, emptied, filled with what is odd, under odd names and headers. */
export const formChanges = fc.array(
  fc.oneof(
    share.map(
      (place): FormChange =>
        (parts) =>
          parts.toSpliced(where(parts, place), 1),
    ),
    share.map(
      (place): FormChange =>
        (parts) =>
          parts.length === 0 ? parts : [...parts, parts[where(parts, place)]!],
    ),
    share.map(
      (place): FormChange =>
        (parts) => [...parts.slice(where(parts, place)), ...parts.slice(0, where(parts, place))],
    ),
    fc.tuple(share, oddText).map(([place, text]): FormChange => replaced(place, (part) => ({ ...part, value: text }))),
    fc.tuple(share, oddText).map(([place, text]): FormChange => replaced(place, (part) => ({ ...part, name: text }))),
    fc
      .tuple(share, oddText)
      .map(([place, text]): FormChange => replaced(place, (part) => ({ ...part, filename: text }))),
    fc.tuple(share, oddHeader).map(([place, headers]): FormChange => replaced(place, (part) => ({ ...part, headers }))),
  ),
  { minLength: 1, maxLength: 3 },
);

function replaced(place: number, change: (part: Part) => Part): FormChange {
  return (parts) => parts.map((part, index) => (index === where(parts, place) ? change(part) : part));
}
