/**
 * Reads addresses of the gallery at one place as a client does that follows redirects: a fresh connection each time, never beyond the
 * gallery's own name, never in a circle.
 */
import { createHash } from 'node:crypto';
import type { Customer } from '../canary/customer.ts';
import { type Advertised, InstallError, type Read } from '../canary/found.ts';
import { contentOf } from '../canary/install.ts';
import { type Answer, ask } from '../canary/request.ts';
import { Finding, findingAbout } from './attempt.ts';

/** Redirects that are followed; NuGet and PowerShell follow more, and no gallery needs them. */
export const hopsMax = 5;

const redirects = new Set([301, 302, 303, 307, 308]);

/** @returns the first answer that is no redirect; throws Finding when there is none */
export async function visit(
  customer: Customer,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const seen: string[] = [];
  for (let next = url; ; ) {
    refuseForeign(customer, next, seen.at(-1));
    const answer = await askOnce(customer, next, headers);
    const { location } = answer.headers;
    if (!redirects.has(answer.status) || location === undefined) return answer;
    seen.push(next);
    const target = URL.parse(location, next)?.href;
    if (target === undefined) throw new Finding(`${pathOf(next)} leads to "${location}", which is no address`);
    if (seen.includes(target))
      throw new Finding(`redirects lead in a circle: ${[...seen, target].map(pathOf).join(' → ')}`);
    if (seen.length > hopsMax) throw new Finding(`${pathOf(url)} leads through more than ${hopsMax} redirects`);
    next = target;
  }
}

async function askOnce(customer: Customer, url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const { deadlineMs, route, ca, signal } = customer;
  try {
    return await ask(url, { headers, deadlineMs, route, ca, signal });
  } catch (error) {
    return findingAbout(pathOf(url), error, customer);
  }
}

function refuseForeign({ url: gallery }: Customer, url: string, from: string | undefined): void {
  const { origin } = new URL(url);
  if (origin === new URL(gallery).origin) return;
  throw new Finding(
    `${from === undefined ? 'a document' : pathOf(from)} leads to ${origin}, which is not this gallery`,
  );
}

/** @returns a reader of documents for this customer; anything but 200 is an InstallError */
export function readerOf(customer: Customer): Read {
  return async (url, headers) => {
    const answer = await visit(customer, url, headers);
    if (answer.status === 200) return contentOf(answer, url);
    throw new InstallError(`${pathOf(url)} was answered ${answer.status} ${answer.reason}`.trim(), answer.status);
  };
}

/** Fetches all that documents lead to, each address once; throws InstallError or Finding about the first that is not as it ought to be. */
export async function followAll(read: Read, advertised: readonly Advertised[]): Promise<void> {
  const once = new Map(advertised.map((one) => [one.url.replace(/#.*/, ''), one]));
  await Promise.all([...once].map(([url, one]) => follow(read, { ...one, url })));
}

/** @returns the bytes; throws InstallError when they are not those that were told of */
export async function follow(read: Read, { what, url, headers, sha256 }: Advertised): Promise<Buffer> {
  const bytes = await read(url, headers).catch((error: unknown) => {
    if (error instanceof InstallError) throw new InstallError(`${what}: ${error.message}`, error.status);
    throw error instanceof Finding ? new Finding(`${what}: ${error.message}`) : error;
  });
  const received = createHash('sha256').update(bytes).digest('hex');
  if (sha256 === undefined || sha256 === received) return bytes;
  throw new InstallError(`${what} came with the digest ${received} and not with ${sha256}`, 200);
}

export function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}
