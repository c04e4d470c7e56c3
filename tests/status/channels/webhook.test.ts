/** Webhooks and templates: what a receiver gets, what it can check, and where none of them may go. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type ChannelSettings, carry, type Parcel } from '../../../src/status/channels/carry.ts';
import { callHttp } from '../../../src/status/channels/http-request.ts';
import { fillBody } from '../../../src/status/channels/http-template.ts';
import type { Message } from '../../../src/status/channels/message.ts';
import { isPrivateAddress, lookupPublic } from '../../../src/status/channels/private-network.ts';
import { temporaryFolder } from '../../gallery.ts';
import { handClock, receiveHttp, settingsOf } from './receivers.ts';

const message: Message = {
  event: 'alarm.firing',
  id: 'alarm0000001',
  title: 'Installing "Python" fails & more',
  text: 'Line one\nüber \\ {{id}} <b>',
  severity: 'page',
  state: 'firing',
  url: 'https://status.example.org/confirm/a?b=c&d',
};
const clock = handClock('2026-11-21T10:00:00Z');

function carried(target: Parcel['target'], settings: ChannelSettings, more: Partial<Message> = {}, deadlineMs = 5_000) {
  const parcel = { id: 'delivery0001', target, message: { ...message, ...more }, createdAt: clock.now() };
  return carry(parcel, { settings: () => settings, clock, deadlineMs, signal: new AbortController().signal });
}

const toChannel = (name: string) => ({ kind: 'channel' as const, name });

test('a webhook is the documented JSON, and its signature can be checked with the secret', async (t) => {
  const receiver = await receiveHttp(t);
  const secretFile = join(await temporaryFolder(t), 'secret');
  writeFileSync(secretFile, 'ge heim\n');
  const channels = [{ kind: 'webhook' as const, name: 'chat', url: `${receiver.url}/hook?a=b`, secretFile }];
  assert.deepEqual(await carried(toChannel('chat'), settingsOf({ channels })), { kind: 'taken' });
  const [call] = receiver.calls;
  assert.equal(`${call?.method} ${call?.url}`, 'POST /hook?a=b');
  assert.deepEqual(JSON.parse(call!.body), {
    delivery: 'delivery0001',
    ...message,
    created_at: '2026-11-21T10:00:00.000Z',
  });
  const { t: seconds, v1 } = Object.fromEntries(
    String(call!.headers['x-holdfast-signature'])
      .split(',')
      .map((part) => part.split('=')),
  );
  assert.equal(Number(seconds), clock.now() / 1000);
  assert.equal(v1, createHmac('sha256', 'ge heim').update(`${seconds}.${call!.body}`).digest('hex'));
  assert.match(String(call!.headers['content-type']), /^application\/json/);
});

test('a subscriber gets the body that was made for him, signed with his own secret or not at all', async (t) => {
  const receiver = await receiveHttp(t);
  const url = `${receiver.url}/hook`;
  await carried({ kind: 'webhook', url, secret: 's' }, settingsOf({}), { json: { incident: { id: 'x' } } });
  await carried({ kind: 'webhook', url }, settingsOf({}), { json: { incident: { id: 'x' } } });
  assert.deepEqual(
    receiver.calls.map(({ body }) => body),
    ['{"incident":{"id":"x"}}', '{"incident":{"id":"x"}}'],
  );
  assert.deepEqual(
    receiver.calls.map(({ headers }) => headers['x-holdfast-signature'] !== undefined),
    [true, false],
  );
});

test('200 to 299 is taken; a redirect is not followed and is a refusal like 4xx; 5xx and 429 may work later', async (t) => {
  const receiver = await receiveHttp(t);
  const expected = {
    200: 'taken',
    204: 'taken',
    301: 'refused',
    307: 'refused',
    304: 'refused',
    400: 'refused',
    404: 'refused',
    410: 'refused',
    429: 'failed',
    500: 'failed',
    503: 'failed',
  };
  for (const [status, kind] of Object.entries(expected)) {
    receiver.answer = (_call, response) =>
      response.writeHead(Number(status), { location: `${receiver.url}/elsewhere` }).end();
    const outcome = await carried({ kind: 'webhook', url: `${receiver.url}/hook` }, settingsOf({}));
    assert.equal(outcome.kind, kind, status);
    assert.equal(outcome.kind !== 'taken' && outcome.isFinal, status === '410', status);
  }
  assert.equal(receiver.calls.filter(({ url }) => url !== '/hook').length, 0);
});

test('an answer that never ends, and one that never begins, end at the deadline or when enough was read', async (t) => {
  const receiver = await receiveHttp(t);
  receiver.answer = () => undefined;
  const url = `${receiver.url}/hook`;
  const silent = await carried({ kind: 'webhook', url }, settingsOf({}), {}, 200);
  assert.ok(silent.kind === 'failed' && silent.words === 'no answer within 200 ms');
  let written = 0;
  receiver.answer = (_call, response) => {
    response.writeHead(400);
    const more = () => {
      written += 1;
      if (!response.destroyed && written < 10_000) response.write('x'.repeat(1_000), more);
    };
    more();
  };
  const endless = await carried({ kind: 'webhook', url }, settingsOf({}));
  assert.ok(
    endless.kind === 'refused' && /^the answer was 400: x{50}/.test(endless.words) && endless.words.length <= 300,
  );
});

test('webhooks of subscribers lead to no private address, by number, by name, or in other clothes', async (t) => {
  const receiver = await receiveHttp(t);
  const closed = settingsOf({ subscribers: { isPrivateAllowed: false } });
  const { port } = receiver;
  for (const host of [
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::]',
    '127.0.0.1.',
  ]) {
    const outcome = await carried({ kind: 'webhook', url: `http://${host}:${port}/` }, closed);
    assert.ok(
      outcome.kind === 'refused' && outcome.isFinal && /private network/.test(outcome.words),
      `${host}: ${JSON.stringify(outcome)}`,
    );
  }
  assert.equal(receiver.calls.length, 0);
  assert.deepEqual(
    await carried({ kind: 'webhook', url: receiver.url }, settingsOf({ subscribers: { isPrivateAllowed: true } })),
    { kind: 'taken' },
  );
  const channels = [{ kind: 'webhook' as const, name: 'chat', url: receiver.url }];
  assert.deepEqual(
    await carried(toChannel('chat'), { ...closed, channels }),
    { kind: 'taken' },
    'a configured channel is trusted',
  );
});

test('addresses that are nobody’s on the open internet are known', () => {
  const closed =
    '0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 ' +
    ':: ::1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:1 fc00::1 fd12::1 fe80::1 ff02::1 2001:db8::1 2002:a00:1:: 2001::1 100::1 3fff::1';
  for (const address of closed.split(' ')) assert.equal(isPrivateAddress(address), true, address);
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1']) {
    assert.equal(isPrivateAddress(address), false, address);
  }
  assert.equal(isPrivateAddress('no address'), true);
});

test('a name is looked up once, and what is connected to is what was checked', async () => {
  const [error] = await new Promise<unknown[]>((done) =>
    lookupPublic('localhost', { all: true }, (...answer) => done(answer)),
  );
  assert.match(String(error), /private network/);
});

test('a template keeps every value in its place: in JSON, forms, XML and plain text', () => {
  const json = fillBody(
    '{"text": "*{{title}}*\\n{{ text }}", "go": "{{url}}", "n": "{{nothing}}"}',
    message,
    'application/json; charset=utf-8',
  );
  assert.deepEqual(JSON.parse(json), {
    text: `*${message.title}*\n${message.text}`,
    go: message.url,
    n: '{{nothing}}',
  });
  const form = new URLSearchParams(
    fillBody('a={{title}}&b={{text}}&c={{state}}', message, 'application/x-www-form-urlencoded'),
  );
  assert.deepEqual(
    [...form],
    [
      ['a', message.title],
      ['b', message.text],
      ['c', 'firing'],
    ],
  );
  assert.equal(fillBody('<t>{{text}}</t>', message, 'application/xml'), '<t>Line one\nüber \\ {{id}} &#60;b&#62;</t>');
  assert.equal(
    fillBody('{{severity}} {{id}}: {{title}}', message, 'text/plain'),
    `page alarm0000001: ${message.title}`,
  );
  const dollar = fillBody('"{{title}}"', { ...message, title: "$& $1 $' \u2028" }, 'application/vnd.x+json');
  assert.equal(JSON.parse(dollar), "$& $1 $' \u2028");
});

test('a template’s headers and method are sent, and its address takes values too', async (t) => {
  const receiver = await receiveHttp(t);
  const base = { kind: 'http' as const, headers: { Authorization: 'Bearer x' }, body: 'ignored' };
  const channels: ChannelSettings['channels'] = [
    { ...base, name: 'get', url: `${receiver.url}/send?to=1&text={{title}}`, method: 'GET' },
    {
      ...base,
      name: 'put',
      url: `${receiver.url}/put`,
      method: 'PUT',
      headers: { 'Content-Type': 'text/plain' },
      body: '{{title}}',
    },
  ];
  assert.deepEqual(await carried(toChannel('get'), settingsOf({ channels })), { kind: 'taken' });
  assert.deepEqual(await carried(toChannel('put'), settingsOf({ channels })), { kind: 'taken' });
  const [get, put] = receiver.calls;
  assert.equal(new URL(get!.url, 'http://x').searchParams.get('text'), message.title);
  assert.deepEqual([get!.method, get!.headers.authorization, get!.body], ['GET', 'Bearer x', '']);
  assert.deepEqual([put!.method, put!.headers['content-type'], put!.body], ['PUT', 'text/plain', message.title]);
});

test('a channel that is gone, a file that cannot be read, and a host that is not there are outcomes in words', async () => {
  const gone = await carried(toChannel('gone'), settingsOf({}));
  assert.ok(gone.kind === 'refused' && gone.isFinal);
  const channels = [
    { kind: 'webhook' as const, name: 'chat', url: 'http://127.0.0.1:9/', secretFile: '/nonexistent/secret' },
  ];
  const unread = await carried(toChannel('chat'), settingsOf({ channels }));
  assert.ok(unread.kind === 'failed' && /ENOENT/.test(unread.words));
  const call = {
    url: 'http://127.0.0.1:9/hidden?token=abc',
    method: 'POST',
    headers: {},
    body: '',
    deadlineMs: 1_000,
    isPrivateAllowed: true,
  };
  const refused = await callHttp({ ...call, signal: new AbortController().signal });
  assert.ok(refused.kind === 'failed' && /ECONNREFUSED/.test(refused.words) && !refused.words.includes('abc'));
});
