/** A flood of searches leaves room at a read worker for whoever publishes, whatever the write service does. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { freePort, galleryEnvironment, startRole, temporaryFolder, waitFor } from '../gallery.ts';

const searches = [
  '/v3/search?q=a',
  '/v3/autocomplete?q=a',
  "/api/v2/Search()?searchTerm='a'",
  '/api/v2/Packages()',
  "/api/v2/GetUpdates()?packageIds='a'&versions='1.0'",
  '/api/v2/package-ids?partialId=a',
];

test('a read worker hands on only so many searches, of either protocol, and a publish beside them', async (t) => {
  // A write service that answers nobody until it is told to.
  const held: { url: string; response: ServerResponse }[] = [];
  const silent = createServer((request, response) => held.push({ url: request.url ?? '', response }));
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  t.after(() => silent.close());
  const { port: writePort } = silent.address() as { port: number };
  const port = await freePort();
  const settings = {
    HOLDFAST_WRITE_URL: `http://127.0.0.1:${writePort}`,
    HOLDFAST_FORWARDS_AT_ONCE_MAX: '5',
    HOLDFAST_SEARCHES_AT_ONCE_MAX: '4',
  };
  startRole(t, 'read', [], galleryEnvironment(await temporaryFolder(t), port, settings));
  const url = `http://127.0.0.1:${port}`;
  await waitFor(async () => (await fetch(`${url}/nothing/here`)).status > 0);

  const asked = [...searches, ...searches].map((question) => fetch(url + question));
  const refused: Response[] = [];
  for (const one of asked) void one.then((answer) => refused.push(answer));
  await waitFor(() => held.length === 4 && refused.length === 8);
  for (const { status, statusText, headers } of refused) {
    assert.equal(status, 503);
    assert.match(statusText, /^Too many searches at once; .* Installing and publishing work\.$/);
    assert.equal(headers.get('retry-after'), '5');
  }
  const published = fetch(`${url}/v3/package`, { method: 'PUT' });
  await waitFor(() => held.some(({ url: address }) => address === '/v3/package'));
  for (const { response } of held) response.end('done');
  assert.equal((await published).status, 200);
  await Promise.all(asked);
  const next = fetch(`${url}/v3/search?q=b`);
  await waitFor(() => held.length === 6);
  held.at(-1)?.response.end('done');
  assert.equal((await next).status, 200, 'the next question is handed on');
});
