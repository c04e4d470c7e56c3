/** The first start: the default feed, the first administrator and the first token. Doing it again changes nothing. */
import { existsSync, writeFileSync } from 'node:fs';
import { defaultFeed } from '../blobs/keys.ts';
import { append, type MakeChange } from '../catalogue/append.ts';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import { isRefusal } from '../std/refusals.ts';
import { createFeed } from './feeds.ts';
import { scopes } from './scopes.ts';
import { createToken, settle } from './tokens.ts';

export const firstAdministrator = 'admin';

const system = { system: 'first start' };

/** Makes whatever of the first things is missing. */
export async function found(gallery: Gallery): Promise<void> {
  const feed = await gallery.db.selectFrom('feeds').select('id').where('name', '=', defaultFeed).executeTakeFirst();
  if (!feed) await createFeed(gallery, system, { name: defaultFeed, isPrivate: false });
  const administrator = await gallery.db
    .selectFrom('principals')
    .select('id')
    .where('name', '=', firstAdministrator)
    .executeTakeFirst();
  const id = administrator?.id ?? (await createAdministrator(gallery));
  const anyToken = await gallery.db.selectFrom('tokens').select('id').where('principal_id', '=', id).executeTakeFirst();
  if (!anyToken) await createFirstToken(gallery);
}

async function createAdministrator(gallery: Gallery): Promise<Int64> {
  const id = await record(gallery, (serial, at) => ({
    kind: 'principal.created',
    principal: { id: serial, kind: 'person', name: firstAdministrator, created_at: at },
  }));
  await record(gallery, (serial, at) => ({
    kind: 'role.granted',
    role: { id: serial, principal_id: id, feed_id: null, package_id: null, role: 'administrator', created_at: at },
  }));
  return id;
}

async function record(gallery: Gallery, make: MakeChange): Promise<Int64> {
  const event = await append(gallery.db, gallery.clock, gallery.holder, system, 'first start', async () => make);
  if (isRefusal(event)) throw new Error(event.message);
  await settle(gallery, event);
  return event.serial;
}

async function createFirstToken(gallery: Gallery): Promise<void> {
  const created = await createToken(gallery, system, {
    principalName: firstAdministrator,
    scopes,
    feeds: ['*'],
    packages: ['*'],
    description: 'first token, made at the first start',
    expiresAt: null,
  });
  if (isRefusal(created)) throw new Error(created.message);
  if (!existsSync(gallery.folders.firstToken)) {
    writeFileSync(gallery.folders.firstToken, `${created.token}\n`, { mode: 0o600, flush: true });
  }
}
