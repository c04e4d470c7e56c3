/**
 * Push, unlist and relist: `PackagePublish/2.0.0`, and push of symbols: `SymbolPackagePublish/4.9.0`. Clients put the package as the first part of a form, curl may send it bare;
 * pushes to a bare source arrive at other addresses, with and without a slash, and all of them are served.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticate } from '../../accounts/authenticate.ts';
import { defaultFeed } from '../../blobs/keys.ts';
import { wasSigned } from '../../catalogue/queries/was-signed.ts';
import type { Gallery } from '../../gallery.ts';
import { normalizePackageId, parseNuGetVersion } from '../../identity/nupkg.ts';
import { setListing } from '../../listing.ts';
import { publish } from '../../publish.ts';
import { publishSymbols } from '../../publish-symbols.ts';
import { isRefusal, type Refusal, reasonPhrase, refuse } from '../../std/refusals.ts';
import { answerRefusal, credentialsOf, feedOf, inviteBody, refuseOtherMethods } from '../../upload/answer.ts';
import { receive } from '../../upload/receive.ts';
import type { ArchiveLimits, Candidate } from '../../validate/candidate.ts';
import { inspectNupkg } from '../../validate/nupkg/inspect.ts';
import { remarksOn } from '../../validate/nupkg/remarks.ts';
import { inspectSnupkg } from '../../validate/snupkg/inspect.ts';
import { storedPath, symbolFile } from './keys.ts';

/** An address that takes packages. */
interface PushAddress {
  /** Inside the feed, without slashes at its ends; empty for the feed's own. */
  readonly address: string;
  /** Takes PowerShell modules and scripts only. */
  readonly isForPowerShell: boolean;
}

/** Our own address, and where clients go that were given only the gallery's. */
const ownAddresses: readonly PushAddress[] = ['v3/package', ''].map((address) => ({ address, isForPowerShell: false }));

/** Where clients put symbol packages. */
const symbolAddresses = ['v3/symbolpackage', 'api/v2/symbolpackage'];

/**
 * Registers push, unlist and relist for the default feed and for every other one.
 * @param others addresses of the other protocol of this ecosystem
 */
export function registerNugetPublish(
  app: FastifyInstance,
  gallery: Gallery,
  limits: ArchiveLimits,
  others: readonly PushAddress[],
): void {
  for (const prefix of ['', '/feeds/:feed']) {
    for (const one of [...ownAddresses, ...others]) {
      const url = `${prefix}/${one.address}`.replace(/\/$/, '');
      for (const address of [url, `${url}/`]) {
        if (address === '') continue;
        app.put(address, (request, reply) => push(gallery, limits, one, request, reply));
        // The bare source is the home page too.
        if (one.address !== '') {
          refuseOtherMethods(app, address, ['PUT'], 'This address takes packages (PUT), for example from dotnet.');
        }
      }
      if (one.address === '') continue;
      app.delete(`${url}/:id/:version`, (request, reply) => list(gallery, false, request, reply));
      app.post(`${url}/:id/:version`, (request, reply) => list(gallery, true, request, reply));
    }
    for (const address of symbolAddresses) {
      for (const slash of ['', '/']) {
        app.put(`${prefix}/${address}${slash}`, (request, reply) => pushSymbols(gallery, limits, request, reply));
      }
    }
  }
}

async function push(
  gallery: Gallery,
  limits: ArchiveLimits,
  { isForPowerShell }: PushAddress,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const feedName = feedOf(request, defaultFeed);
  const receiveLimits = { folder: gallery.folders.incoming, uploadBytesMax: gallery.config.uploadBytesMax };
  let remarks: readonly string[] = [];
  const published = await publish(gallery, {
    feedName,
    credentials: credentialsOf(request),
    receive: () => receive(request.raw, receiveLimits, true, () => inviteBody(request, reply)),
    inspect: async (received) => {
      const candidate = await inspectNupkg(received.file.path, limits, { mustBePowerShell: isForPowerShell });
      if (!isRefusal(candidate)) remarks = await remarksFor(gallery, feedName, candidate);
      return candidate;
    },
  });
  if (isRefusal(published)) return answerRefusal(request, reply, published, published.status);
  // NuGet's clients show each as a warning.
  if (published.isNew) return reply.header('X-NuGet-Warning', remarks.map(reasonPhrase)).code(201).send();
  const { name, version } = published.candidate;
  // `--skip-duplicate` knows a duplicate by 409 and by nothing else, also when the bytes are the same.
  const duplicate = refuse('file-exists', `${name} ${version} already exists in this feed; push another version.`);
  return answerRefusal(request, reply, duplicate, 409);
}

/** Made before the package is published: nothing is waited for between that and its answer. */
async function remarksFor(gallery: Gallery, feedName: string, candidate: Candidate): Promise<readonly string[]> {
  const isSigned = candidate.fileMetadata.signature !== undefined;
  return remarksOn(candidate, !isSigned && (await wasSigned(gallery.db, feedName, candidate.normalizedName)));
}

async function pushSymbols(
  gallery: Gallery,
  limits: ArchiveLimits,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const folder = gallery.folders.incoming;
  const refusal = await publishSymbols(gallery, {
    feedName: feedOf(request, defaultFeed),
    credentials: credentialsOf(request),
    receive: () => receive(request.raw, { folder, uploadBytesMax: gallery.config.uploadBytesMax }, true),
    inspect: (received, admit) => inspectSnupkg(received.file.path, folder, limits, admit),
    pathOf: ({ name, guid }) => storedPath(symbolFile(name, guid)),
  });
  return refusal ? answerRefusal(request, reply, refusal, refusal.status) : reply.code(201).send();
}

async function list(
  gallery: Gallery,
  isListed: boolean,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const refusal = await setListed(gallery, isListed, request);
  if (refusal) return answerRefusal(request, reply, refusal, refusal.status);
  return reply.code(isListed ? 200 : 204).send();
}

async function setListed(gallery: Gallery, isListed: boolean, request: FastifyRequest): Promise<Refusal | undefined> {
  const identity = await authenticate(gallery.db, credentialsOf(request), gallery.clock.now());
  if (isRefusal(identity)) return identity;
  const { id, version } = request.params as { id: string; version: string };
  const parsed = parseNuGetVersion(version);
  if (!parsed) return refuse('not-found', `There is no version "${version}" of ${id} here.`);
  const address = {
    feedName: feedOf(request, defaultFeed),
    ecosystem: 'nupkg' as const,
    normalizedName: normalizePackageId(id),
    normalizedVersion: parsed.lower,
  };
  return setListing(gallery, identity, address, { isListed, reason: '' });
}
