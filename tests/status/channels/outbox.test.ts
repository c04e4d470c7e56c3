/** The outbox: nothing that was put into it is lost, and nothing in it stands in the way of a page. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { ChannelSettings } from '../../../src/status/channels/carry.ts';
import { channelConditions } from '../../../src/status/channels/conditions.ts';
import type { Message } from '../../../src/status/channels/message.ts';
import { type Letter, Outbox } from '../../../src/status/channels/outbox.ts';
import { openStatusDatabase } from '../../../src/status/database.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { isRefusal } from '../../../src/std/refusals.ts';
import { temporaryFolder } from '../../gallery.ts';
import {
  countedRandom,
  type HandClock,
  handClock,
  mailSettings,
  receiveHttp,
  receiveMail,
  settingsOf,
} from './receivers.ts';

const message: Message = {
  event: 'alarm.firing',
  id: 'alarm1',
  title: 'T',
  text: 'x',
  severity: 'page',
  state: 'firing',
  url: '',
};
const hour = 3_600_000;

function letter(target: Letter['target'], dedupeKey: string, clock: HandClock, more: Partial<Letter> = {}): Letter {
  return { target, message: { ...message, title: dedupeKey }, dedupeKey, expiresAt: clock.now() + 24 * hour, ...more };
}

function open(file: string, clock: HandClock, settings: ChannelSettings, deadlineMs = 5_000) {
  const db = openStatusDatabase(file, schemaSteps);
  const outbox = new Outbox({ db, clock, random: countedRandom(), settings: () => settings, deadlineMs });
  return {
    outbox,
    async close() {
      await outbox.close();
      db.close();
    },
  };
}

async function opened(t: TestContext, settings: ChannelSettings, deadlineMs?: number) {
  const clock = handClock('2026-11-21T10:00:00Z');
  const { outbox, close } = open(':memory:', clock, settings, deadlineMs);
  t.after(close);
  return { clock, outbox };
}

const channel = (name: string, url: string) => ({ kind: 'webhook' as const, name, url });
const toChannel = (name: string) => ({ kind: 'channel' as const, name });

/** Lets time pass in steps until something holds. */
async function passUntil(clock: HandClock, outbox: Outbox, holds: () => boolean, stepMs = 5_000, stepsMax = 1_000) {
  for (let step = 0; step < stepsMax && !holds(); step += 1) {
    clock.advance(stepMs);
    outbox.deliver();
    await outbox.settled();
  }
  assert.ok(holds());
}

test('a message that the server answered with silence is sent again, with the same id, until it is taken', async (t) => {
  const receiver = await receiveHttp(t);
  receiver.answer = (_call, response) => response.destroy();
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', receiver.url)] }));
  outbox.enqueue(letter(toChannel('chat'), 'one', clock));
  await outbox.settled();
  assert.equal(receiver.calls.length, 1);
  receiver.answer = (_call, response) => response.end();
  await passUntil(clock, outbox, () => receiver.calls.length === 2);
  assert.equal(new Set(receiver.calls.map(({ headers }) => headers['x-holdfast-delivery'])).size, 1);
  await passUntil(clock, outbox, () => outbox.state()[0]?.waiting === 0);
  assert.equal(receiver.calls.length, 2);
});

test('a mail whose connection broke behind its last byte comes twice rather than never, as one Message-ID', async (t) => {
  let isBreaking = true;
  const raws: string[] = [];
  const server = await receiveMail(t, {
    onData(stream, _session, done) {
      let raw = '';
      stream.on('data', (chunk) => {
        raw += chunk;
      });
      stream.on('end', () => {
        raws.push(raw);
        if (!isBreaking) return done();
        // The mail is taken, and nobody hears of it.
        server.drop();
      });
    },
  });
  const channels = [{ kind: 'mail' as const, name: 'anna', to: 'anna@example.org' }];
  const { clock, outbox } = await opened(t, settingsOf({ channels, mail: mailSettings(server.port) }));
  outbox.enqueue(letter(toChannel('anna'), 'one', clock));
  await outbox.settled();
  assert.equal(outbox.state()[0]?.waiting, 1);
  isBreaking = false;
  await passUntil(clock, outbox, () => outbox.state()[0]?.waiting === 0);
  assert.equal(raws.length, 2);
  assert.equal(new Set(raws.map((raw) => /^message-id: (.*)$/im.exec(raw)?.[1])).size, 1);
});

