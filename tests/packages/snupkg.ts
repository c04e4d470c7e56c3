/** Makes symbol packages as `dotnet pack` does, with small portable PDBs of any id. The same arguments give the same bytes. */
import { type ArchiveEntry, entriesOf, type FileContents, padding, zip } from './archive.ts';
import { xmlText } from './nuspec.ts';

export interface SnupkgOptions {
  readonly id: string;
  readonly version: string;
  /** Every file of the package but its nuspec and the parts of an OPC archive, by path: `lib/net10.0/demo.pdb`. */
  readonly files: FileContents;
  /** Default `SymbolsPackage`; undefined leaves it out. */
  readonly packageType?: string | null;
}

export interface MadeSnupkg {
  readonly filename: string;
  readonly bytes: Buffer;
}

/** @returns a package named `{id}.{version}.snupkg` */
export async function makeSnupkg(options: SnupkgOptions): Promise<MadeSnupkg> {
  const { id, version, files, packageType = 'SymbolsPackage' } = options;
  const types =
    packageType === null ? '' : `<packageTypes><packageType name="${xmlText(packageType)}" /></packageTypes>`;
  const nuspec = `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2012/06/nuspec.xsd">
  <metadata><id>${xmlText(id)}</id><version>${xmlText(version)}</version><description>Symbols</description>${types}</metadata>
</package>
`;
  const entries: ArchiveEntry[] = [
    { path: '_rels/.rels', content: '<Relationships />' },
    { path: `${encodeURIComponent(id)}.nuspec`, content: nuspec },
    ...entriesOf(files),
    { path: '[Content_Types].xml', content: '<Types />' },
    { path: 'package/services/metadata/core-properties/made.psmdcp', content: '<coreProperties />' },
  ];
  return { filename: `${id}.${version}.snupkg`, bytes: await zip(entries) };
}

/**
 * A portable PDB in so far as a symbol server looks at one: ECMA-335 metadata with a `#Pdb` stream behind an empty `#Strings`.
 * @param guid 32 hexadecimal digits, as symbol servers write them
 * @param content makes files of one id differ
 */
export function makePdb(guid: string, content = '', sizeBytes = 64): Buffer {
  const version = Buffer.from('PDB v1.0\0\0\0\0');
  const head = Buffer.alloc(16);
  head.writeUInt32LE(0x424a5342, 0);
  head.writeUInt16LE(1, 4);
  head.writeUInt16LE(1, 6);
  head.writeUInt32LE(version.length, 12);
  const stream = (name: string, offset: number, size: number) => {
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32LE(offset, 0);
    numbers.writeUInt32LE(size, 4);
    return Buffer.concat([numbers, Buffer.from(name.padEnd(Math.ceil((name.length + 1) / 4) * 4, '\0'), 'latin1')]);
  };
  const flags = Buffer.from([0, 0, 2, 0]);
  const pdbAt = head.length + version.length + flags.length + 20 + 16 + 4;
  const streams = [stream('#Strings', pdbAt - 4, 4), stream('#Pdb', pdbAt, 32)];
  const id = Buffer.from(guid, 'hex');
  const mixed = Buffer.concat([
    id.subarray(0, 4).reverse(),
    id.subarray(4, 6).reverse(),
    id.subarray(6, 8).reverse(),
    id.subarray(8),
  ]);
  return Buffer.concat([
    head,
    version,
    flags,
    ...streams,
    Buffer.alloc(4),
    mixed,
    Buffer.alloc(16),
    padding(content, sizeBytes),
  ]);
}
