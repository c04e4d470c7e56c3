/**
 * The API of advisories. They are the installation's, as tokens are, so only its administrators see and change them here; what they
 * say is public in the documents of every feed.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, type Identity } from '../accounts/authenticate.ts';
import { listAdvisories } from '../advisories/list.ts';
import { announceAdvisories, loadAdvisories, removeAdvisory } from '../advisories/load.ts';
import { readOsv } from '../advisories/osv.ts';
import type { Gallery } from '../gallery.ts';
import { isRefusal, refuse } from '../std/refusals.ts';

type Handler = (identity: Identity, request: FastifyRequest) => Promise<unknown>;
/** Makes a route of a handler that only administrators reach. */
type Administered = (handler: Handler) => (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const restricted = refuse('not-allowed', 'This needs a token that is for all feeds and all packages.');

export function registerAdvisories(app: FastifyInstance, gallery: Gallery, administered: Administered): void {
  const changing = (handler: Handler) =>
    administered(async (identity, request) => {
      const isUnrestricted = identity.feeds.includes('*') && identity.packages.includes('*');
      return isUnrestricted ? handler(identity, request) : restricted;
    });
  const idOf = (request: FastifyRequest) => (request.params as { id: string }).id;
  app.get(
    '/api/advisories',
    administered(async () => ({ advisories: await listAdvisories(gallery) })),
  );
  app.put(
    '/api/advisories/:id',
    changing(async (identity, request) => {
      const advisory = readOsv(request.body);
      if (isRefusal(advisory)) return advisory;
      if (advisory.id !== idOf(request)) {
        return refuse('advisory-invalid', `The body is the advisory ${advisory.id}, and the address names another.`);
      }
      const { outcomes, packages, owed } = await loadAdvisories(gallery, actorOf(identity), [advisory]);
      await announceAdvisories(gallery);
      return { outcome: outcomes[0], packages, owed };
    }),
  );
  app.delete(
    '/api/advisories/:id',
    changing((identity, request) => removeAdvisory(gallery, actorOf(identity), idOf(request))),
  );
}
