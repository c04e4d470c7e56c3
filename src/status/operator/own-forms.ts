/**
 * Whether a form was sent from one of our own pages. Browsers say where a form came from and pages cannot change what they say;
 * programs that say nothing carry no cookies of anybody. The form's hidden token comes on top of this.
 */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * @param pageUrl the page’s public address, which a proxy may hide from the Host header
 * @returns whether another site’s page may have sent it
 */
export function isFromElsewhere(headers: IncomingHttpHeaders, pageUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const { host } = new URL(origin);
  return host !== headers.host && !(URL.canParse(pageUrl) && new URL(pageUrl).host === host);
}
