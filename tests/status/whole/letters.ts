/** Mails as their readers see them: headers unfolded, text decoded, the links in it. */
import type { ReceivedMail } from '../channels/receivers.ts';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  header(name: string): string | undefined;
  /** Addresses in the text. */
  readonly links: readonly string[];
}

export function readLetter({ raw, to }: ReceivedMail): Letter {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw.slice(0, end).replaceAll(/\r\n[ \t]+/g, ' ');
  const header = (name: string) =>
    headers
      .split('\r\n')
      .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
      ?.slice(name.length + 1)
      .trim();
  const body = raw.slice(end + 4);
  const coding = header('content-transfer-encoding')?.toLowerCase();
  const text =
    coding === 'base64' ? Buffer.from(body, 'base64').toString() : coding === 'quoted-printable' ? plain(body) : body;
  return {
    to: to.join(),
    subject: (header('subject') ?? '').replaceAll(/=\?utf-8\?Q\?([^?]*)\?=/gi, (_, word: string) =>
      plain(word.replaceAll('_', ' ')),
    ),
    text,
    header,
    links: [...text.matchAll(/https?:\/\/[^\s<>]+/g)].map(([link]) => link),
  };
}

function plain(quoted: string): string {
  const bytes = quoted
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
