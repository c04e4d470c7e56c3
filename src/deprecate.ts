/**
 * Deprecates versions of a NuGet package, and takes that back: they stay listed and installable, and clients tell their users to use
 * something else (`dotnet list package --deprecated`).
 */
import { actorOf, type Identity } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { appendAll } from './catalogue/append.ts';
import type { CatalogueTransaction } from './catalogue/database.ts';
import type { PackageRow, VersionRow } from './catalogue/tables.ts';
import type { Deprecation } from './documents/package-view.ts';
import type { Gallery } from './gallery.ts';
import { isValidPackageId, parseVersionRange } from './identity/nupkg.ts';
import { writeJson } from './std/json.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { completeChanges } from './upkeep/complete.ts';

const reasons: readonly Deprecation['reasons'][number][] = ['Legacy', 'CriticalBugs', 'Other'];
/** In characters. */
export const messageLengthMax = 1_000;
export const versionsAtOnceMax = 1_000;

/** What somebody asks for, not yet checked. */
export interface DeprecationWish {
  readonly reasons: unknown;
  readonly message: unknown;
  readonly alternatePackage: unknown;
}

/**
 * Checks what somebody asks for, by the rules of the public gallery.
 * @returns the deprecation as clients get it; or `form-field-invalid`
 */
export function readDeprecation(wish: DeprecationWish): Deprecation | Refusal {
  if (!Array.isArray(wish.reasons) || wish.reasons.length === 0) return invalid(`"reasons" must name ${anyReason}`);
  const wanted = new Set<Deprecation['reasons'][number]>();
  for (const asked of wish.reasons) {
    const reason = reasons.find((known) => known.toLowerCase() === String(asked).toLowerCase());
    if (reason === undefined) return invalid(`"${String(asked).slice(0, 50)}" is no reason; there are ${anyReason}`);
    wanted.add(reason);
  }
  const { message = '' } = wish;
  if (typeof message !== 'string' || message.length > messageLengthMax) {
    return invalid(`"message" must be text of at most ${messageLengthMax} characters`);
  }
  if (wanted.has('Other') && message.trim() === '') return invalid('the reason "Other" needs a message');
  const alternatePackage = readAlternative(wish.alternatePackage);
  if (isRefusal(alternatePackage)) return alternatePackage;
  return { reasons: reasons.filter((reason) => wanted.has(reason)), message: message.trim(), alternatePackage };
}

const anyReason = `one or more of ${reasons.join(', ')}`;

function invalid(problem: string): Refusal {
  return refuse('form-field-invalid', `The deprecation cannot be used: ${problem}.`);
}

/** The other package need not be in this gallery. */
function readAlternative(value: unknown): Deprecation['alternatePackage'] | Refusal {
  if (value === undefined || value === null) return null;
  const { id, range = '*' } = value as { readonly id?: unknown; readonly range?: unknown };
  if (typeof id !== 'string' || !isValidPackageId(id)) return invalid('"alternatePackage.id" must be a package id');
  if (range === '*' || range === '') return { id, range: '*' };
  const parsed = typeof range === 'string' ? parseVersionRange(range) : undefined;
  return parsed ? { id, range: parsed.normalized } : invalid('"alternatePackage.range" must be a version range, or *');
}

/**
 * Deprecates versions, or takes that back.
 * @param normalizedVersions undefined for all versions that the package has now
 * @param deprecation null to take it back
 * @returns undefined when it is so now (also when it was so before); refuses `not-found`, `not-allowed` and `form-field-invalid`
 */
export async function setDeprecation(
  gallery: Gallery,
  identity: Identity,
  address: PackageAddress,
  normalizedVersions: readonly string[] | undefined,
  deprecation: Deprecation | null,
): Promise<Refusal | undefined> {
  const events = await appendAll(gallery, actorOf(identity), 'deprecation', async (transaction) => {
    const allowed = await findAllowed(transaction, identity, address, 'unlist');
    if (isRefusal(allowed)) return allowed;
    const versions = await versionsOf(transaction, allowed.found, normalizedVersions);
    if (isRefusal(versions)) return versions;
    return versions.map((version) => (serial) => ({
      kind: 'version.deprecation' as const,
      package: { ...allowed.found, last_serial: serial },
      versionId: version.id,
      normalizedVersion: version.normalized_version,
      deprecation: deprecation === null ? '' : writeJson(deprecation),
    }));
  });
  if (isRefusal(events)) return events;
  await completeChanges(gallery, events);
  return undefined;
}

async function versionsOf(
  transaction: CatalogueTransaction,
  found: PackageRow,
  wanted: readonly string[] | undefined,
): Promise<VersionRow[] | Refusal> {
  const all = await transaction
    .selectFrom('versions')
    .selectAll()
    .where('package_id', '=', found.id)
    .orderBy('sort_key')
    .execute();
  const missing = wanted?.find((version) => !all.some((row) => row.normalized_version === version));
  if (missing !== undefined) return refuse('not-found', `There is no ${found.name} ${missing} here.`);
  const versions = all.filter((row) => wanted === undefined || wanted.includes(row.normalized_version));
  if (versions.length === 0) return refuse('form-field-invalid', `${found.name} has no version to deprecate.`);
  if (versions.length <= versionsAtOnceMax) return versions;
  return refuse('form-field-invalid', `At most ${versionsAtOnceMax} versions can be deprecated at once; name them.`);
}
