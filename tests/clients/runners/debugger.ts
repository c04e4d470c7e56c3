/**
 * The first steps of a debugger: it reads from an assembly's debug directory which symbol file belongs to it (PE format, "Debug
 * Directory"; CodeView record `RSDS`), and asks a symbol server for that one.
 */
import assert from 'node:assert/strict';

export interface SymbolName {
  /** Without folders, as the compiler wrote it. */
  readonly name: string;
  /** Key of a portable PDB as the Simple Symbol Query Protocol has it, in the letter case that debuggers send. */
  readonly key: string;
}

/** @param image the bytes of a .dll */
export function readSymbolName(image: Buffer): SymbolName {
  const pe = image.readUInt32LE(0x3c);
  assert.equal(image.toString('latin1', pe, pe + 4), 'PE\0\0');
  const sections = image.readUInt16LE(pe + 6);
  const optionalBytes = image.readUInt16LE(pe + 20);
  const optional = pe + 24;
  const directories = optional + (image.readUInt16LE(optional) === 0x20b ? 112 : 96);
  const [debugAddress, debugBytes] = [image.readUInt32LE(directories + 48), image.readUInt32LE(directories + 52)];
  const fileOffset = (address: number): number => {
    for (let index = 0; index < sections; index += 1) {
      const section = optional + optionalBytes + index * 40;
      const start = image.readUInt32LE(section + 12);
      if (address >= start && address < start + image.readUInt32LE(section + 8)) {
        return image.readUInt32LE(section + 20) + address - start;
      }
    }
    throw new Error('an address outside of all sections');
  };
  const start = fileOffset(debugAddress);
  for (let entry = start; entry < start + debugBytes; entry += 28) {
    if (image.readUInt32LE(entry + 12) !== 2) continue;
    const record = image.subarray(image.readUInt32LE(entry + 24));
    assert.equal(record.toString('latin1', 0, 4), 'RSDS');
    const path = record.toString('utf8', 24, record.indexOf(0, 24));
    return { name: path.replace(/^.*[/\\]/, ''), key: `${writeGuid(record.subarray(4, 20))}FFFFFFFF` };
  }
  throw new Error('the assembly names no symbol file');
}

function writeGuid(bytes: Buffer): string {
  const parts = [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6, 8)];
  return [...parts.map((part) => Buffer.from(part).reverse()), bytes.subarray(8)]
    .map((part) => part.toString('hex'))
    .join('');
}
