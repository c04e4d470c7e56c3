/** The mails that subscribers get: plain text, short lines of facts first, and in every one a way out (RFC 2369, RFC 8058). */
import type { Incident, StatusView } from '../model.ts';
import { addressOf } from '../statuspage/rows.ts';
import { componentWords, incidentWords, momentOf } from '../statuspage/words.ts';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MailPage {
  readonly name: string;
  readonly url: string;
}

const subjectCharactersMax = 200;

/** @param hoursLeft until the link ends */
export function confirmationMail(page: MailPage, confirmUrl: string, about: string, hoursLeft: number): Mail {
  return {
    subject: oneLine(`[${page.name} status] Confirm your subscription`),
    text: `Somebody, probably you, asked for news of the status of ${page.name} to be sent to this address: ${about}.

To get them, open this link within ${hoursLeft} hours and press the button there:
${confirmUrl}

If it was not you, do nothing. You get no further message about this.

${page.url}/
`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

/** @returns the mail about the newest update of an incident or a maintenance, for whoever ends the subscription at the address given */
export function incidentMail(view: StatusView, incident: Incident): (unsubscribeUrl: string) => Mail {
  const { page } = view;
  const update = incident.updates[0];
  const status = incidentWords[update?.status ?? incident.status];
  const { hostname } = new URL(page.url);
  const planned =
    incident.scheduledFor === undefined || incident.scheduledUntil === undefined
      ? []
      : [`Planned: ${momentOf(incident.scheduledFor)} to ${momentOf(incident.scheduledUntil)}`];
  const affected = incident.components.map(({ name, status }) => `${name} (${componentWords[status]})`);
  const lines = [
    incident.name,
    `${status} - ${momentOf(update?.displayAt ?? incident.updatedAt)}`,
    ...planned,
    ...(affected.length === 0 ? [] : [`Affected: ${affected.join(', ')}`]),
    '',
    update?.body ?? '',
    '',
    `All updates: ${addressOf(view, incident)}`,
    '',
    '-- ',
    `You get this because you subscribed to the status of ${page.name}.`,
    '',
  ];
  const subject = oneLine(`[${page.name} status] ${status}: ${incident.name}`);
  const text = lines.join('\n');
  const headers = {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    Precedence: 'bulk',
    'List-Id': `<status.${hostname}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    // All mails of one incident are one conversation.
    References: `<incident-${incident.id}@${hostname}>`,
  };
  return (unsubscribeUrl) => ({
    subject,
    text: `${text}No more of it: ${unsubscribeUrl}\n`,
    headers: { ...headers, 'List-Unsubscribe': `<${unsubscribeUrl}>` },
  });
}

/** A subject is one line, whatever the incident is called. */
function oneLine(text: string): string {
  return Array.from(text.toWellFormed().replaceAll(/[\x00-\x1f\x7f\u0085\u2028\u2029]+/g, ' '))
    .slice(0, subjectCharactersMax)
    .join('');
}
