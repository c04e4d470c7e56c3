/** The API of deprecations: one version, several that the body names, or all that a package has. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../accounts/authenticate.ts';
import { readDeprecation, setDeprecation } from '../deprecate.ts';
import type { Gallery } from '../gallery.ts';
import { normalizePackageId, parseNuGetVersion } from '../identity/nupkg.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';

type Handler = (identity: Identity, request: FastifyRequest) => Promise<unknown>;
/** Makes a route of a handler that whoever is known here reaches. */
type SignedIn = (handler: Handler) => (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Python knows no deprecated versions, only deprecated packages: those are a status. */
const packageAddress = '/api/feeds/:feed/nupkg/:name';

export function registerDeprecations(app: FastifyInstance, gallery: Gallery, signedIn: SignedIn): void {
  for (const address of [packageAddress, `${packageAddress}/:version`]) {
    app.post(
      `${address}/deprecate`,
      signedIn((identity, request) => change(gallery, identity, request, true)),
    );
    app.post(
      `${address}/undeprecate`,
      signedIn((identity, request) => change(gallery, identity, request, false)),
    );
  }
}

async function change(
  gallery: Gallery,
  identity: Identity,
  request: FastifyRequest,
  isDeprecated: boolean,
): Promise<unknown> {
  const { feed = '', name = '', version } = request.params as { feed?: string; name?: string; version?: string };
  const body = (typeof request.body === 'object' && request.body !== null ? request.body : {}) as Record<
    string,
    unknown
  >;
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
