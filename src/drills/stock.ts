/**
 * What a gallery holds when a drill begins: packages of both ecosystems, public and private, which the users install in
 * every round from then on. Private ones are read with a token that may do nothing else.
 */
import { type Canary, nupkgCanary, wheelCanary } from '../status/canary/canary.ts';
import type { Customer } from '../status/canary/customer.ts';
import { isAcknowledged, publishCanary } from '../status/canary/publish.ts';
import { askJson } from '../status/canary/request.ts';
import type { Stage } from './drill.ts';

const privateFeed = 'team';
const deadlineMs = 10_000;

/** Fills the gallery and tells the users what to install; throws when the gallery was not well to begin with. */
export async function stock(stage: Stage): Promise<readonly Canary[]> {
  const { gallery, users } = stage;
  const owner: Customer = { url: gallery.url, token: gallery.token, deadlineMs };
  await create(owner, '/api/feeds', { name: privateFeed, isPrivate: true });
  const made = await create(owner, '/api/tokens', { scopes: ['read'], feeds: [privateFeed] });
  const reader: Customer = { ...owner, token: (JSON.parse(made) as { token: string }).token };
  const version = '1.0.0';
  const goods = [
    { canary: wheelCanary({ name: 'stock-wheel', version }), customer: owner },
    { canary: nupkgCanary({ name: 'Stock.Nupkg', version }), customer: owner },
    { canary: wheelCanary({ name: 'team-wheel', version, feed: privateFeed }), customer: reader },
    { canary: nupkgCanary({ name: 'Team.Nupkg', version, feed: privateFeed }), customer: reader },
  ];
  for (const { canary, customer } of goods) {
    const answer = await publishCanary(owner, canary);
    if (!isAcknowledged(answer)) throw new Error(`${canary.filename} was refused: ${answer.status} ${answer.reason}`);
    const outcome = await users.install(canary, customer);
    if (!outcome.isGood) throw new Error(`${canary.filename} cannot be installed: ${outcome.message}`);
    users.watch(canary, customer);
  }
  return goods.map(({ canary }) => canary);
}

async function create(owner: Customer, path: string, value: unknown): Promise<string> {
  const answer = await askJson(`${owner.url}${path}`, owner.token, 'POST', value);
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${text}`);
  return text;
}
