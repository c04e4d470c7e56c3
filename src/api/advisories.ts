/**
 * The API of advisories. They are the installation's, as tokens are, so only its administrators see and change them here; what they
 * say is public in the documents of every feed.
 */
import type { FastifyRequest } from 'fastify';
import { actorOf, type Identity } from '../accounts/authenticate.ts';
import { listAdvisories } from '../advisories/list.ts';
import { announceAdvisories, loadAdvisories, removeAdvisory } from '../advisories/load.ts';
import { readOsv } from '../advisories/osv.ts';
import type { Gallery } from '../gallery.ts';
import { isRefusal, refuse } from '../std/refusals.ts';

const restricted = refuse('not-allowed', 'This needs a token that is for all feeds and all packages.');

export async function showAdvisories(gallery: Gallery): Promise<unknown> {
  return { advisories: await listAdvisories(gallery) };
}

/** Loads the advisory that is the body, in OSV's format. */
export async function putAdvisory(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  if (!isUnrestricted(identity)) return restricted;
  const advisory = readOsv(request.body);
  if (isRefusal(advisory)) return advisory;
  if (advisory.id !== idOf(request)) {
    return refuse('advisory-invalid', `The body is the advisory ${advisory.id}, and the address names another.`);
  }
  const { outcomes, packages, owed } = await loadAdvisories(gallery, actorOf(identity), [advisory]);
  await announceAdvisories(gallery);
  return { outcome: outcomes[0], packages, owed };
}

export async function dropAdvisory(gallery: Gallery, identity: Identity, request: FastifyRequest): Promise<unknown> {
  if (!isUnrestricted(identity)) return restricted;
  return removeAdvisory(gallery, actorOf(identity), idOf(request));
}

function isUnrestricted(identity: Identity): boolean {
  return identity.feeds.includes('*') && identity.packages.includes('*');
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
