/**
 * From an uploaded nupkg to what the gallery knows of it. The nuspec inside is the only word on name and version; the file is
 * read and never changed, since lock files and signatures hold its digest.
 */
import { normalizePackageId } from '../../identity/nupkg.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { openZip, type ZipArchive } from '../archive/zip.ts';
import type { ArchiveLimits, Candidate } from '../candidate.ts';
import { inspectPowerShell } from '../powershell/inspect.ts';
import { readEmbeddedFiles } from './embedded-files.ts';
import { kindOf, readNuspec } from './nuspec.ts';
import { readSignature } from './signature.ts';

/** A nuspec is text that people write; the longest tag lists of PowerShell modules take a few hundred thousand bytes. */
const nuspecBytesMax = 4_194_304;

export interface NupkgRules {
  /** True refuses what is neither a module nor a script of PowerShell. Default false. */
  readonly mustBePowerShell?: boolean;
}

/**
 * Reads and checks a NuGet package.
 * @param path of the file on disk
 * @param limits of the archive
 * @param rules what the address asks for that the package was sent to
 * @returns the candidate, or why the package cannot be taken
 */
export async function inspectNupkg(
  path: string,
  limits: ArchiveLimits,
  rules: NupkgRules = {},
): Promise<Candidate | Refusal> {
  const archive = await openZip(path, limits);
  if (isRefusal(archive)) return archive;
  try {
    return await inspectOpen(archive, rules);
  } finally {
    await archive.close();
  }
}

async function inspectOpen(archive: ZipArchive, rules: NupkgRules): Promise<Candidate | Refusal> {
  const nuspecBytes = await readNuspecBytes(archive);
  if (isRefusal(nuspecBytes)) return nuspecBytes;
  const nuspec = readNuspec(nuspecBytes);
  if (isRefusal(nuspec)) return nuspec;
  const { version } = nuspec;
  const powershell = await inspectPowerShell(archive, nuspec.metadata, version, rules.mustBePowerShell ?? false);
  if (isRefusal(powershell)) return powershell;
  const { metadata, warnings } = powershell;
  const embedded = await readEmbeddedFiles(archive, metadata);
  if (isRefusal(embedded)) return embedded;
  const signature = await readSignature(archive);
  if (isRefusal(signature)) return signature;
  const normalizedName = normalizePackageId(metadata.id);
  return {
    ecosystem: 'nupkg',
    name: metadata.id,
    normalizedName,
    version: version.original,
    normalizedVersion: version.lower,
    sortKey: version.sortKey,
    isPrerelease: version.isPrerelease,
    kind: kindOf(metadata),
    fileKind: 'nupkg',
    filename: `${normalizedName}.${version.lower}.nupkg`,
    versionMetadata: metadata,
    fileMetadata: signature === undefined ? {} : { signature },
    extracts: [{ name: 'nuspec', bytes: nuspecBytes, contentType: 'application/xml' }, ...embedded],
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** @returns the exact bytes of the one nuspec at the archive's root; or `metadata-missing`, `metadata-invalid` */
export async function readNuspecBytes(archive: ZipArchive): Promise<Uint8Array | Refusal> {
  const found = archive.entries.filter((entry) => !entry.isFolder && /^[^/\\]+\.nuspec$/i.test(entry.name));
  const nuspec = found[0];
  if (nuspec === undefined) return refuse('metadata-missing', 'The package has no nuspec at its root.');
  if (found.length > 1) return refuse('metadata-invalid', 'The package has more than one nuspec at its root.');
  if (nuspec.sizeBytes > nuspecBytesMax) {
    return refuse('metadata-invalid', `The nuspec is larger than ${nuspecBytesMax} bytes.`);
  }
  return archive.read(nuspec.name);
}
