/** The API of deprecations: one version, several that the body names, or all that a package has. */
import type { FastifyRequest } from 'fastify';
import type { Identity } from '../accounts/authenticate.ts';
import { readDeprecation, setDeprecation } from '../deprecate.ts';
import type { Gallery } from '../gallery.ts';
import { normalizePackageId, parseNuGetVersion } from '../identity/nupkg.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { bodyOf } from './request.ts';

/** @param isDeprecated false takes a deprecation back */
export async function changeDeprecation(
  gallery: Gallery,
  identity: Identity,
  request: FastifyRequest,
  isDeprecated: boolean,
): Promise<unknown> {
  const { feed = '', name = '', version } = request.params as { feed?: string; name?: string; version?: string };
  const body = bodyOf(request);
  const versions = readVersions(version, body.versions);
  if (isRefusal(versions)) return versions;
  const { reasons, message, alternatePackage } = body;
  const deprecation = isDeprecated ? readDeprecation({ reasons, message, alternatePackage }) : null;
  if (isRefusal(deprecation)) return deprecation;
  const address = { feedName: feed, ecosystem: 'nupkg' as const, normalizedName: normalizePackageId(name) };
  return setDeprecation(gallery, identity, address, versions, deprecation);
}

/** @returns normalised versions; undefined for all */
function readVersions(inAddress: string | undefined, inBody: unknown): string[] | undefined | Refusal {
  const asked = inAddress === undefined ? inBody : [inAddress];
  if (asked === undefined) return undefined;
  if (!Array.isArray(asked)) return refuse('form-field-invalid', '"versions" must be a list of versions.');
  const versions = asked.map((text) => parseNuGetVersion(String(text))?.lower ?? String(text));
  return [...new Set(versions)];
}
