/**
 * The first start: the default feed, the first administrator with the first token, and the status service with a token for
 * canaries. Doing it again changes nothing.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tokenPrefix } from '../access/access-document.ts';
import { defaultFeed } from '../blobs/keys.ts';
import { append, appendAll, type MakeChange } from '../catalogue/append.ts';
import { canaryGlob } from '../catalogue/canaries.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../catalogue/database.ts';
import { findFeed } from '../catalogue/queries/find.ts';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import { systemRandom } from '../std/random.ts';
import { isRefusal } from '../std/refusals.ts';
import { createFeed } from './feeds.ts';
import { type Scope, scopes } from './scopes.ts';
import { createToken, type NewToken, secretBytes, settle, tokenRow } from './tokens.ts';

export const firstAdministrator = 'admin';

/** The principal that publishes canaries; a gallery that has it, even without a token, is given none again. */
export const canaryPublisher = 'holdfast-status';

/** Publishing, unlisting and deleting canaries; no more. */
export const canaryScopes: readonly Scope[] = ['push-new', 'push-version', 'unlist'];

const system = { system: 'first start' };

/** Makes whatever of the first things is missing; a start that was killed anywhere in here is finished by the next one. */
export async function found(gallery: Gallery): Promise<void> {
  const { db } = gallery;
  const feed = await db.selectFrom('feeds').select('id').where('name', '=', defaultFeed).executeTakeFirst();
  if (!feed) await createFeed(gallery, system, { name: defaultFeed, isPrivate: false });
  await foundAdministrator(gallery);
  await foundCanaryPublisher(gallery);
}

async function foundAdministrator(gallery: Gallery): Promise<void> {
  const { db } = gallery;
  const administrator = await db
    .selectFrom('principals')
    .select('id')
    .where('name', '=', firstAdministrator)
    .executeTakeFirst();
  const id = administrator?.id ?? (await createAdministrator(gallery));
  const anyToken = await db.selectFrom('tokens').select('id').where('principal_id', '=', id).executeTakeFirst();
  // The token is the last of the first things: once it is there, nothing is made again that somebody may have taken away.
  if (anyToken) return;
  const anyRole = await db.selectFrom('roles').select('id').where('principal_id', '=', id).executeTakeFirst();
  if (!anyRole) await grantAdministration(gallery, id);
  await createFirstToken(gallery);
}

async function createAdministrator(gallery: Gallery): Promise<Int64> {
  return record(gallery, (serial, at) => ({
    kind: 'principal.created',
    principal: { id: serial, kind: 'person', name: firstAdministrator, created_at: at },
  }));
}

async function grantAdministration(gallery: Gallery, id: Int64): Promise<void> {
  await record(gallery, (serial, at) => ({
    kind: 'role.granted',
    role: { id: serial, principal_id: id, feed_id: null, package_id: null, role: 'administrator', created_at: at },
  }));
}

async function record(gallery: Gallery, make: MakeChange): Promise<Int64> {
  const event = await append(gallery, system, 'first start', async () => make);
  if (isRefusal(event)) throw new Error(event.message);
  await settle(gallery, event);
  return event.serial;
}

/**
 * All in one transaction: once the principal is there, nothing is made again that somebody may have taken away. A gallery that is
 * older than canaries gets it at its next start.
 */
async function foundCanaryPublisher(gallery: Gallery): Promise<void> {
  if (await hasCanaryPublisher(gallery.db)) return;
  const secret = keptSecret(gallery.folders.canaryToken);
  const events = await appendAll(gallery, system, 'first start', async (transaction) => {
    if (await hasCanaryPublisher(transaction)) return [];
    const feed = await findFeed(transaction, defaultFeed);
    return isRefusal(feed) ? feed : makeCanaryPublisher(feed.id, tokenText(secret));
  });
  if (isRefusal(events)) throw new Error(events.message);
  for (const event of events) await settle(gallery, event);
}

async function hasCanaryPublisher(db: CatalogueDatabase | CatalogueTransaction): Promise<boolean> {
  const found = await db.selectFrom('principals').select('id').where('name', '=', canaryPublisher).executeTakeFirst();
  return found !== undefined;
}

/** Called in this order, each with the next serial. */
function makeCanaryPublisher(feedId: Int64, token: string): MakeChange[] {
  let id = 0n;
  const about = {
    scopes: canaryScopes,
    feeds: [defaultFeed],
    packages: [canaryGlob],
    description: 'canaries of the status service, made by itself',
    expiresAt: null,
  };
  return [
    (serial, at) => {
      id = serial;
      return { kind: 'principal.created', principal: { id, kind: 'ci', name: canaryPublisher, created_at: at } };
    },
    (serial, at) => ({
      kind: 'role.granted',
      role: { id: serial, principal_id: id, feed_id: feedId, package_id: null, role: 'publisher', created_at: at },
    }),
    (serial, at) => ({ kind: 'token.created', token: tokenRow(about, id, token, serial, at) }),
  ];
}

async function createFirstToken(gallery: Gallery): Promise<void> {
  const secret = keptSecret(gallery.folders.firstToken);
  const wanted: NewToken = {
    principalName: firstAdministrator,
    scopes,
    feeds: ['*'],
    packages: ['*'],
    description: 'first token, made at the first start',
    expiresAt: null,
  };
  const created = await createToken(gallery, system, wanted, () => secret);
  if (isRefusal(created)) throw new Error(created.message);
}

/** The file comes before the token: the catalogue keeps only a digest, so a token without its file would be lost to everybody. */
function keptSecret(file: string): Uint8Array {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const text = kept.startsWith(tokenPrefix) ? kept.slice(tokenPrefix.length) : '';
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return Buffer.from(text, 'base64url');
  const secret = systemRandom(secretBytes);
  writeFileSync(file, `${tokenText(secret)}\n`, { mode: 0o600, flush: true });
  return secret;
}

function tokenText(secret: Uint8Array): string {
  return `${tokenPrefix}${Buffer.from(secret).toString('base64url')}`;
}
