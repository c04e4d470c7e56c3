/** Subscribing by the real routes: who is told, who never is, and how nobody can be flooded. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import fastify from 'fastify';
import { openStatusDatabase } from '../../../src/status/database.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import type { SubscriberMessage } from '../../../src/status/subscribers/message.ts';
import { registerSubscribers } from '../../../src/status/subscribers/routes.ts';
import { openSubscribers, refusalsMax, type SubscribersParts } from '../../../src/status/subscribers/subscribers.ts';
import { systemRandom } from '../../../src/std/random.ts';
import { HandClock } from '../hand-clock.ts';

const hourMs = 3_600_000;
const page = { id: 'a1b2c3d4e5f6', name: 'Holdfast', url: 'https://status.example.org' };
const choices = [
  { key: 'install', name: 'Installing' },
  { key: 'install/python', name: 'Python' },
];

function open(t: TestContext, overrides: Partial<SubscribersParts> = {}) {
  const db = openStatusDatabase(':memory:', schemaSteps);
  const clock = new HandClock();
  const sent: SubscriberMessage[] = [];
  const subscribers = openSubscribers({
    db,
    clock,
    random: systemRandom,
    page,
    components: () => choices,
    enqueue: (message) => sent.push(message),
    isMailPossible: true,
    isAnyHost: false,
    ...overrides,
  });
  const app = fastify();
  registerSubscribers(app, subscribers, (title, body) => `<!doctype html><title>${title}</title>${body}`);
  t.after(() => app.close());
  const form = (url: string, fields: string, remoteAddress = '192.0.2.1') =>
    app.inject({
      method: 'POST',
      url,
      payload: fields,
      remoteAddress,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const get = (url: string) => app.inject({ method: 'GET', url });
  /** The path of the only link of a kind in a message. */
  const linkIn = (message: SubscriberMessage | undefined, verb: string) => {
    const found = new RegExp(`https://status\\.example\\.org(/${verb}/[\\w-]{43})\\b`).exec(message?.text ?? '');
    assert.ok(found, `no link to ${verb} in ${message?.text}`);
    return found[1]!;
  };
  return { db, clock, sent, subscribers, app, form, get, linkIn };
}

test('a mail address is told of news after its owner has pressed the button, and not a moment before', async (t) => {
  const { sent, subscribers, form, get, linkIn } = open(t);
  const answer = await form('/subscriptions', 'address=Ada%40Example.ORG&component=install%2Fpython');
  assert.equal(answer.statusCode, 202);
  assert.equal(sent.length, 1);
  assert.deepEqual(sent[0]!.target, { kind: 'mail', to: 'Ada@example.org' });
  assert.match(sent[0]!.text, /to this address: Python\./);
  const path = linkIn(sent[0], 'subscribe/confirm');
  const shown = await get(path);
  assert.equal(shown.statusCode, 200);
  assert.match(shown.body, /<form method="post"><button type="submit">Confirm<\/button><\/form>/);
  assert.deepEqual(
    ['referrer-policy', 'cache-control'].map((name) => shown.headers[name]),
    ['no-referrer', 'no-store'],
  );
  assert.deepEqual(subscribers.confirmed(), [], 'opening the link confirms nothing');
  for (const _ of ['first', 'again']) assert.equal((await form(path, '')).statusCode, 200);
  const [subscription, ...others] = subscribers.confirmed();
  assert.deepEqual(others, []);
  assert.deepEqual(subscription!.components, ['install/python']);
  assert.deepEqual(subscribers.counts(), { confirmed: 1, awaiting: 0 });
});

test('one click in a mail program, or the button of the page, ends a subscription', async (t) => {
  const { sent, subscribers, app, clock, form, get, linkIn } = open(t);
  for (const name of ['ada', 'bob']) {
    await form('/subscribe', `address=${name}%40example.org`);
    await form(linkIn(sent.at(-1), 'subscribe/confirm'), '');
  }
  const [ada, bob] = subscribers.confirmed().map(({ unsubscribeUrl }) => new URL(unsubscribeUrl).pathname);
  const boundary = 'x1';
  const oneClick = await app.inject({
    method: 'POST',
    url: ada!,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: `--${boundary}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--${boundary}--\r\n`,
  });
  assert.equal(oneClick.statusCode, 200);
  assert.equal((await get(bob!)).statusCode, 200);
  assert.equal(subscribers.confirmed().length, 1, 'a link that is only opened ends nothing');
  assert.equal((await form(bob!, 'List-Unsubscribe=One-Click')).statusCode, 200);
  assert.deepEqual(subscribers.confirmed(), []);
  assert.equal((await get(bob!)).statusCode, 404);
  assert.equal((await form(bob!, '')).statusCode, 200, 'so it is, whoever asks');
  // Whoever left can come back.
  clock.goOn(hourMs);
  await form('/subscribe', 'address=ada%40example.org');
  assert.equal((await form(linkIn(sent.at(-1), 'subscribe/confirm'), '')).statusCode, 200);
});

