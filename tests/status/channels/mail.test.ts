/** Mail: what arrives at a real SMTP server, and what becomes of a message when the server does not want it or dies. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import type { SMTPServerOptions } from 'smtp-server';
import { isNear, sendMail } from '../../../src/status/channels/mail.ts';
import type { Message } from '../../../src/status/channels/message.ts';
import { temporaryFolder } from '../../gallery.ts';
import { mailSettings, receiveMail } from './receivers.ts';

const message: Message = {
  event: 'alarm.firing',
  id: 'abc123abc123',
  title: 'Installing Python packages fails',
  text: 'First line.\nÜber zwei Zeilen.',
  severity: 'page',
  state: 'firing',
  url: 'https://status.example.org/confirm/x',
};

function callTo(settings: ReturnType<typeof mailSettings>, more: object = {}) {
  const at = Date.parse('2026-11-21T10:00:00Z');
  const never = new AbortController().signal;
  const base = { settings, to: 'anna@example.org', message, deliveryId: 'delivery0001', list: 'alarms', at };
  return { ...base, deadlineMs: 5_000, signal: never, ...more };
}

const headersOf = (raw: string) =>
  raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');

test('a mail says who made it, that no holiday notice is wanted, and has the same id in each try', async (t) => {
  const server = await receiveMail(t);
  assert.deepEqual(await sendMail(callTo(mailSettings(server.port))), { kind: 'taken' });
  assert.deepEqual(await sendMail(callTo(mailSettings(server.port))), { kind: 'taken' });
  const [first, second] = server.mails;
  assert.deepEqual(first?.to, ['anna@example.org']);
  const headers = headersOf(first.raw);
  for (const line of [
    'Message-ID: <delivery0001@example.org>',
    'Auto-Submitted: auto-generated',
    'List-ID: <alarms.example.org>',
    'Subject: Installing Python packages fails',
    'Date: Sat, 21 Nov 2026 10:00:00 +0000',
    'X-Priority: 1 (Highest)',
  ]) {
    assert.ok(
      headers.some((header) => header.toLowerCase() === line.toLowerCase()),
      `${line} in\n${headers.join('\n')}`,
    );
  }
  assert.equal(
    headersOf(second!.raw).find((line) => /^message-id/i.test(line)),
    headers.find((line) => /^message-id/i.test(line)),
  );
});

test('whatever stands in a title, header or address adds no header and no recipient', async (t) => {
  const server = await receiveMail(t);
  const evil = 'A\r\nBcc: victim@example.org\r\n\r\nbody\u2028X-Evil: 1';
  const mailHeaders = {
    'List-Unsubscribe': '<https://e.example>\r\nBcc: victim@example.org',
    'X-A\r\nBcc': 'victim@example.org',
  };
  const title = { ...message, title: evil, event: evil, id: evil, mailHeaders };
  assert.deepEqual(await sendMail(callTo(mailSettings(server.port), { message: title })), { kind: 'taken' });
  const headers = headersOf(server.mails[0]!.raw);
  assert.deepEqual(
    headers.filter((line) => /^(bcc|x-evil|body)/i.test(line)),
    [],
  );
  assert.deepEqual(server.mails[0]!.to, ['anna@example.org']);
  for (const to of [
    'a@example.org, b@example.org',
    'a@example.org\r\nBcc: b@example.org',
    'Anna <a@example.org>',
    'a b@example.org',
    '',
  ]) {
    const outcome = await sendMail(callTo(mailSettings(server.port), { to }));
    assert.equal(outcome.kind, 'refused', to);
  }
  assert.equal(server.mails.length, 1);
});

test('a password may hold any character, and is read when it is needed', async (t) => {
  const passwords = ['ä ö€"\'\\ %20=?\t#', ' leading and trailing ', 'line\nin the middle', '漢字🔑'];
  const seen: string[] = [];
  const onAuth: SMTPServerOptions['onAuth'] = (auth, _session, done) => {
    seen.push(auth.password ?? '');
    done(null, { user: 'status' });
  };
  const file = join(await temporaryFolder(t), 'password');
  for (const authMethods of [['PLAIN'], ['LOGIN']]) {
    const server = await receiveMail(t, { authMethods, authOptional: false, allowInsecureAuth: true, onAuth });
    for (const password of passwords) {
      writeFileSync(file, `${password}\n`);
      const settings = mailSettings(server.port, { user: 'status', passwordFile: file });
      assert.deepEqual(await sendMail(callTo(settings)), { kind: 'taken' });
    }
  }
  assert.deepEqual(seen, [...passwords, ...passwords]);
});

test('a refused log-in is a refusal in the words of the server', async (t) => {
  const onAuth = (_auth: unknown, _session: unknown, done: (error: Error) => void) =>
    done(Object.assign(new Error('account suspended'), { responseCode: 535 }));
  const server = await receiveMail(t, { authOptional: false, allowInsecureAuth: true, onAuth });
  const file = join(await temporaryFolder(t), 'password');
  writeFileSync(file, 'once right');
  const outcome = await sendMail(callTo(mailSettings(server.port, { user: 'status', passwordFile: file })));
  assert.ok(outcome.kind === 'refused' && !outcome.isFinal && !outcome.isAboutRecipient);
  assert.match(outcome.words, /535 account suspended to AUTH/);
});

test('550 to the recipient is about him, 452 may work later', async (t) => {
  for (const [responseCode, kind, isFinal] of [
    [550, 'refused', true],
    [452, 'failed', false],
  ] as const) {
    const server = await receiveMail(t, {
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('not here'), { responseCode })),
    });
    const outcome = await sendMail(callTo(mailSettings(server.port)));
    assert.ok(outcome.kind !== 'taken');
    assert.deepEqual([outcome.kind, outcome.isFinal, outcome.isAboutRecipient], [kind, isFinal, true]);
    assert.match(outcome.words, new RegExp(`${responseCode} not here`));
  }
});

test('554 to the sender or to the message is about the way, and is tried again', async (t) => {
  const refuse = () => Object.assign(new Error('sending is suspended'), { responseCode: 554 });
  for (const faults of [
    { onMailFrom: (_address: unknown, _session: unknown, done: (error: Error) => void) => done(refuse()) },
    {
      onData(stream: NodeJS.ReadableStream, _session: unknown, done: (error: Error) => void) {
        stream.resume();
        stream.on('end', () => done(refuse()));
      },
    },
  ]) {
    const server = await receiveMail(t, faults);
    const outcome = await sendMail(callTo(mailSettings(server.port)));
    assert.ok(outcome.kind === 'refused' && !outcome.isFinal && !outcome.isAboutRecipient, JSON.stringify(outcome));
    assert.match(outcome.words, /554/);
  }
});

test('a server that says nothing, one that speaks for ever, and one that is not there end within the deadline', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => undefined));
  const dripping = createServer((socket) => {
    const timer = setInterval(() => socket.write('220-still greeting\r\n'), 20);
    socket.on('error', () => undefined).on('close', () => clearInterval(timer));
  });
  for (const server of [silent, dripping]) {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const outcome = await sendMail(callTo(mailSettings(port), { deadlineMs: 300 }));
    assert.ok(outcome.kind === 'failed' && /within 300 ms|timeout/i.test(outcome.words), JSON.stringify(outcome));
  }
  const gone = await receiveMail(t);
  await gone.close();
  const outcome = await sendMail(callTo(mailSettings(gone.port)));
  assert.ok(outcome.kind === 'failed' && /ECONNREFUSED/.test(outcome.words));
});

test('an encrypted server is believed when its certificate is, from the first byte or from STARTTLS on', async (t) => {
  const folder = await temporaryFolder(t);
  const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', keyFile, '-out', caFile, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...names, ...files], { stdio: 'ignore' });
  const pair = { key: readFileSync(keyFile), cert: readFileSync(caFile) };
  for (const isSecure of [true, false]) {
    const server = await receiveMail(t, { ...pair, secure: isSecure, hideSTARTTLS: false, disabledCommands: [] });
    const settings = mailSettings(server.port, { host: 'localhost', isSecure });
    const unknown = await sendMail(callTo(settings));
    assert.ok(unknown.kind === 'failed' && /self.signed certificate/i.test(unknown.words), JSON.stringify(unknown));
    assert.deepEqual(await sendMail(callTo({ ...settings, caFile })), { kind: 'taken' });
    assert.equal(server.mails.length, 1);
  }
});

test('a password is sent in the clear to this machine and its own network only', () => {
  for (const host of ['localhost', '127.0.0.1', '::1', '10.1.2.3', 'fd00::25']) assert.equal(isNear(host), true, host);
  for (const host of ['mail.example.org', 'localhost.example.org', '8.8.8.8', '2606:4700::1111']) {
    assert.equal(isNear(host), false, host);
  }
});
