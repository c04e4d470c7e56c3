/**
 * Mail through one SMTP server. What strangers wrote cannot add a header or a recipient, the password is read when it is needed, and
 * what the server said stands in the outcome: a provider that refuses us must be seen, and not only tried again.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import { createTransport } from 'nodemailer';
import type { StatusConfig } from '../config/schema.ts';
import { isMailAddress } from './mail-address.ts';
import { type Message, type Outcome, oneLine } from './message.ts';
import { isPrivateAddress } from './private-network.ts';

export type MailSettings = NonNullable<StatusConfig['mail']>;

export interface MailCall {
  readonly settings: MailSettings;
  readonly to: string;
  readonly message: Message;
  /** The same in each try, so that a mail that came twice can be known as one. */
  readonly deliveryId: string;
  /** `alarms` or `status`: first part of `List-Id`. */
  readonly list: string;
  /** When it was made; UTC milliseconds. */
  readonly at: number;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const subjectLengthMax = 200;
const wordsLengthMax = 300;
/** @returns `taken` when the server answered 250 behind the message */
export async function sendMail(call: MailCall): Promise<Outcome> {
  if (!isMailAddress(call.to)) return refusal('this is not a plain mail address', true, true);
  const deadline = AbortSignal.timeout(call.deadlineMs);
  try {
    const transport = createTransport(transportOptions(call));
    await transport.sendMail({ ...mailOf(call), signal: AbortSignal.any([deadline, call.signal]) });
    return { kind: 'taken' };
  } catch (error) {
    if (deadline.aborted) return failure(`the mail server did not finish within ${call.deadlineMs} ms`);
    return outcomeOf(error as SmtpError);
  }
}

interface SmtpError extends Error {
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

function outcomeOf({ responseCode, response, command, message }: SmtpError): Outcome {
  if (responseCode === undefined) return failure(message);
  const isAboutRecipient = command === 'RCPT TO';
  const words = `the mail server answered ${response ?? message}${command === undefined ? '' : ` to ${command.split(' ', 2).join(' ')}`}`;
  return responseCode >= 500
    ? refusal(words, isAboutRecipient, isAboutRecipient)
    : { ...failure(words), isAboutRecipient };
}

function failure(words: string): Outcome & { kind: 'failed' } {
  return { kind: 'failed', words: oneLine(words, wordsLengthMax), isAboutRecipient: false, isFinal: false };
}

function refusal(words: string, isAboutRecipient: boolean, isFinal: boolean): Outcome {
  return { kind: 'refused', words: oneLine(words, wordsLengthMax), isAboutRecipient, isFinal };
}

function transportOptions({ settings, deadlineMs }: MailCall) {
  const { host, port, isSecure, user, passwordFile, caFile } = settings;
  // A line end at the end is the editor's; everything else belongs to the password.
  const password = passwordFile === undefined ? '' : readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '');
  return {
    host,
    port,
    secure: isSecure,
    requireTLS: !isSecure && user !== undefined && !isNear(host),
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    ...(caFile === undefined ? {} : { tls: { ca: [...getCACertificates('default'), readFileSync(caFile, 'utf8')] } }),
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
    dnsTimeout: deadlineMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** A password goes over an encrypted connection, unless the server is this machine or stands in its own network. */
export function isNear(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && isPrivateAddress(host));
}

function mailOf({ settings, to, message, deliveryId, list, at }: MailCall) {
  const domain = (/@([^\s@>]+)>?\s*$/.exec(settings.from)?.[1] ?? 'localhost').toLowerCase();
  const further = Object.entries(message.mailHeaders ?? {}).map(([name, value]) => [
    name.replaceAll(/[^\w-]/g, ''),
    oneLine(value, 2_000),
  ]);
  const thread = `<${message.id.replaceAll(/[^\w.-]/g, '-')}.thread@${domain}>`;
  return {
    from: oneLine(settings.from, 320),
    to: { name: '', address: to },
    subject: oneLine(message.title, subjectLengthMax),
    text: `${message.text.replaceAll('\r\n', '\n')}${message.url === '' ? '' : `\n\n${message.url}`}\n`,
    messageId: `<${deliveryId}@${domain}>`,
    references: thread,
    inReplyTo: thread,
    date: new Date(at),
    ...(message.severity === 'page' ? { priority: 'high' as const } : {}),
    headers: {
      // RFC 3834: nobody's holiday answers this.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      // RFC 2919.
      'List-Id': `<${list}.${domain}>`,
      'X-Holdfast-Event': oneLine(message.event, 100),
      ...Object.fromEntries(further),
    },
  };
}
