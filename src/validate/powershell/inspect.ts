/**
 * Tells whether a nupkg is a PowerShell module or script, reads it, and holds it against the nuspec. A package that says it is one, by
 * its tags or by the address it was sent to, has to be one; any other that cannot be read as one is a plain package, with a warning.
 */
import type { NuGetVersion } from '../../identity/nupkg.ts';
import { normalizePackageId } from '../../identity/nupkg.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import type { ZipArchive } from '../archive/zip.ts';
import { unescaped } from '../nupkg/embedded-files.ts';
import { kindOf, type NuspecMetadata } from '../nupkg/nuspec.ts';
import { readManifest } from '../psmodule/manifest.ts';
import { readScript } from '../psscript/script.ts';
import { completeMetadata } from './complete.ts';
import type { Declaration } from './declaration.ts';
import { moduleFolders, rootFiles } from './package-files.ts';
import { decodePowerShell } from './script-encoding.ts';

/** A manifest or a script; the largest manifests known have 0.7 MiB. */
const fileBytesMax = 2_097_152;

export interface PowerShellFindings {
  /** Completed by what the module or script declares; the nuspec's own when it is neither. */
  readonly metadata: NuspecMetadata;
  readonly warnings: readonly string[];
}

/**
 * Inspects the PowerShell side of a package.
 * @param metadata of the nuspec
 * @param version of the nuspec
 * @param mustBePowerShell true when nothing else is taken
 * @returns the metadata to go on with; or `metadata-missing`, `metadata-invalid`, `metadata-mismatch`, `version-invalid`, and what
 * reading an archive refuses
 */
export async function inspectPowerShell(
  archive: ZipArchive,
  metadata: NuspecMetadata,
  version: NuGetVersion,
  mustBePowerShell: boolean,
): Promise<PowerShellFindings | Refusal> {
  const kind = kindOf(metadata);
  if ((kind === 'tool' || kind === 'template') && !mustBePowerShell) return { metadata, warnings: [] };
  const tag = metadata.tags.find((one) => /^ps(?:module|script)$/i.test(one));
  const isSaid = mustBePowerShell || tag !== undefined;
  const declared = await readDeclared(archive, metadata.id, isSaid, kind === 'powershell-module');
  const findings = declared === undefined ? undefined : agreed(declared, metadata, version);
  if (findings === undefined) {
    if (!isSaid) return { metadata, warnings: [] };
    return refuseMissing(archive, metadata.id, tag);
  }
  if (!isRefusal(findings)) return { metadata: findings, warnings: [] };
  if (isSaid || !isAboutDeclaration(findings)) return findings;
  return {
    metadata,
    warnings: [`${findings.message} So the package is taken as a plain one, not as one of PowerShell.`],
  };
}

/** What is wrong with the archive itself stays a refusal. */
function isAboutDeclaration({ code }: Refusal): boolean {
  return code.startsWith('metadata-') || code === 'version-invalid';
}

interface Declared {
  readonly filename: string;
  readonly declaration: Declaration;
}

/** @returns undefined when there is neither a manifest nor, where one would do, a script with its comment */
async function readDeclared(
  archive: ZipArchive,
  id: string,
  isSaid: boolean,
  isModule: boolean,
): Promise<Declared | Refusal | undefined> {
  const manifest = await readRootFile(archive, `${id}.psd1`);
  if (isRefusal(manifest)) return manifest;
  if (manifest !== undefined) {
    const { filename, text } = manifest;
    const declaration = readManifest(text, filename, moduleFolders(archive.entries));
    return isRefusal(declaration) ? declaration : { filename, declaration };
  }
  if (isModule) return undefined;
  const script = await readRootFile(archive, `${id}.ps1`);
  // A plain package may hold any script.
  if (isRefusal(script)) return isSaid || !isAboutDeclaration(script) ? script : undefined;
  if (script === undefined) return undefined;
  const { filename, text } = script;
  const declaration = readScript(text, filename, moduleFolders(archive.entries).fileList);
  if (declaration === undefined || isRefusal(declaration)) return declaration;
  return { filename, declaration };
}

async function readRootFile(
  archive: ZipArchive,
  wanted: string,
): Promise<{ filename: string; text: string } | Refusal | undefined> {
  const name = normalizePackageId(wanted);
  const found = rootFiles(archive.entries).filter((entry) => normalizePackageId(unescaped(entry.name)) === name);
  const entry = found[0];
  if (entry === undefined) return undefined;
  const filename = unescaped(entry.name);
  const shown = shownName(filename);
  if (found.length > 1) return refuse('metadata-invalid', `The package has more than one ${shown} at its root.`);
  if (entry.sizeBytes > fileBytesMax)
    return refuse('metadata-invalid', `${shown} is larger than ${fileBytesMax} bytes.`);
  const bytes = await archive.read(entry.name);
  if (isRefusal(bytes)) return bytes;
  const text = decodePowerShell(bytes);
  return text === undefined
    ? refuse('metadata-invalid', `${shown} is no text in UTF-8 or UTF-16.`)
    : { filename, text };
}

function agreed(
  declared: Declared | Refusal,
  metadata: NuspecMetadata,
  version: NuGetVersion,
): NuspecMetadata | Refusal {
  if (isRefusal(declared)) return declared;
  const { filename, declaration } = declared;
  if (declaration.version.lower === version.lower) return completeMetadata(metadata, declaration);
  const said = `${shownName(filename)} says ${declaration.version.normalized}`;
  return refuse('metadata-mismatch', `The nuspec says version ${version.normalized}, but ${said}.`);
}

function refuseMissing(archive: ZipArchive, id: string, tag: string | undefined): Refusal {
  const names = rootFiles(archive.entries).map((entry) => unescaped(entry.name));
  const script = names.find((name) => normalizePackageId(name) === normalizePackageId(`${id}.ps1`));
  if (script !== undefined && tag?.toLowerCase() !== 'psmodule') {
    return refuse(
      'metadata-missing',
      `${shownName(script)} has no comment <#PSScriptInfo ... #>, which a script package needs.`,
    );
  }
  const other = names.find((name) => /\.psd1$/i.test(name));
  const hint =
    other === undefined ? '' : `; the package id must be the name of the manifest, and there is ${shownName(other)}`;
  const file = tag?.toLowerCase() === 'psscript' ? `${id}.ps1` : `${id}.psd1`;
  const why = tag === undefined ? 'The package was sent as one of PowerShell' : `The package has the tag ${tag}`;
  const either =
    tag === undefined ? `neither ${shownName(file)} nor ${shownName(`${id}.ps1`)}` : `no ${shownName(file)}`;
  return refuse('metadata-missing', `${why}, but has ${either} at its root${hint}.`);
}
