/**
 * From the modules that a manifest or a `#Requires` names to dependencies of a package, as Publish-PSArtifactUtility.ps1 of
 * PowerShellGet 2 and ParseRequiredModules of PSResourceGet make them.
 */
import {
  anyVersion,
  isValidPackageId,
  normalizePackageId,
  parseVersionRange,
  type VersionRange,
} from '../../identity/nupkg.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import { DataTable, type DataValue, flattened, plainText } from './data-values.ts';

export interface DeclaredDependency {
  readonly id: string;
  readonly range: VersionRange;
}

/**
 * Reads `RequiredModules` in all its shapes: a name, a table with ModuleName and versions, a list of either.
 * @param external modules that come from elsewhere; in any letter case
 * @param filename for the sentences
 * @returns each module once, what cannot be a package (such as a path) left out; or `metadata-invalid`
 */
export function readRequiredModules(
  value: DataValue,
  external: readonly string[],
  filename: string,
): DeclaredDependency[] | Refusal {
  const found = new Map<string, DeclaredDependency>();
  const excluded = new Set(external.map(normalizePackageId));
  for (const module of flattened(value)) {
    const isTable = module instanceof DataTable;
    const id = isTable ? module.text('ModuleName') : plainText(module).trim();
    if (id === undefined) {
      return refuse('metadata-invalid', `${shownName(filename)} requires a module without telling its ModuleName.`);
    }
    const name = normalizePackageId(id);
    if (!isValidPackageId(id) || excluded.has(name) || found.has(name)) continue;
    const range = isTable ? rangeOf(module, id, filename) : anyVersion;
    if (isRefusal(range)) return range;
    found.set(name, { id, range });
  }
  return [...found.values()];
}

/** RequiredVersion is that one; ModuleVersion the least, MaximumVersion the greatest, in which `*` stands for the greatest number. */
function rangeOf(module: DataTable, id: string, filename: string): VersionRange | Refusal {
  const required = module.text('RequiredVersion');
  const minimum = module.text('ModuleVersion') ?? '';
  const maximum = module.text('MaximumVersion')?.replace('*', '99999999');
  const text = required !== undefined ? `[${required}]` : maximum !== undefined ? `[${minimum}, ${maximum}]` : minimum;
  const range = text === '' ? anyVersion : parseVersionRange(text.replace(/^\[,/, '(,'));
  if (range !== undefined) return range;
  const where = `${shownName(filename)} requires the module ${shownName(id)}`;
  return refuse('metadata-invalid', `${where} in the version ${shownName(text)}, which is none.`);
}
