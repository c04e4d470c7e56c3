/** Packages over the API: what state one is in, and the verbs that change it. Each verb is a file in src/, shared with the commands. */
import type { FastifyRequest } from 'fastify';
import { authenticate, type Identity } from '../accounts/authenticate.ts';
import { authorise } from '../accounts/rights.ts';
import { findFeed, findPackage } from '../catalogue/queries/find.ts';
import { loadPackage } from '../catalogue/queries/load-package.ts';
import { deletePackage } from '../delete.ts';
import type { FileView, PackageView, VersionView } from '../documents/package-view.ts';
import type { Gallery } from '../gallery.ts';
import { setListing } from '../listing.ts';
import { packageStatuses, setStatus } from '../package-status.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { credentialsOf } from '../upload/answer.ts';
import { bodyOf, reasonOf, subjectOf, type VersionSubject } from './request.ts';

/** `GET …/:name`: for everybody who may read the feed, so that scripts need no more than installers do. */
export async function showPackage(gallery: Gallery, request: FastifyRequest): Promise<unknown> {
  const subject = subjectOf(request);
  if (isRefusal(subject)) return subject;
  const feed = await findFeed(gallery.db, subject.feedName);
  if (isRefusal(feed)) return feed;
  if (feed.is_private === 1n) {
    const identity = await authenticate(gallery.db, credentialsOf(request), gallery.clock.now());
    if (isRefusal(identity)) return identity;
    const refusal = await authorise(gallery.db, identity, { scope: 'read', feed });
    if (refusal) return refusal;
  }
  const found = await findPackage(gallery.db, feed.id, subject.ecosystem, subject.normalizedName);
  const loaded = found && (await loadPackage(gallery.db, found.id));
  return loaded ? stateOf(loaded.view) : refuse('not-found', `There is no package "${subject.normalizedName}" here.`);
}

/** Everything about a package that its verbs can change, whatever its status. */
function stateOf(view: PackageView) {
  return {
    feed: view.feed,
    ecosystem: view.ecosystem,
    name: view.name,
    normalizedName: view.normalizedName,
    serial: view.serial,
    status: view.status,
    statusReason: view.statusReason,
    versions: view.versions.map(stateOfVersion),
  };
}

function stateOfVersion(version: VersionView) {
  return {
    version: version.version,
    normalizedVersion: version.normalizedVersion,
    isPrerelease: version.isPrerelease,
    publishedAt: new Date(version.publishedAt).toISOString(),
    isListed: version.isListed,
    unlistedReason: version.unlistedReason,
    deprecation: version.deprecation,
    files: version.files.map(stateOfFile),
  };
}

function stateOfFile(file: FileView) {
  return {
    filename: file.filename,
    kind: file.kind,
    sizeBytes: file.sizeBytes,
    sha256: file.digests.sha256,
    uploadedAt: new Date(file.uploadedAt).toISOString(),
    isListed: file.isListed,
    unlistedReason: file.unlistedReason,
  };
}

/** `POST …/unlist` and its three like, of a version or of one of its files. */
export async function listOrUnlist(
  gallery: Gallery,
  identity: Identity,
  request: FastifyRequest,
  isListed: boolean,
): Promise<Refusal | undefined> {
  const subject = subjectOf(request);
  if (isRefusal(subject)) return subject;
  const reason = reasonOf(request);
  if (isRefusal(reason)) return reason;
  return setListing(gallery, identity, subject as VersionSubject, { isListed, reason });
}

/** `POST …/:name/status`. */
export async function changeStatus(
  gallery: Gallery,
  identity: Identity,
  request: FastifyRequest,
): Promise<Refusal | undefined> {
  const subject = subjectOf(request);
  if (isRefusal(subject)) return subject;
  const reason = reasonOf(request);
  if (isRefusal(reason)) return reason;
  const { status } = bodyOf(request);
  const wanted = packageStatuses.find((known) => known === status);
  if (wanted === undefined) {
    return refuse('form-field-invalid', `A package's status is one of ${packageStatuses.join(', ')}.`);
  }
  return setStatus(gallery, identity, subject, { status: wanted, reason });
}

/** `DELETE` of a package, a version or a file. */
export async function remove(
  gallery: Gallery,
  identity: Identity,
  request: FastifyRequest,
): Promise<Refusal | undefined> {
  const subject = subjectOf(request);
  return isRefusal(subject) ? subject : deletePackage(gallery, identity, subject);
}
