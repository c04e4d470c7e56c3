/**
 * A script that is a package, `{id}.ps1`: what its comments declare, and what they must declare so that PowerShell's own clients would
 * publish it (Publish-Script, Publish-PSResource): version, GUID, author and a description.
 */
import { anyVersion, isValidPackageId, parseVersionRange } from '../../identity/nupkg.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import { distinct, plainText } from '../powershell/data-values.ts';
import { type Declaration, printedGuid, printedVersion, splitTags } from '../powershell/declaration.ts';
import type { PowerShellMetadata } from '../powershell/metadata.ts';
import { readPackageVersion } from '../powershell/package-version.ts';
import { type DeclaredDependency, readRequiredModules } from '../powershell/required-modules.ts';
import { type Requirements, readRequires } from './requires.ts';
import { type CommentFields, readHelp, readScriptInfo } from './script-info.ts';
import { readScriptText, type ScriptParts } from './script-text.ts';

/**
 * Reads a script.
 * @param text of the file
 * @param filename for the sentences
 * @param fileList of the archive
 * @returns what it declares; undefined when it has no PSScriptInfo, and so is a script like any other; or `metadata-invalid`,
 * `version-invalid`
 */
export function readScript(
  text: string,
  filename: string,
  fileList: readonly string[],
): Declaration | Refusal | undefined {
  const parts = readScriptText(text);
  const info = readScriptInfo(parts.comments);
  if (info === undefined) return undefined;
  const shown = shownName(filename);
  if (typeof info === 'string') {
    return refuse('metadata-invalid', `The PSScriptInfo of ${shown} has .${info.toUpperCase()} twice.`);
  }
  const help = readHelp(parts.comments, text);
  const problem = fieldsProblem(info, help);
  if (problem !== undefined) return refuse('metadata-invalid', `The PSScriptInfo of ${shown} ${problem}.`);
  const [, numbers = '', label = ''] = /^([^-]*)(.*)$/s.exec(info.get('version')!)!;
  const version = readPackageVersion(numbers.trim(), label, filename);
  if (isRefusal(version)) return version;
  const requirements = readRequires(parts.comments);
  const external = list(info, 'externalmoduledependencies');
  const modules = readRequiredModules(requirements.modules, external, filename);
  if (isRefusal(modules)) return modules;
  const read = (key: string): string | undefined => plainText(info.get(key) ?? '') || undefined;
  return {
    version,
    powershell: powershellOf(info, requirements, parts, fileList),
    tags: splitTags([read('tags') ?? '']),
    summary: plainText(help.get('synopsis') ?? '') || undefined,
    copyright: read('copyright'),
    releaseNotes: read('releasenotes'),
    licenseUri: read('licenseuri'),
    projectUri: read('projecturi'),
    iconUri: read('iconuri'),
    requireLicenseAcceptance: false,
    dependencies: [...modules, ...requiredScripts(info)],
  };
}

function fieldsProblem(info: CommentFields, help: CommentFields): string | undefined {
  for (const field of ['version', 'guid', 'author']) {
    if (!info.has(field)) return `has no .${field.toUpperCase()}, which PowerShell's clients need`;
  }
  if (printedGuid(info.get('guid')) === undefined) return `has the GUID ${shownName(info.get('guid')!)}, which is none`;
  if (info.has('description') || help.has('description')) return undefined;
  return "goes with no .DESCRIPTION in the script's help, which PowerShell's clients need";
}

function powershellOf(
  info: CommentFields,
  requirements: Requirements,
  parts: ScriptParts,
  fileList: readonly string[],
): PowerShellMetadata {
  const companyName = plainText(info.get('companyname') ?? '');
  const powerShellVersion = printedVersion(requirements.powerShellVersion);
  return {
    itemType: 'Script',
    guid: printedGuid(info.get('guid'))!,
    ...(companyName === '' ? {} : { companyName }),
    ...(powerShellVersion === undefined ? {} : { powerShellVersion }),
    compatiblePSEditions: distinct(requirements.editions.map(plainText)),
    functions: distinct(parts.functions.map(plainText)),
    cmdlets: [],
    aliases: [],
    workflows: distinct(parts.workflows.map(plainText)),
    dscResources: [],
    roleCapabilities: [],
    externalModuleDependencies: list(info, 'externalmoduledependencies'),
    fileList,
  };
}

function list(info: CommentFields, field: string): string[] {
  return distinct((info.get(field) ?? '').split(/[\s,]+/).map(plainText));
}

/** `Name` or `Name:1.0` or `Name:[1.0,2.0]`; those that come from elsewhere left out, as ValidateAndGet-ScriptDependencies does. */
function requiredScripts(info: CommentFields): DeclaredDependency[] {
  const external = new Set(list(info, 'externalscriptdependencies').map((name) => name.toLowerCase()));
  const written = (info.get('requiredscripts') ?? '').match(/[^\s,:]+(?::(?:[[(][^\])]{0,200}[\])]|[^\s,]+))?/g) ?? [];
  const found = new Map<string, DeclaredDependency>();
  for (const one of written) {
    const [, id = '', version] = /^([^:]+)(?::(.+))?$/.exec(one) ?? [];
    const name = id.toLowerCase();
    const range = version === undefined ? anyVersion : parseVersionRange(version);
    if (range === undefined || !isValidPackageId(id) || external.has(name) || found.has(name)) continue;
    found.set(name, { id, range });
  }
  return [...found.values()];
}
