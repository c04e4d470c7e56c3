/** Answers that slow readers do not take: their memory has a limit, and what is left over is refused in words. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { DerivedTarget } from '../../src/protocols/protocol.ts';
import { answerDerived, derivedMemory } from '../../src/serve/derived.ts';

const answerBytes = 16 * 1024 * 1024;

function target(key: string): DerivedTarget {
  return {
    type: 'derived',
    kind: 'test',
    ecosystem: 'nupkg',
    path: undefined,
    read: (text) => text,
    answer: () => {
      const body = key.padEnd(key === '/small' ? 1_000 : answerBytes, 'x');
      return { status: 200, contentType: 'text/plain', body, headers: [] };
    },
    key,
    variesBy: [],
  };
}

/** A server with room for four answers and their compressed forms, and no memory for any. */
async function serve(t: TestContext): Promise<Server> {
  const memory = derivedMemory(1_024, 5 * answerBytes);
  const about = { document: undefined, context: { feedUrl: 'https://gallery.example', feedPath: '' } };
  const visibility = { feedName: 'main', isPrivate: false };
  const server = createServer((asked, response) => {
    void answerDerived(memory, asked, response, visibility, target(asked.url ?? ''), about);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

async function ask(server: Server, path: string): Promise<IncomingMessage> {
  const { port } = server.address() as { port: number };
  const asked = request({ port, host: '127.0.0.1', path, agent: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

test('readers that take nothing hold so much memory and no more; when they are gone, there is room again', async (t) => {
  const server = await serve(t);
  const slow: IncomingMessage[] = [];
  for (let at = 0; at < 4; at += 1) {
    const answer = await ask(server, `/${at}`);
    assert.equal(answer.statusCode, 200);
    slow.push(answer);
  }
  const refused = await ask(server, '/more');
  assert.equal(refused.statusCode, 503);
  assert.match(refused.statusMessage ?? '', /being sent/);
  assert.equal(refused.headers['retry-after'], '5');
  refused.destroy();
  const small = await ask(server, '/small');
  assert.equal(small.statusCode, 200, 'a small answer always has room');
  small.destroy();
  for (const answer of slow) answer.destroy();
  for (;;) {
    const again = await ask(server, '/again');
    again.destroy();
    if (again.statusCode === 200) break;
  }
});
