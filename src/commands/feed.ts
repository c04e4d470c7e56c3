/** `holdfast feed create|list`. */
import { parseArgs } from 'node:util';
import { createFeed } from '../accounts/feeds.ts';
import { feedPath } from '../blobs/keys.ts';
import { renderedBaseUrl } from '../config/base-url.ts';
import type { Gallery } from '../gallery.ts';
import { isRefusal } from '../std/refusals.ts';
import { exitFailed, exitUsage } from './exit-codes.ts';
import { printTable } from './print.ts';

const usage = `Usage: holdfast feed create NAME [--private]
       holdfast feed list
`;

export async function feedCommand(gallery: Gallery, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { private: { type: 'boolean', default: false } },
  });
  const [action, name] = positionals;
  if (action === 'list') return list(gallery);
  if (action === 'create' && name !== undefined) return create(gallery, name, values.private);
  process.stderr.write(usage);
  return exitUsage;
}

async function create(gallery: Gallery, name: string, isPrivate: boolean): Promise<number> {
  const feed = await createFeed(gallery, { system: 'command line' }, { name, isPrivate });
  if (isRefusal(feed)) {
    process.stderr.write(`holdfast: ${feed.message}\n`);
    return exitFailed;
  }
  const url = `${renderedBaseUrl(gallery.config)}${feedPath(name)}`;
  process.stderr.write(`The feed "${name}" is ready:
  Python  ${url}/simple/  (uploads: ${url}/legacy/)
  NuGet   ${url}/v3/index.json
`);
  process.stdout.write(`${url}
`);
  return 0;
}

async function list(gallery: Gallery): Promise<number> {
  const feeds = await gallery.db.selectFrom('feeds').selectAll().orderBy('name').execute();
  const rows = feeds.map((feed) => [
    feed.name,
    feed.is_private === 1n ? 'private' : 'public',
    `${feedPath(feed.name)}/`,
  ]);
  printTable(['name', 'who may read', 'address'], rows);
  return 0;
}