test('what waits survives the end of the service, and what was sent is not sent again', async (t) => {
  const receiver = await receiveHttp(t);
  const clock = handClock('2026-11-21T10:00:00Z');
  const file = join(await temporaryFolder(t), 'status.sqlite');
  const settings = settingsOf({ channels: [channel('chat', receiver.url)] });
  const first = open(file, clock, settings);
  first.outbox.enqueue(letter(toChannel('chat'), 'sent', clock));
  await first.outbox.settled();
  receiver.answer = () => undefined;
  first.outbox.enqueue(letter(toChannel('chat'), 'under way', clock));
  while (receiver.calls.length < 2) await new Promise((done) => setImmediate(done));
  first.outbox.enqueue(letter(toChannel('chat'), 'not yet', clock, { notBefore: clock.now() + hour }));
  await first.close();

  receiver.answer = (_call, response) => response.end();
  const second = open(file, clock, settings);
  t.after(second.close);
  assert.equal(second.outbox.state()[0]?.waiting, 2);
  second.outbox.enqueue(letter(toChannel('chat'), 'sent', clock));
  second.outbox.deliver();
  await second.outbox.settled();
  assert.deepEqual(
    receiver.calls.map(({ body }) => JSON.parse(body).title),
    ['sent', 'under way', 'under way'],
  );
  clock.advance(hour);
  second.outbox.deliver();
  await second.outbox.settled();
  assert.equal(JSON.parse(receiver.calls[3]!.body).title, 'not yet');
  assert.equal(second.outbox.state()[0]?.sent, 3);
});

test('a page passes ten thousand messages to subscribers, and one to a channel that hangs', async (t) => {
  const mailServer = await receiveMail(t);
  const pager = await receiveHttp(t);
  const hanging = await receiveHttp(t);
  hanging.answer = () => undefined;
  const channels = [channel('hanging', hanging.url), channel('pager', pager.url)];
  const { clock, outbox } = await opened(t, settingsOf({ channels, mail: mailSettings(mailServer.port) }), 60_000);
  const toSubscriber = (_: unknown, at: number) => letter({ kind: 'mail', to: `s${at}@example.org` }, `s${at}`, clock);
  outbox.enqueueAll(Array.from({ length: 10_000 }, toSubscriber));
  for (let at = 0; at < 100; at += 1) outbox.enqueue(letter(toChannel('hanging'), `h${at}`, clock));
  while (mailServer.mails.length < 20) await new Promise((done) => setTimeout(done, 5));
  const before = mailServer.mails.length;
  pager.answer = (_call, response) => {
    response.end();
    assert.ok(mailServer.mails.length - before < 20, 'the page did not stand in line');
  };
  outbox.enqueue(letter(toChannel('pager'), 'page', clock, { isUrgent: true }));
  while (pager.calls.length === 0) await new Promise((done) => setTimeout(done, 1));
  assert.equal(hanging.calls.length, 2);
  const mails = outbox.state().find(({ name }) => name === 'subscribers:mail');
  assert.ok(mails && mails.waiting > 9_900, `${mails?.waiting} still wait`);
});

