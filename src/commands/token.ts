/** `holdfast token create|list|revoke`. */
import { parseArgs } from 'node:util';
import { firstAdministrator } from '../accounts/found.ts';
import { type Scope, scopeMeanings, scopes } from '../accounts/scopes.ts';
import { createToken, listTokens, revokeToken } from '../accounts/tokens.ts';
import type { Gallery } from '../gallery.ts';
import { isRefusal } from '../std/refusals.ts';
import { exitFailed, exitUsage } from './exit-codes.ts';
import { printTable } from './print.ts';

const usage = `Usage: holdfast token create [options]
       holdfast token list
       holdfast token revoke ID

Options of create:
  --scope SCOPE        may be given more than once; without it: read, push-new, push-version
${scopes.map((scope) => `                         ${scope.padEnd(14)}${scopeMeanings[scope]}`).join('\n')}
  --feed NAME          only for this feed; may be given more than once
  --package GLOB       only for packages of such names, such as 'Contoso.*'; may be given more than once
  --expires DAYS       the token ends after so many days
  --description TEXT   what it is for
  --principal NAME     whose it is (default: ${firstAdministrator})
`;

const actor = { system: 'command line' };
const dayMs = 24 * 60 * 60_000;

export async function tokenCommand(gallery: Gallery, args: readonly string[]): Promise<number> {
  const [action, ...rest] = args;
  if (action === 'create') return create(gallery, rest);
  if (action === 'list') return list(gallery);
  if (action === 'revoke' && /^\d{1,19}$/.test(rest[0] ?? '')) return revoke(gallery, BigInt(rest[0] ?? ''));
  process.stderr.write(usage);
  return exitUsage;
}

async function create(gallery: Gallery, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scope: { type: 'string', multiple: true, default: ['read', 'push-new', 'push-version'] },
      feed: { type: 'string', multiple: true, default: ['*'] },
      package: { type: 'string', multiple: true, default: ['*'] },
      expires: { type: 'string' },
      description: { type: 'string', default: '' },
      principal: { type: 'string', default: firstAdministrator },
    },
  });
  if (values.expires !== undefined && !/^\d{1,5}$/.test(values.expires)) {
    process.stderr.write('holdfast: --expires takes a number of days\n');
    return exitUsage;
  }
  const created = await createToken(gallery, actor, {
    principalName: values.principal,
    scopes: values.scope.flatMap((scope) => scope.split(',')) as Scope[],
    feeds: values.feed,
    packages: values.package,
    description: values.description,
    expiresAt: values.expires === undefined ? null : gallery.clock.now() + Number(values.expires) * dayMs,
  });
  if (isRefusal(created)) {
    process.stderr.write(`holdfast: ${created.message}\n`);
    return exitFailed;
  }
  process.stderr.write(`Token ${created.id}; this is the only time it is shown:\n`);
  process.stdout.write(`${created.token}\n`);
  return 0;
}

async function list(gallery: Gallery): Promise<number> {
  const time = (value: bigint | null) => (value === null ? '-' : new Date(Number(value)).toISOString().slice(0, 16));
  const rows = (await listTokens(gallery)).map((token) => [
    token.id.toString(),
    token.principal_name,
    (JSON.parse(token.scopes) as string[]).join(','),
    (JSON.parse(token.feeds) as string[]).join(','),
    (JSON.parse(token.packages) as string[]).join(','),
    time(token.created_at),
    time(token.expires_at),
    time(token.last_used_at),
    token.revoked_at === null ? 'good' : 'revoked',
    token.description,
  ]);
  printTable(
    ['id', 'whose', 'scopes', 'feeds', 'packages', 'created', 'expires', 'last used', 'state', 'description'],
    rows,
  );
  return 0;
}

async function revoke(gallery: Gallery, id: bigint): Promise<number> {
  const refusal = await revokeToken(gallery, actor, id);
  process.stderr.write(refusal ? `holdfast: ${refusal.message}\n` : `Token ${id} is revoked.\n`);
  return refusal ? exitFailed : 0;
}
