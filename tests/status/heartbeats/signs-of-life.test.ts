/** Our own sign of life: sent while the service is well, and only then. */
import assert from 'node:assert/strict';
import test from 'node:test';
import pino from 'pino';
import { openSignsOfLife } from '../../../src/status/heartbeats/signs-of-life.ts';
import { handClock, receiveHttp } from '../channels/receivers.ts';

test('it is sent in its rhythm while the service is well, and not at all while it is not', async (t) => {
  const receiver = await receiveHttp(t);
  const clock = handClock('2026-11-21T12:00:00Z');
  let isWell = true;
  const destinations = () => [{ url: `${receiver.url}/ping/abc`, everySeconds: 60 }];
  const signs = openSignsOfLife({ clock, log: pino({ level: 'silent' }), destinations, isWell: () => isWell });
  t.after(() => signs.close());
  const pass = async (seconds: number) => {
    for (let at = 0; at < seconds; at += 1) {
      await signs.send();
      clock.advance(1_000);
    }
  };
  await pass(120);
  assert.deepEqual(
    receiver.calls.map(({ method, url }) => `${method} ${url}`),
    ['POST /ping/abc', 'POST /ping/abc'],
  );
  isWell = false;
  await pass(300);
  assert.equal(receiver.calls.length, 2);
  isWell = true;
  await pass(1);
  assert.equal(receiver.calls.length, 3);
});

test('the log tells when none is sent, but not of the moment after a start, and not where nobody waits for one', async (t) => {
  const receiver = await receiveHttp(t);
  const lines: string[] = [];
  const log = pino(
    { base: null },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const clock = handClock('2026-11-21T12:00:00Z');
  let [isWell, isAwaited] = [false, true];
  const destinations = () => (isAwaited ? [{ url: `${receiver.url}/ping/abc`, everySeconds: 60 }] : []);
  const signs = openSignsOfLife({ clock, log, destinations, isWell: () => isWell });
  t.after(() => signs.close());
  const become = async (next: boolean) => {
    isWell = next;
    clock.advance(1_000);
    await signs.send();
  };
  await become(false);
  await become(true);
  assert.deepEqual(lines, [], 'a start');
  await become(false);
  assert.match(lines.join(), /sends no sign of life/);
  await become(true);
  assert.equal(lines.length, 2);
  isAwaited = false;
  await become(false);
  assert.equal(lines.length, 2, 'nobody waits');
});

test('a service that is not well a minute after its start says so', async (t) => {
  const lines: string[] = [];
  const clock = handClock('2026-11-21T12:00:00Z');
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const destinations = () => [{ url: 'http://127.0.0.1:9/ping', everySeconds: 60 }];
  const signs = openSignsOfLife({ clock, log, destinations, isWell: () => false });
  t.after(() => signs.close());
  await signs.send();
  clock.advance(60_000);
  await signs.send();
  assert.match(lines.join(), /sends no sign of life/);
});

test('three failures in a row are a ticket, which names the host and not the address; a success ends it', async (t) => {
  const receiver = await receiveHttp(t);
  receiver.answer = (_call, response) => response.writeHead(404).end();
  const clock = handClock('2026-11-21T12:00:00Z');
  const destinations = () => [{ url: `${receiver.url}/ping/secret-token`, everySeconds: 60 }];
  const signs = openSignsOfLife({ clock, log: pino({ level: 'silent' }), destinations, isWell: () => true });
  t.after(() => signs.close());
  const condition = () => signs.conditions()[0]!;
  assert.equal(condition().isFiring, undefined);
  for (const isFiring of [false, false, true]) {
    await signs.send();
    clock.advance(60_000);
    assert.equal(condition().isFiring, isFiring);
  }
  assert.equal(condition().severity, 'ticket');
  assert.match(condition().text, /The last 3 tries failed: the answer was 404/);
  assert.doesNotMatch(JSON.stringify(condition()), /secret-token/);
  receiver.answer = (_call, response) => response.end();
  await signs.send();
  assert.equal(condition().isFiring, false);
});

test('a receiver that says nothing holds up no other, and is a failure', async (t) => {
  const silent = await receiveHttp(t);
  silent.answer = () => undefined;
  const good = await receiveHttp(t);
  const clock = handClock('2026-11-21T12:00:00Z');
  const destinations = () => [silent, good].map(({ url }) => ({ url: `${url}/`, everySeconds: 60 }));
  const signs = openSignsOfLife({
    clock,
    log: pino({ level: 'silent' }),
    destinations,
    isWell: () => true,
    deadlineMs: 200,
  });
  t.after(() => signs.close());
  await signs.send();
  assert.equal(good.calls.length, 1);
  assert.match(signs.conditions()[0]!.text, /no answer within 200 ms/);
});
