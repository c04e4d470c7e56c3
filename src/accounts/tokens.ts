/** Tokens: made with 256 random bits, shown once, kept as a digest, revoked for ever. */
import { digestToken, tokenPrefix } from '../access/access-document.ts';
import { type Actor, append, type CatalogueEvent } from '../catalogue/append.ts';
import { writeRecord } from '../catalogue/records.ts';
import type { TokenRow } from '../catalogue/tables.ts';
import { documentTrustMs } from '../documents/trust.ts';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import { type RandomBytes, systemRandom } from '../std/random.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { writeAccessDocument } from './access-writer.ts';
import { type Scope, scopes } from './scopes.ts';

export interface NewToken {
  readonly principalName: string;
  readonly scopes: readonly Scope[];
  /** Feed names; `*` for all. */
  readonly feeds: readonly string[];
  /** Package globs; `*` for all. */
  readonly packages: readonly string[];
  readonly description: string;
  /** UTC milliseconds; null for never. */
  readonly expiresAt: number | null;
}

export interface CreatedToken {
  readonly id: Int64;
  /** The only time it is shown. */
  readonly token: string;
}

export const secretBytes = 32;
export const descriptionLengthMax = 200;
const listLengthMax = 100;
const tokensListedMax = 1_000;

/** @returns the token; refuses an unknown principal and values that cannot be used */
export async function createToken(
  gallery: Gallery,
  actor: Actor,
  wanted: NewToken,
  random: RandomBytes = systemRandom,
): Promise<CreatedToken | Refusal> {
  const problem = checkToken(wanted, gallery.clock.now());
  if (problem) return refuse('form-field-invalid', problem);
  const token = `${tokenPrefix}${Buffer.from(random(secretBytes)).toString('base64url')}`;
  const event = await append(gallery, actor, 'token', async (transaction) => {
    const principal = await transaction
      .selectFrom('principals')
      .select('id')
      .where('name', '=', wanted.principalName)
      .executeTakeFirst();
    if (!principal) return refuse('not-found', `There is nobody called "${wanted.principalName}" here.`);
    return (serial, at) => ({ kind: 'token.created', token: tokenRow(wanted, principal.id, token, serial, at) });
  });
  if (isRefusal(event)) return event;
  await settle(gallery, event);
  return { id: event.serial, token };
}

/** @returns undefined when it is revoked now, `not-found` when there is no such token */
export async function revokeToken(gallery: Gallery, actor: Actor, tokenId: Int64): Promise<Refusal | undefined> {
  const event = await append(gallery, actor, 'token', async (transaction) => {
    const row = await transaction.selectFrom('tokens').select('id').where('id', '=', tokenId).executeTakeFirst();
    if (!row) return refuse('not-found', `There is no token ${tokenId}.`);
    return (_serial, at) => ({ kind: 'token.revoked', tokenId, revokedAt: at });
  });
  if (isRefusal(event)) return event;
  await settle(gallery, event);
  return undefined;
}

export type ListedToken = Omit<TokenRow, 'digest'> & { principal_name: string; last_used_at: Int64 | null };

/** @returns every token without its digest, newest first */
export async function listTokens(gallery: Gallery): Promise<ListedToken[]> {
  return gallery.db
    .selectFrom('tokens')
    .innerJoin('principals', 'principals.id', 'tokens.principal_id')
    .select(['tokens.id', 'principal_id', 'scopes', 'feeds', 'packages', 'description'])
    .select(['tokens.created_at', 'expires_at', 'revoked_at', 'last_used_at', 'principals.name as principal_name'])
    .orderBy('tokens.id', 'desc')
    .limit(tokensListedMax)
    .execute();
}

/** Record first, then the access document; after that the change holds everywhere on this machine. */
export async function settle(gallery: Gallery, event: CatalogueEvent): Promise<void> {
  await writeRecord(gallery.store, gallery.key, event);
  await writeAccessDocument(gallery.db, gallery.store, gallery.key);
  await gallery.clock.sleep(documentTrustMs);
  gallery.finisher.add({ serial: event.serial, packageId: null, acknowledgedFileId: null });
}

function checkToken(wanted: NewToken, now: number): string | undefined {
  const unknown = wanted.scopes.filter((scope) => !scopes.includes(scope));
  if (unknown.length > 0) return `Unknown scope ${unknown.join(', ')}; known are ${scopes.join(', ')}.`;
  if (wanted.scopes.length === 0) return 'A token needs at least one scope.';
  if (wanted.feeds.length === 0 || wanted.packages.length === 0)
    return 'A token needs feeds and package globs ("*" for all).';
  if (wanted.feeds.length > listLengthMax || wanted.packages.length > listLengthMax) {
    return `A token has at most ${listLengthMax} feeds and ${listLengthMax} globs.`;
  }
  if (wanted.description.length > descriptionLengthMax)
    return `A description has at most ${descriptionLengthMax} characters.`;
  if (wanted.expiresAt !== null && !(wanted.expiresAt > now)) return 'A token must expire in the future.';
  return undefined;
}

/** @returns the token as the catalogue keeps it: its digest, and what it may do */
export function tokenRow(
  wanted: Omit<NewToken, 'principalName'>,
  principalId: Int64,
  token: string,
  serial: Int64,
  at: Int64,
): TokenRow {
  return {
    id: serial,
    principal_id: principalId,
    digest: digestToken(token),
    scopes: JSON.stringify(wanted.scopes),
    feeds: JSON.stringify(wanted.feeds),
    packages: JSON.stringify(wanted.packages),
    description: wanted.description,
    created_at: at,
    expires_at: wanted.expiresAt === null ? null : BigInt(wanted.expiresAt),
    revoked_at: null,
  };
}
