/** One message to one subscriber, as the outbox takes it. */

export type SubscriberTarget =
  | { readonly kind: 'mail'; readonly to: string }
  /** Anybody may have named this address: whoever sends to it must connect to public addresses only, and follow nothing. */
  | { readonly kind: 'webhook'; readonly url: string };

export interface SubscriberMessage {
  readonly lane: 'subscribers';
  readonly target: SubscriberTarget;
  readonly subject: string;
  /** Plain text; the body of a mail. */
  readonly text: string;
  /** Of the mail, or of the request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of a webhook. */
  readonly json: object | undefined;
  /** A message with the same key is the same message. */
  readonly dedupeKey: string;
}