test('a page goes before all that waits on its own channel, and waits for no pause', async (t) => {
  const receiver = await receiveHttp(t);
  receiver.answer = (_call, response) => response.writeHead(503).end();
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', receiver.url)] }));
  for (const at of [1, 2, 3, 4]) outbox.enqueue(letter(toChannel('chat'), `reminder ${at}`, clock));
  await outbox.settled();
  const triedAtFirst = receiver.calls.length;
  assert.equal(triedAtFirst, 2, 'two went out together, and the failure stopped the rest');
  outbox.deliver();
  await outbox.settled();
  assert.equal(receiver.calls.length, triedAtFirst, 'nothing is tried within the pause');
  receiver.answer = (_call, response) => response.end();
  outbox.enqueue(letter(toChannel('chat'), 'page', clock, { isUrgent: true }));
  await outbox.settled();
  assert.equal(JSON.parse(receiver.calls[triedAtFirst]!.body).title, 'page');
});

test('one message that a provider refuses holds up none behind it', async (t) => {
  const receiver = await receiveHttp(t);
  receiver.answer = ({ body }, response) => response.writeHead(body.includes('poison') ? 400 : 200).end();
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', receiver.url)] }));
  outbox.enqueue(letter(toChannel('chat'), 'poison', clock));
  for (const at of [1, 2, 3]) outbox.enqueue(letter(toChannel('chat'), `good ${at}`, clock));
  await passUntil(clock, outbox, () => outbox.state()[0]?.sent === 3, 1_000);
  assert.equal(outbox.state()[0]?.waiting, 1);
});

test('refusals are kept, counted, shown in the words of the provider, and are a condition until something is taken', async (t) => {
  const receiver = await receiveHttp(t);
  receiver.answer = (_call, response) => response.writeHead(302, { location: '/elsewhere' }).end('moved');
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', receiver.url)] }));
  const condition = () => channelConditions(outbox.state(), clock.now())[0]!;
  assert.equal(condition().isFiring, false);
  outbox.enqueue(letter(toChannel('chat'), 'one', clock));
  await passUntil(clock, outbox, () => condition().isFiring === true);
  const state = outbox.state()[0]!;
  assert.equal(state.refusalsInRow, 3);
  assert.equal(state.lastFailureWords, 'the answer was 302: moved');
  assert.match(condition().text, /The last 3 tries were refused.*302: moved/);
  assert.equal(
    receiver.calls.some(({ url }) => url === '/elsewhere'),
    false,
    'redirects are not followed',
  );
  receiver.answer = (_call, response) => response.end();
  await passUntil(clock, outbox, () => outbox.state()[0]?.sent === 1);
  assert.equal(condition().isFiring, false);
});

test('a channel is reported when its oldest message waits for minutes, and stays so when the message is given up', async (t) => {
  const receiver = await receiveHttp(t);
  receiver.answer = (_call, response) => response.writeHead(503).end();
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', receiver.url)] }));
  const isFiring = () => channelConditions(outbox.state(), clock.now())[0]!.isFiring;
  outbox.enqueue(letter(toChannel('chat'), 'one', clock, { expiresAt: clock.now() + hour }));
  await passUntil(clock, outbox, () => isFiring() === true, 10_000);
  assert.ok(clock.now() - outbox.state()[0]!.oldestUnsentAt! <= 310_001);
  await passUntil(clock, outbox, () => outbox.state()[0]?.waiting === 0, 60_000);
  assert.equal(isFiring(), true);
  assert.equal(outbox.state()[0]?.lostInRow, 1);
});

test('a message that is to wait for the morning is no sign of a dead channel', async (t) => {
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', 'http://127.0.0.1:9')] }));
  outbox.enqueue(letter(toChannel('chat'), 'one', clock, { notBefore: clock.now() + 8 * hour }));
  clock.advance(7 * hour);
  assert.equal(channelConditions(outbox.state(), clock.now())[0]!.isFiring, false);
});

