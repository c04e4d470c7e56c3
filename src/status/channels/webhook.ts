/**
 * Webhooks: a JSON body and a signature that says that it came from here and when. src/status/channels/README.md shows both to
 * whoever receives them.
 */
import { createHmac } from 'node:crypto';
import type { Message } from './message.ts';

/**
 * @param deliveryId the same in each try of one message
 * @param at when the message was made, UTC milliseconds
 * @returns the JSON text
 */
export function webhookBody(message: Message, deliveryId: string, at: number): string {
  if (message.json !== undefined) return JSON.stringify(message.json);
  const { event, id, title, text, severity, state, url } = message;
  return JSON.stringify({
    delivery: deliveryId,
    event,
    id,
    title,
    text,
    severity,
    state,
    url: url === '' ? null : url,
    created_at: new Date(at).toISOString(),
  });
}

/**
 * @param now UTC milliseconds
 * @returns value of `X-Holdfast-Signature`: `t=SECONDS,v1=HEX`, HMAC-SHA256 of `SECONDS.BODY`
 */
export function signature(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** @returns the headers of a webhook, signed when there is a secret */
export function webhookHeaders(
  body: string,
  deliveryId: string,
  now: number,
  secret: string | undefined,
): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Holdfast-Status',
    'x-holdfast-delivery': deliveryId,
    ...(secret === undefined ? {} : { 'x-holdfast-signature': signature(secret, body, now) }),
  };
}
