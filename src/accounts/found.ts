/** The first start: the default feed, the first administrator and the first token. Doing it again changes nothing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tokenPrefix } from '../access/access-document.ts';
import { defaultFeed } from '../blobs/keys.ts';
import { append, type MakeChange } from '../catalogue/append.ts';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import { systemRandom } from '../std/random.ts';
import { isRefusal } from '../std/refusals.ts';
import { createFeed } from './feeds.ts';
import { scopes } from './scopes.ts';
import { createToken, type NewToken, secretBytes, settle } from './tokens.ts';

export const firstAdministrator = 'admin';

const system = { system: 'first start' };

/** Makes whatever of the first things is missing; a start that was killed anywhere in here is finished by the next one. */
export async function found(gallery: Gallery): Promise<void> {
  const { db } = gallery;
  const feed = await db.selectFrom('feeds').select('id').where('name', '=', defaultFeed).executeTakeFirst();
  if (!feed) await createFeed(gallery, system, { name: defaultFeed, isPrivate: false });
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

async function createFirstToken(gallery: Gallery): Promise<void> {
  const secret = firstSecret(gallery.folders.firstToken);
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
function firstSecret(file: string): Uint8Array {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const text = kept.startsWith(tokenPrefix) ? kept.slice(tokenPrefix.length) : '';
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return Buffer.from(text, 'base64url');
  const secret = systemRandom(secretBytes);
  writeFileSync(file, `${tokenPrefix}${Buffer.from(secret).toString('base64url')}\n`, { mode: 0o600, flush: true });
  return secret;
}
