/** Shakes hands with a mail server as another mail server does (RFC 5321), up to the point where a message would begin; then takes leave. */
import type { Socket } from 'node:net';
import type { Clock } from '../../std/clock.ts';
import { type Attempt, Finding, findingAbout } from './attempt.ts';
import { judgeCertificate } from './certificate.ts';
import { dial, dialTls, type Target } from './dial.ts';

export interface MailServer extends Target {
  /** Asks for TLS (RFC 3207) and judges the certificate. */
  readonly startTls: boolean;
  readonly ca?: string | undefined;
}

/** How we call ourselves; a mail server takes any name that is one. */
const ownName = 'holdfast.invalid';
/** Longer replies are no greeting. */
const replyCharactersMax = 64 * 1024;

export async function shakeHands(server: MailServer, clock: Clock, attempt: Attempt): Promise<void> {
  const { signal } = attempt;
  let socket: Socket = await attempt.step('connect', () => dial(server, signal));
  try {
    await attempt.step('greeting', () => expectReply(socket, undefined, '220'));
    let abilities = await attempt.step('EHLO', () => expectReply(socket, `EHLO ${ownName}`, '250'));
    if (server.startTls) {
      if (!/^250[ -]STARTTLS\r?$/im.test(abilities)) throw new Finding('the mail server does not offer STARTTLS');
      await attempt.step('STARTTLS', () => expectReply(socket, 'STARTTLS', '220'));
      const secured = await attempt.step('TLS', () => dialTls(socket, { name: server.host, ca: server.ca }, signal));
      socket = secured;
      await judgeCertificate(secured, { name: server.host }, clock, attempt);
      abilities = await attempt.step('EHLO over TLS', () => expectReply(socket, `EHLO ${ownName}`, '250'));
    }
    await attempt.step('QUIT', () => expectReply(socket, 'QUIT', '221'));
  } finally {
    socket.destroy();
  }
}

/** @returns the whole reply, all its lines; throws Finding when it is another one, or none */
async function expectReply(socket: Socket, command: string | undefined, code: string): Promise<string> {
  const what = command?.split(' ')[0] ?? 'the greeting';
  const reply = await readReply(socket, command).catch((error: unknown) => findingAbout(what, error));
  if (reply.startsWith(code)) return reply;
  throw new Finding(`the mail server answered ${what} with "${reply.split(/\r?\n/)[0]}"`);
}

/** The last line of a reply has a blank after its code. */
function readReply(socket: Socket, command: string | undefined): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const onData = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (/^\d{3}( [^\n]*)?\r?\n$/m.test(text.slice(text.lastIndexOf('\n', text.length - 2) + 1))) resolve(text);
    else if (text.length > replyCharactersMax) reject(new Finding('the mail server’s reply has no end'));
  };
  const onClose = () => reject(new Finding('the mail server closed the connection'));
  socket.on('data', onData);
  socket.once('close', onClose);
  socket.once('error', reject);
  if (socket.destroyed) onClose();
  else if (command !== undefined) socket.write(`${command}\r\n`);
  return promise.finally(() => {
    socket.off('data', onData);
    socket.off('close', onClose);
    socket.off('error', reject);
  });
}
