/**
 * What is told and to whom, in a form that every kind of channel can say: a mail, a JSON body, a line in a chat. Whoever writes a
 * message knows nothing of channels, and a channel nothing of alarms or incidents.
 */

export interface Message {
  /** What happened, for programs: `alarm.firing`, `alarm.ended`, `incident.updated`. */
  readonly event: string;
  /** Of what it tells: the same in every message about one alarm or incident. */
  readonly id: string;
  /** One line; line ends in it become blanks. */
  readonly title: string;
  /** Plain text, lines parted by `\n`. */
  readonly text: string;
  /** `page`, `ticket`, or an impact. */
  readonly severity: string;
  /** `firing`, `ended`, `test`, or the status of an incident. */
  readonly state: string;
  /** Where to go on: the address that confirms, or the incident’s page. Empty when there is none. */
  readonly url: string;
  /** Further headers of a mail, such as `List-Unsubscribe`. */
  readonly mailHeaders?: Readonly<Record<string, string>>;
  /** Body of a webhook in place of the standard one. */
  readonly json?: unknown;
}

/**
 * `channel` is one that the operator configured and is trusted with its address; the others are addresses that somebody gave us.
 */
export type Target =
  | { readonly kind: 'channel'; readonly name: string }
  | { readonly kind: 'mail'; readonly to: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret?: string };

/** What became of one try. */
export type Outcome =
  | { readonly kind: 'taken' }
  | {
      /** `refused`: the other side said no (5xx of SMTP, 3xx and 4xx of HTTP). `failed`: it could not be reached, or asked to come later. */
      readonly kind: 'refused' | 'failed';
      /** For people; holds no address and no secret. */
      readonly words: string;
      /** About this one recipient, while others may well be reached the same way. */
      readonly isAboutRecipient: boolean;
      /** Whether another try is of no use. */
      readonly isFinal: boolean;
    };

/** The name that limits, pauses and figures of a way out go by: a channel, the mail server, or a host. */
export function circuitOf(target: Target): string {
  if (target.kind === 'channel') return `channel:${target.name}`;
  if (target.kind === 'mail') return 'subscribers:mail';
  return `subscribers:${URL.canParse(target.url) ? new URL(target.url).host : 'nowhere'}`;
}

/** @returns one line without control characters, at most so many characters */
export function oneLine(text: string, lengthMax: number): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, lengthMax)
    .toWellFormed();
}
