/**
 * Makes PowerShell scripts as Publish-Script and Publish-PSResource pack them: one .ps1 at the root of the archive that says in its
 * comments what it is, and a nuspec made from them. The script can be run. The same arguments give the same bytes.
 */
import type { FileContents } from './archive.ts';
import { type MadeNupkg, makeNupkg } from './nupkg.ts';
import { moduleText, powershellNuspec, type RequiredModule } from './powershell-nuspec.ts';
import { guidOf } from './psmodule.ts';

export interface PsScriptOptions {
  readonly id: string;
  /** With its prerelease label: `1.0.0-beta1`. */
  readonly version: string;
  /** An empty text leaves the line's value out, here and in what follows. */
  readonly guid?: string;
  readonly author?: string;
  readonly companyName?: string;
  readonly copyright?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly licenseUri?: string;
  readonly projectUri?: string;
  readonly iconUri?: string;
  readonly releaseNotes?: string;
  /** Become lines `#Requires -Module`. */
  readonly requiredModules?: readonly RequiredModule[];
  readonly externalModuleDependencies?: readonly string[];
  readonly requiredScripts?: readonly string[];
  /** Functions that the script defines. */
  readonly functions?: readonly string[];
  readonly workflows?: readonly string[];
  /** Lines in front of everything else. */
  readonly firstLines?: readonly string[];
  /** The whole script, instead of the one that the options above make; text becomes UTF-8. */
  readonly script?: string | Uint8Array;
  /** Default `{id}.ps1`. */
  readonly scriptName?: string;
  readonly files?: FileContents;
  /** True writes the tags that PowerShellGet 2 makes from the functions; PSResourceGet does not. Default false. */
  readonly hasClientTags?: boolean;
  /** The whole nuspec, instead of the clients'. */
  readonly nuspec?: string;
}

/** @returns a package named `{id}.{version}.nupkg` */
export function makePsScript(options: PsScriptOptions): Promise<MadeNupkg> {
  const files = {
    [options.scriptName ?? `${options.id}.ps1`]: options.script ?? psScriptText(options),
    ...options.files,
  };
  const { id, version } = options;
  return makeNupkg({ id, version, nuspec: options.nuspec ?? psScriptNuspec(options), hasPlaceholder: false, files });
}

/** @returns the nuspec as the clients make it */
export function psScriptNuspec(options: PsScriptOptions): string {
  return powershellNuspec({
    ...options,
    author: options.author ?? 'Test Author',
    description: options.description ?? `Test script ${options.id}`,
    tags: nuspecTags(options),
    requiredModules: [...(options.requiredModules ?? []), ...(options.requiredScripts ?? [])],
  });
}

/** @returns the script as New-ScriptFileInfo lays it out */
export function psScriptText(options: PsScriptOptions): string {
  const functions = (options.functions ?? []).map((name) => `function ${name} { '${name}' }`);
  const workflows = (options.workflows ?? []).map((name) => `workflow ${name} { '${name}' }`);
  return [
    ...(options.firstLines ?? []),
    '<#PSScriptInfo',
    `.VERSION ${options.version}`,
    `.GUID ${options.guid ?? guidOf(options.id)}`,
    `.AUTHOR ${options.author ?? 'Test Author'}`,
    `.COMPANYNAME ${options.companyName ?? ''}`,
    `.COPYRIGHT ${options.copyright ?? ''}`,
    `.TAGS ${(options.tags ?? []).join(' ')}`,
    `.LICENSEURI ${options.licenseUri ?? ''}`,
    `.PROJECTURI ${options.projectUri ?? ''}`,
    `.ICONURI ${options.iconUri ?? ''}`,
    `.EXTERNALMODULEDEPENDENCIES ${(options.externalModuleDependencies ?? []).join(',')}`,
    `.REQUIREDSCRIPTS ${(options.requiredScripts ?? []).join(',')}`,
    '.EXTERNALSCRIPTDEPENDENCIES ',
    `.RELEASENOTES\n${options.releaseNotes ?? ''}`,
    '.PRIVATEDATA ',
    '#>',
    ...(options.requiredModules ?? []).map((module) => `#Requires -Module ${bare(module)}`),
    '<#',
    '.DESCRIPTION',
    options.description ?? `Test script ${options.id}`,
    '#>',
    'Param()',
    ...functions,
    ...workflows,
    `"${options.id} ${options.version}"`,
    '',
  ].join('\n\n');
}

/** `#Requires` takes a name without quotation marks, as people write it. */
function bare(module: RequiredModule): string {
  return typeof module === 'string' ? module : moduleText(module);
}

function nuspecTags({ tags = [], functions = [], workflows = [], hasClientTags }: PsScriptOptions): string[] {
  if (!hasClientTags) return ['PSScript', ...tags];
  const group = (type: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`PSIncludes_${type}`, ...names.map((name) => `PS${type}_${name}`)];
  return [
    ...tags,
    'PSScript',
    ...group('Function', functions),
    ...group('Workflow', workflows),
    ...[...functions, ...workflows].map((name) => `PSCommand_${name}`),
  ];
}
