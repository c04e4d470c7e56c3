/** Finds out who is asking, from the headers alone and before any body is read. */
import { type Credentials, digestToken } from '../access/access-document.ts';
import type { Actor } from '../catalogue/append.ts';
import type { CatalogueDatabase } from '../catalogue/database.ts';
import type { Int64 } from '../std/int64.ts';
import { type Refusal, refuse } from '../std/refusals.ts';
import type { Scope } from './scopes.ts';

/** A token that holds, and whose it is. */
export interface Identity {
  readonly principalId: Int64;
  readonly principalName: string;
  readonly tokenId: Int64;
  readonly scopes: ReadonlySet<Scope>;
  /** Feed names; `*` for all. */
  readonly feeds: readonly string[];
  /** Package globs. */
  readonly packages: readonly string[];
}

/** Who looks after the gallery at its own machine. Whoever can write to the data folder may do everything anyway. */
export interface Operator {
  readonly system: string;
}

/** Who wants something done. */
export type Asker = Identity | Operator;

/** Somebody who gave a command on the gallery's machine. */
export const operator: Operator = { system: 'command line' };

/** What events say about who did it. */
export function actorOf(asker: Asker): Actor {
  return 'system' in asker ? { system: asker.system } : { principalId: asker.principalId, tokenId: asker.tokenId };
}

/**
 * @param credentials what the request carries
 * @param now UTC milliseconds
 * @returns who it is; refuses `credentials-missing` and `credentials-invalid`
 */
export async function authenticate(
  db: CatalogueDatabase,
  credentials: Credentials | undefined,
  now: number,
): Promise<Identity | Refusal> {
  if (!credentials) {
    return refuse(
      'credentials-missing',
      'This needs an API key (dotnet: -k; twine: -p): a token made with "./holdfast token create".',
    );
  }
  const row = await db
    .selectFrom('tokens')
    .innerJoin('principals', 'principals.id', 'tokens.principal_id')
    .selectAll('tokens')
    .select('principals.name as principal_name')
    .where('digest', '=', digestToken(credentials.token))
    .executeTakeFirst();
  const invalid = refuse(
    'credentials-invalid',
    'Invalid or non-existent authentication information: the API key is wrong, revoked or expired.',
  );
  if (!row || row.revoked_at !== null) return invalid;
  if (row.expires_at !== null && row.expires_at <= BigInt(now)) return invalid;
  await noteUse(db, row.id, row.last_used_at, now);
  return {
    principalId: row.principal_id,
    principalName: row.principal_name,
    tokenId: row.id,
    scopes: new Set(JSON.parse(row.scopes) as Scope[]),
    feeds: JSON.parse(row.feeds) as string[],
    packages: JSON.parse(row.packages) as string[],
  };
}

/** To the minute, so that a busy token costs no more than one write a minute. */
const useNotedEveryMs = 60_000;

async function noteUse(db: CatalogueDatabase, tokenId: Int64, lastUsedAt: Int64 | null, now: number): Promise<void> {
  if (lastUsedAt !== null && BigInt(now) - lastUsedAt < useNotedEveryMs) return;
  await db
    .updateTable('tokens')
    .set({ last_used_at: BigInt(now) })
    .where('id', '=', tokenId)
    .execute();
}
