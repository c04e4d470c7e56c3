/**
 * What was answered is seen by the very next request, whichever read worker gets it: publishing, yanking and unlisting, and
 * taking a token away. Every request here is on a connection of its own, so that the kernel spreads them over the workers.
 */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { accessLines } from './runners/access-lines.ts';
import { ask, basic, type PlainAnswer, publishNupkg, publishWheel, unlist } from './runners/publish.ts';

const rounds = 12;
const connections = 8;

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

test('an uploaded wheel is on the index and can be downloaded at once', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const name = `demo-prompt-${round}`;
    const page = `${gallery.url}/simple/${name}/`;
    // Every worker has just learned that there is no such project.
    await everywhere(page, (answer) => answer.status === 404);
    const wheel = await publishWheel(gallery, { name, version: '1.0.0' });
    const answers = await everywhere(page, (answer) => answer.status === 200);
    for (const { body } of answers) assert.ok(body.includes(wheel.filename), body.toString());
    const address = /href="([^"#]+)/.exec(answers[0]?.body.toString() ?? '')?.[1] ?? '';
    await everywhere(new URL(address, page).href, (answer) => answer.body.equals(wheel.bytes));

    const next = await publishWheel(gallery, { name, version: '1.0.1' });
    await everywhere(page, (answer) => answer.body.includes(next.filename));
    await unlist(gallery, 'python', name, '1.0.1', 'on second thoughts');
    await everywhere(page, (answer) => answer.body.includes('data-yanked="on second thoughts"'));
  }
  await bothWorkersAnswered('/simple/demo-prompt-');
});

test('a pushed package is in every document and can be downloaded at once', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const id = `demo.prompt${round}`;
    const flat = `${gallery.url}/v3/flat/${id}/index.json`;
    const leaf = `${gallery.url}/v3/registration/${id}/1.0.1.json`;
    await everywhere(flat, (answer) => answer.status === 404);
    const nupkg = await publishNupkg(gallery, { id, version: '1.0.0' });
    await everywhere(flat, (answer) => answer.body.toString().includes('"1.0.0"'));
    await everywhere(`${gallery.url}/v3/flat/${id}/1.0.0/${id}.1.0.0.nupkg`, (answer) =>
      answer.body.equals(nupkg.bytes),
    );

    await everywhere(leaf, (answer) => answer.status === 404);
    await publishNupkg(gallery, { id, version: '1.0.1' });
    await everywhere(leaf, (answer) => JSON.parse(answer.body.toString()).listed === true);
    await unlist(gallery, 'nupkg', id, '1.0.1');
    await everywhere(leaf, (answer) => JSON.parse(answer.body.toString()).listed === false);
  }
  await bothWorkersAnswered('/v3/flat/demo.prompt');
});

test('a token reads a private feed at once when it is made, and no longer once it is revoked', async () => {
  await api('POST', '/api/feeds', { name: 'secret', isPrivate: true });
  await publishWheel(
    { url: `${gallery.url}/feeds/secret`, token: gallery.token },
    { name: 'demo-secret', version: '1.0.0' },
  );
  const page = `${gallery.url}/feeds/secret/simple/demo-secret/`;
  for (let round = 0; round < rounds; round += 1) {
    const { id, token } = await api('POST', '/api/tokens', { scopes: ['read'], feeds: ['secret'] });
    const headers = { Authorization: basic(String(token)) };
    await everywhere(page, (answer) => answer.status === 200, headers);
    await api('DELETE', `/api/tokens/${id}`);
    await everywhere(page, (answer) => answer.status === 401, headers);
  }
  await bothWorkersAnswered('/feeds/secret/simple/demo-secret/');
});

/** Asks on several new connections at once; every answer must be right. */
async function everywhere(
  url: string,
  isRight: (answer: PlainAnswer) => boolean,
  headers: Record<string, string> = {},
): Promise<PlainAnswer[]> {
  const answers = await Promise.all(Array.from({ length: connections }, () => ask(url, { headers })));
  for (const answer of answers)
    assert.ok(isRight(answer), `${url}: ${answer.status} ${answer.body.toString().slice(0, 500)}`);
  return answers;
}

async function bothWorkersAnswered(path: string): Promise<void> {
  const workers = () => new Set(accessLines(gallery).flatMap((line) => (line.url.startsWith(path) ? line.worker : [])));
  await waitFor(async () => workers().size === 2);
}

async function api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await ask(`${gallery.url}${path}`, {
    method,
    headers: {
      Authorization: basic(gallery.token),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200, answer.body.toString());
  return JSON.parse(answer.body.toString());
}
