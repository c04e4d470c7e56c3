/** One try of one message: finds out how its target is reached, and goes that way. It never throws. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../std/clock.ts';
import type { ConfiguredChannel } from '../config/on-call-schema.ts';
import type { StatusConfig } from '../config/schema.ts';
import { callHttp } from './http-request.ts';
import { fillBody, fillUrl } from './http-template.ts';
import { sendMail } from './mail.ts';
import { type Message, type Outcome, oneLine, type Target } from './message.ts';
import { webhookBody, webhookHeaders } from './webhook.ts';

/** The part of the configuration that channels need; asked for anew with each try, because it may have been read again. */
export type ChannelSettings = Pick<StatusConfig, 'channels' | 'mail' | 'subscribers'>;

export interface Parcel {
  readonly id: string;
  readonly target: Target;
  readonly message: Message;
  readonly createdAt: number;
}

export interface Carriage {
  readonly settings: () => ChannelSettings;
  readonly clock: Clock;
  /** How long one try may take, in milliseconds. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export async function carry(parcel: Parcel, carriage: Carriage): Promise<Outcome> {
  try {
    return await byTarget(parcel, carriage);
  } catch (error) {
    // A file with a password that cannot be read, an address that is none: it may be mended while the message waits.
    const words = oneLine((error as Error).message, 300);
    return { kind: 'failed', words, isAboutRecipient: false, isFinal: false };
  }
}

async function byTarget(parcel: Parcel, carriage: Carriage): Promise<Outcome> {
  const { target } = parcel;
  const { channels, subscribers } = carriage.settings();
  if (target.kind === 'mail') return byMail(parcel, target.to, 'status', carriage);
  if (target.kind === 'webhook') {
    return byWebhook(parcel, target.url, target.secret, subscribers.isPrivateAllowed, carriage);
  }
  const channel = channels.find(({ name }) => name === target.name);
  if (channel === undefined) {
    const words = 'the configuration has no channel of this name any more';
    return { kind: 'refused', words, isAboutRecipient: false, isFinal: true };
  }
  const outcome = await byChannel(parcel, channel, carriage);
  // A configured channel is one recipient: whatever it refuses may be mended by whoever runs it, while the message waits.
  return outcome.kind === 'taken' ? outcome : { ...outcome, isAboutRecipient: false, isFinal: false };
}

function byChannel(parcel: Parcel, channel: ConfiguredChannel, carriage: Carriage): Promise<Outcome> {
  if (channel.kind === 'mail') return byMail(parcel, channel.to, 'alarms', carriage);
  if (channel.kind === 'http') return byTemplate(parcel, channel, carriage);
  const secret =
    channel.secretFile === undefined ? undefined : readFileSync(channel.secretFile, 'utf8').replace(/\r?\n$/, '');
  return byWebhook(parcel, channel.url, secret, true, carriage);
}

async function byMail(
  parcel: Parcel,
  to: string,
  list: string,
  { settings, deadlineMs, signal }: Carriage,
): Promise<Outcome> {
  const { mail } = settings();
  if (mail === undefined) throw new Error('the configuration names no mail server ("mail")');
  const { id: deliveryId, message, createdAt: at } = parcel;
  return sendMail({ settings: mail, to, message, deliveryId, list, at, deadlineMs, signal });
}

async function byWebhook(
  { id, message, createdAt }: Parcel,
  url: string,
  secret: string | undefined,
  isPrivateAllowed: boolean,
  { clock, deadlineMs, signal }: Carriage,
): Promise<Outcome> {
  const body = webhookBody(message, id, createdAt);
  const headers = webhookHeaders(body, id, clock.now(), secret);
  return callHttp({ url, method: 'POST', headers, body, deadlineMs, isPrivateAllowed, signal });
}

async function byTemplate(
  { message }: Parcel,
  channel: ConfiguredChannel & { kind: 'http' },
  { deadlineMs, signal }: Carriage,
): Promise<Outcome> {
  const given = Object.fromEntries(Object.entries(channel.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const contentType = given['content-type'] ?? 'application/json; charset=utf-8';
  return callHttp({
    url: fillUrl(channel.url, message),
    method: channel.method,
    headers: { 'user-agent': 'Holdfast-Status', 'content-type': contentType, ...given },
    body: fillBody(channel.body, message, contentType),
    deadlineMs,
    isPrivateAllowed: true,
    signal,
  });
}