test('an inbox gets one confirmation an hour, however its address is spelt, and the answer is always the same', async (t) => {
  const { sent, clock, subscribers, form, linkIn } = open(t);
  const first = await form('/subscribe', 'address=ada%40example.org');
  for (const spelling of ['ada%40example.org', 'ADA%40example.org', 'ada%2B1%40example.org', 'ada%2Bb%40EXAMPLE.org']) {
    const again = await form('/subscribe', `address=${spelling}`);
    assert.deepEqual([again.statusCode, again.body], [first.statusCode, first.body]);
  }
  assert.equal(sent.length, 1);
  await form(linkIn(sent[0], 'subscribe/confirm'), '');
  clock.goOn(hourMs);
  const known = await form('/subscribe', 'address=ada%40example.org&component=install');
  assert.deepEqual([known.statusCode, known.body], [first.statusCode, first.body]);
  assert.equal(sent.length, 2);
  assert.equal(
    sent[0]!.text.replaceAll(/confirm\/\S+/g, ''),
    sent[1]!.text.replaceAll(/confirm\/\S+/g, '').replace('Installing', 'all components'),
  );
  assert.deepEqual(subscribers.confirmed()[0]!.components, [], 'a new choice counts when it is confirmed');
  await form(linkIn(sent[1], 'subscribe/confirm'), '');
  assert.deepEqual(
    subscribers.confirmed().map(({ components }) => components),
    [['install']],
  );
});

test('one source has ten requests an hour, and all together two hundred confirmations', async (t) => {
  const { sent, clock, form } = open(t);
  const ask = async (number: number, source: string) =>
    (await form('/subscribe', `address=a${number}%40example.org`, source)).statusCode;
  const statuses: number[] = [];
  // Addresses of one IPv6 network are one source.
  for (let number = 0; number < 12; number++) statuses.push(await ask(number, `2001:db8::${number + 1}`));
  assert.deepEqual(statuses, [...Array(10).fill(202), 429, 429]);
  assert.equal(await ask(11, '2001:db8:0:1::1'), 202);
  assert.equal(sent.length, 11);
  for (let number = 20; number < 300; number++) await ask(number, `198.51.${number}.1`);
  assert.equal(sent.length, 200);
  const refused = await form('/subscribe', 'address=z%40example.org', '203.0.113.9');
  assert.equal(refused.headers['retry-after'], '3600');
  clock.goOn(hourMs);
  assert.equal(await ask(400, '2001:db8::1'), 202);
});

test('links end after a day, and what nobody confirmed is forgotten', async (t) => {
  const { db, sent, clock, subscribers, form, get, linkIn } = open(t);
  await form('/subscribe', 'address=ada%40example.org');
  const path = linkIn(sent[0], 'subscribe/confirm');
  clock.goOn(24 * hourMs - 1);
  assert.equal((await get(path)).statusCode, 200);
  clock.goOn(1);
  assert.equal((await get(path)).statusCode, 404);
  assert.equal((await form(path, '')).statusCode, 404);
  assert.equal((await form(`/subscribe/confirm/${'a'.repeat(43)}`, '')).statusCode, 404);
  subscribers.keep();
  assert.equal(db.prepare('select count(*) as count from subscribers').get()!.count, 0);
});

test('what is no address, or leads into the own network, is refused in words', async (t) => {
  const { sent, form } = open(t);
  const bad = [
    'address=',
    'address=ada',
    'address=ada%40localhost',
    'address=a%40example.org%0d%0aBcc%3a+b%40example.org',
    'address=%22a+b%22%40example.org',
    'address=ada%40example.org&component=nothing',
    'kind=pigeon&address=ada%40example.org',
    'kind=webhook&address=ada%40example.org',
    ...[
      'http://example.org/hook',
      'https://127.0.0.1/',
      'https://[::1]/',
      'https://2130706433/',
      'https://localhost/',
      'https://db.internal/',
      'https://localhost./',
      'https://user:word@example.org/',
      'file:///etc/passwd',
    ].map((url) => `kind=webhook&address=${encodeURIComponent(url)}`),
  ];
  for (const [index, fields] of bad.entries()) {
    const answer = await form('/subscribe', fields, `192.0.2.${index + 1}`);
    assert.equal(answer.statusCode, 400, fields);
    assert.match(answer.body, /<p>.{20,}\.<\/p>/);
  }
  assert.equal((await form('/subscribe', `address=${'a'.repeat(20_000)}`)).statusCode, 413);
  assert.deepEqual(sent, []);
  const noMail = open(t, { isMailPossible: false });
  assert.match((await noMail.form('/subscribe', 'address=ada%40example.org')).body, /sends no mail/);
});

test('a webhook is used after somebody has opened the link that it was sent', async (t) => {
  const { sent, subscribers, form } = open(t);
  const answer = await form(
    '/subscribe',
    `kind=webhook&address=${encodeURIComponent('https://hooks.example.org/a?b=c#d')}`,
  );
  assert.equal(answer.statusCode, 202);
  assert.deepEqual(sent[0]!.target, { kind: 'webhook', url: 'https://hooks.example.org/a?b=c' });
  const { subscription } = sent[0]!.json as { subscription: { confirm_url: string } };
  assert.equal((await form(new URL(subscription.confirm_url).pathname, '')).statusCode, 200);
  assert.equal(subscribers.confirmed()[0]!.target.kind, 'webhook');
  for (let number = 0; number < 9; number++)
    await form('/subscribe', `kind=webhook&address=${encodeURIComponent(`https://hooks.example.org/${number}`)}`);
  assert.equal(sent.length, 5, 'a host is not flooded through its many addresses');
});

test('an address that refuses five messages in a row for good is left alone', async (t) => {
  const { sent, subscribers, form, linkIn } = open(t);
  await form('/subscribe', 'address=ada%40example.org');
  await form(linkIn(sent[0], 'subscribe/confirm'), '');
  const { target } = subscribers.confirmed()[0]!;
  for (let count = 1; count < refusalsMax; count++) subscribers.noteDelivery(target, false);
  subscribers.noteDelivery(target, true);
  for (let count = 1; count < refusalsMax; count++) subscribers.noteDelivery(target, false);
  assert.equal(subscribers.confirmed().length, 1);
  subscribers.noteDelivery(target, false);
  assert.deepEqual(subscribers.confirmed(), []);
});
