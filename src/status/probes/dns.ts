/** Asks a name server for a record, and holds the answer against what ought to be in it. */
import { Resolver } from 'node:dns/promises';
import { type Attempt, Finding, findingAbout } from './attempt.ts';

export interface DnsQuestion {
  readonly host: string;
  readonly record: 'A' | 'AAAA' | 'CNAME' | 'MX';
  /** All values, in any order; undefined when any will do. */
  readonly expected?: readonly string[] | undefined;
  /** IP address of the name server, with `:PORT` if it is not 53; undefined for the machine's own. */
  readonly resolver?: string | undefined;
}

const troubles: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist',
  ENODATA: 'the name has no such record',
  ESERVFAIL: 'the name server failed',
  EREFUSED: 'the name server refused to answer',
  ECONNREFUSED: 'the name server is not there',
  ETIMEOUT: 'the name server did not answer',
  ECANCELLED: 'the name server did not answer',
};

/** @param deadlineMs after which the name server has not answered */
export async function lookUp(question: DnsQuestion, deadlineMs: number, attempt: Attempt): Promise<void> {
  const { host, record, expected, resolver: address } = question;
  const resolver = new Resolver({ timeout: deadlineMs, tries: 1 });
  if (address !== undefined) resolver.setServers([address]);
  const cancel = () => resolver.cancel();
  attempt.signal.addEventListener('abort', cancel, { once: true });
  try {
    const found = await attempt.step('query', () => resolve(resolver, host, record));
    if (expected === undefined) return;
    const wanted = normal(expected);
    if (normal(found).join() === wanted.join()) return;
    throw new Finding(`${record} of ${host} is ${normal(found).join(', ')} and not ${wanted.join(', ')}`);
  } finally {
    attempt.signal.removeEventListener('abort', cancel);
  }
}

async function resolve(resolver: Resolver, host: string, record: DnsQuestion['record']): Promise<string[]> {
  try {
    if (record === 'MX') return (await resolver.resolveMx(host)).map(({ exchange }) => exchange);
    if (record === 'CNAME') return await resolver.resolveCname(host);
    return await (record === 'A' ? resolver.resolve4(host) : resolver.resolve6(host));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code in troubles) throw new Finding(`${record} of ${host}: ${troubles[code]} (${code})`);
    return findingAbout(`${record} of ${host}`, error);
  }
}

/** Names are the same in any case, and with or without the dot at their end. */
function normal(values: readonly string[]): string[] {
  return values.map((value) => value.toLowerCase().replace(/\.$/, '')).sort();
}
