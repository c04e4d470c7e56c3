/** Everything else that makes an event, done with serials beyond the value: yank, unlist, make a token, use it, revoke it. */

import { nupkgCanary, wheelCanary } from '../status/canary/canary.ts';
import { publishCanary } from '../status/canary/publish.ts';
import { type Answer, ask, askJson } from '../status/canary/request.ts';
import { ownerOf } from './aftermath.ts';
import { eventsAfter } from './counter-database.ts';
import type { Stage } from './drill.ts';

export interface Used {
  /** Serial of the last event made here. */
  readonly lastSerial: bigint;
}

/** @param value the newest serial; nobody else makes events meanwhile */
export async function judgeVerbs(stage: Stage, clause: string, value: bigint): Promise<Used> {
  const { gallery, users } = stage;
  const owner = ownerOf(stage);
  const kinds: string[] = [];
  const check = (kind: string, isGood: boolean, seen: string) => {
    kinds.push(kind);
    stage.judge(clause, isGood, `beyond ${value}: ${seen}`);
  };
  const publish = async (canary: Parameters<typeof users.publish>[0]) => {
    const { isGood, status, message } = await users.publish(canary);
    check('file.published', isGood, `${canary.filename}: ${status} ${message}`);
  };

  const wheel = wheelCanary({ name: `yanked-${value}`, version: '1.0.0' });
  const nupkg = nupkgCanary({ name: `Unlisted.${value}`, version: '1.0.0' });
  await publish(wheel);
  await publish(nupkg);

  const yankPath = `/api/feeds/main/python/${wheel.name}/${wheel.version}/unlist`;
  const yanked = await askJson(`${owner.url}${yankPath}`, owner.token, 'POST', { reason: 'too large a number' });
  const page = await ask(`${owner.url}/simple/${wheel.name}/?format=application/vnd.pypi.simple.v1%2Bjson`, short);
  check(
    'version.listing',
    yanked.status === 200 && isYanked(page, value + 3n),
    `yank: ${yanked.status}, ${textOf(page)}`,
  );

  const unlistPath = `/v3/package/${nupkg.name}/${nupkg.version}`;
  const headers = { 'X-NuGet-ApiKey': owner.token };
  const unlisted = await ask(`${owner.url}${unlistPath}`, { ...short, method: 'DELETE', headers });
  check('version.listing', unlisted.status === 204, `unlist: ${unlisted.status} ${unlisted.reason}`);

  const made = await askJson(`${owner.url}/api/tokens`, owner.token, 'POST', { scopes: ['push-version'] });
  const id = value + 5n;
  check('token.created', textOf(made).includes(`"id":${id},`), `token: ${made.status}, wanted the id ${id}`);
  const { token } = JSON.parse(textOf(made)) as { token: string };
  const second = nupkgCanary({ name: nupkg.name, version: '1.0.1' });
  const pushed = await publishCanary({ ...owner, token }, second);
  check('file.published', pushed.status === 201, `push with that token: ${pushed.status} ${pushed.reason}`);

  const revoked = await askJson(`${owner.url}/api/tokens/${id}`, owner.token, 'DELETE');
  const refused = await publishCanary({ ...owner, token }, nupkgCanary({ name: nupkg.name, version: '1.0.2' }));
  const isRevoked = revoked.status === 200 && refused.status === 403;
  check('token.revoked', isRevoked, `revoke: ${revoked.status}, push after that: ${refused.status} ${refused.reason}`);

  const events = eventsAfter(gallery.folders.database, value);
  const wanted = kinds.map((kind, index) => `${value + BigInt(index) + 1n} ${kind}`);
  const isSame = events.join() === wanted.join();
  stage.judge(
    clause,
    isSame,
    isSame ? `${kinds.length} events up to ${wanted.at(-1)}` : `events: ${events.join(', ')}`,
  );
  return { lastSerial: value + BigInt(kinds.length) };
}

const short = { deadlineMs: 5_000 };

function isYanked(page: Answer, serial: bigint): boolean {
  const text = textOf(page);
  return text.includes('"yanked":"too large a number"') && text.includes(`"_last-serial":${serial}}`);
}

function textOf(answer: Answer): string {
  return answer.body.toString('utf8').trim();
}
