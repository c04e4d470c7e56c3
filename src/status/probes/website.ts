/** Looks at the home page as a browser does, and at health: a page with its title, nothing of third parties in it, no redirects in a circle. */
import type { Customer } from '../canary/customer.ts';
import { objectIn } from '../canary/found.ts';
import { contentOf } from '../canary/install.ts';
import { type Attempt, Finding } from './attempt.ts';
import { readerOf, visit } from './visit.ts';

const browser = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Language': 'en-US,en;q=0.5',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
};

export async function lookAtWebsite(customer: Customer, attempt: Attempt): Promise<void> {
  const stranger = { ...customer, signal: attempt.signal };
  const home = `${customer.url}/`;
  const answer = await attempt.step('page', () => visit(stranger, home, browser));
  if (answer.status !== 200) throw new Finding(`the home page was answered ${answer.status} ${answer.reason}`);
  if (!/^text\/html\b/i.test(answer.headers['content-type'] ?? '')) throw new Finding('the home page is not HTML');
  const page = contentOf(answer, home).toString('utf8');
  if (!/<title>[^<]*[^<\s][^<]*<\/title>/i.test(page)) throw new Finding('the home page has no title');
  const { origin } = new URL(customer.url);
  const policy = String(answer.headers['content-security-policy'] ?? '');
  const [third] = [...loadedBy(page, home), ...allowedBy(policy)].filter((one) => one !== origin);
  if (third !== undefined) throw new Finding(`the home page has something of ${third} in it`);
  const health = `${customer.url}/api/health`;
  objectIn(await attempt.step('health', () => readerOf(stranger)(health, browser)), health);
}

/** Origins of what a browser fetches by itself; links that people follow are no part of a page. */
function loadedBy(page: string, base: string): string[] {
  const fetched = page.matchAll(
    /<(?!a\s)[a-z]+\s[^>]*?\b(?:src|srcset|href|action|data|poster)\s*=\s*["']?([^"'\s>]+)/gi,
  );
  const inStyles = page.matchAll(/(?:url\(|@import)\s*["']?([^"')\s;]+)/gi);
  return [...fetched, ...inStyles].flatMap(([, address = '']) => originOf(URL.parse(address, base)));
}

/** Sources that the page's policy (Content-Security-Policy) would let it use, beside itself and what stands in the page. */
function allowedBy(policy: string): string[] {
  const sources = policy.split(';').flatMap((directive) => directive.trim().split(/\s+/).slice(1));
  return sources.flatMap((source) => {
    if (source.startsWith("'") || /^(data|blob|filesystem|mediastream):$/.test(source)) return [];
    if (/^(\*|https?:|wss?:)$/.test(source)) return ['anybody'];
    const origin = originOf(URL.parse(source.includes('://') ? source : `https://${source}`));
    return origin.length === 0 ? [source] : origin;
  });
}

function originOf(url: URL | null): string[] {
  return url === null || !/^https?:$/.test(url.protocol) ? [] : [url.origin];
}