test('an unknown recipient is given up at once, and others still get their mail', async (t) => {
  const server = await receiveMail(t, {
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
  });
  const { clock, outbox } = await opened(t, settingsOf({ mail: mailSettings(server.port) }));
  const told: string[] = [];
  outbox.onTried(({ target }, outcome) => {
    if (outcome !== 'expired' && outcome.kind === 'refused' && outcome.isFinal && target.kind === 'mail')
      told.push(target.to);
  });
  for (const name of ['gone', 'anna', 'ben'])
    outbox.enqueue(letter({ kind: 'mail', to: `${name}@example.org` }, name, clock));
  await outbox.settled();
  assert.deepEqual(told, ['gone@example.org']);
  assert.equal(server.mails.length, 2);
  const state = outbox.state()[0]!;
  assert.deepEqual([state.waiting, state.refused, state.sent, state.refusalsInRow], [0, 1, 2, 0]);
});

test('a log-in that the provider refuses for days loses no message', async (t) => {
  let isSuspended = true;
  const server = await receiveMail(t, {
    onMailFrom: (_address, _session, done) =>
      done(isSuspended ? Object.assign(new Error('account suspended'), { responseCode: 550 }) : null),
  });
  const { clock, outbox } = await opened(
    t,
    settingsOf({ channels: [{ kind: 'mail', name: 'anna', to: 'anna@example.org' }], mail: mailSettings(server.port) }),
  );
  for (const at of [1, 2, 3])
    outbox.enqueue(letter(toChannel('anna'), `m${at}`, clock, { expiresAt: clock.now() + 7 * 24 * hour }));
  for (let passed = 0; passed < 24; passed += 1) {
    clock.advance(hour);
    outbox.deliver();
    await outbox.settled();
  }
  assert.equal(outbox.state()[0]?.waiting, 3);
  isSuspended = false;
  await passUntil(clock, outbox, () => outbox.state()[0]?.waiting === 0, 60_000);
  assert.equal(server.mails.length, 3);
});

test('a lane that is full and a message that is too large are refused', async (t) => {
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', 'http://127.0.0.1:9')] }));
  const large = outbox.enqueue(
    letter(toChannel('chat'), 'large', clock, { message: { ...message, text: 'x'.repeat(100_001) } }),
  );
  assert.ok(isRefusal(large) && large.code === 'form-field-invalid');
  const later = { notBefore: clock.now() + hour };
  for (let at = 0; at < 10_000; at += 1) outbox.enqueue(letter(toChannel('chat'), `m${at}`, clock, later));
  const tooMany = outbox.enqueue(letter(toChannel('chat'), 'one more', clock, later));
  assert.ok(isRefusal(tooMany) && tooMany.code === 'busy');
  const again = outbox.enqueue(letter(toChannel('chat'), 'm1', clock, later));
  assert.ok(!isRefusal(again), 'one that is there already is no other message');
});

test('what is withdrawn is not sent, makes room, and what is older than a week is removed', async (t) => {
  const receiver = await receiveHttp(t);
  const { clock, outbox } = await opened(t, settingsOf({ channels: [channel('chat', receiver.url)] }));
  outbox.enqueue(letter(toChannel('chat'), 'sent', clock, { reference: 'a' }));
  await outbox.settled();
  const later = { notBefore: clock.now() + hour, reference: 'a' };
  for (const at of [1, 2, 3]) outbox.enqueue(letter(toChannel('chat'), `m${at}`, clock, later));
  assert.equal(outbox.state()[0]?.waiting, 3);
  assert.equal(outbox.withdraw('a'), 3);
  assert.equal(outbox.state()[0]?.waiting, 0);
  clock.advance(2 * hour);
  outbox.deliver();
  await outbox.settled();
  assert.equal(receiver.calls.length, 1);
  assert.deepEqual(
    outbox.ofReference('a').map(({ state }) => state),
    ['sent', 'withdrawn', 'withdrawn', 'withdrawn'],
  );
  clock.advance(7 * 24 * hour);
  outbox.keep();
  assert.equal(outbox.ofReference('a').length, 0);
  assert.equal(outbox.state()[0]?.sent, 1, 'figures stay');
});
