/**
 * Installs canaries as pip, dotnet and PowerShell do, over the public address and nothing else. An install counts only if the
 * bytes that came are the bytes that were published.
 */
import { createHash } from 'node:crypto';
import type { Canary } from './canary.ts';
import { type Client, clients } from './clients.ts';
import { authorization, type Customer, feedUrl } from './customer.ts';
import { type Found, InstallError, type Read } from './found.ts';
import { findInRegistration, findNupkg, readServiceIndex } from './nuget.ts';
import { findByFilter, findByV2 } from './nuget-v2.ts';
import { findWheel } from './python.ts';
import { type Answer, ask, decoded } from './request.ts';

/** One client's way to a canary. */
export interface Way {
  readonly client: Client;
  /** @param root of the feed, without a slash at the end */
  find(read: Read, root: string, canary: Canary): Promise<Found>;
}

const wheelBy = (client: Client): Way => ({
  client,
  find: (read, root, canary) => findWheel(read, root, canary, client),
});

/** What restore reads, and registration, from which other commands take what they show. */
async function findWithRegistration(read: Read, root: string, canary: Canary): Promise<Found> {
  const resources = await readServiceIndex(read, root, clients.dotnet);
  const foreign = resources.find(({ url }) => new URL(url).origin !== new URL(root).origin);
  if (foreign)
    throw new InstallError(`the service index leads to ${new URL(foreign.url).origin}: ${foreign.type}`, 200);
  const found = await findNupkg(read, resources, canary, clients.dotnet);
  const told = await findInRegistration(read, resources, canary, clients.dotnet);
  return { ...found, others: [...found.others, ...told.others], isListed: told.isListed };
}

const powershellRoot = (root: string) => `${root}/powershell/api/v2`;

/** Every way that probes go, the most used client's first. */
export const waysTo: Readonly<Record<Canary['kind'], readonly [Way, ...Way[]]>> = {
  wheel: [wheelBy(clients.pip), wheelBy(clients.uv)],
  nupkg: [{ client: clients.dotnet, find: findWithRegistration }],
  module: [
    {
      client: clients.powerShellGet,
      find: (read, root, canary) => findByV2(read, powershellRoot(root), canary, clients.powerShellGet),
    },
    {
      client: clients.psResourceGet,
      find: (read, root, canary) => findByFilter(read, powershellRoot(root), canary, clients.psResourceGet),
    },
  ],
};

/** Looks the canary up, fetches its file, and compares the digest; throws InstallError, or what the connection threw. */
export async function installCanary(customer: Customer, canary: Canary): Promise<void> {
  const read: Read = async (url, headers) => contentOf(await get(customer, url, headers), url);
  const { file } = await shortestWay(customer, canary).find(read, feedUrl(customer, canary), canary);
  compareDigest(canary, await read(file.url, file.headers));
}

/** What the shortest install by this ecosystem's clients needs, and no more. */
function shortestWay({ nugetProtocol }: Customer, { kind }: Canary): Way {
  if (kind !== 'nupkg') return waysTo[kind][0];
  const client = clients.dotnet;
  if (nugetProtocol === 2) {
    return { client, find: (read, root, canary) => findByV2(read, `${root}/api/v2`, canary, client) };
  }
  const find: Way['find'] = async (read, root, canary) =>
    findNupkg(read, await readServiceIndex(read, root, client), canary, client);
  return { client, find };
}

/** Throws InstallError when these are not the bytes that were published. */
export function compareDigest(canary: Pick<Canary, 'filename' | 'sha256'>, bytes: Buffer): void {
  const received = createHash('sha256').update(bytes).digest('hex');
  if (received === canary.sha256) return;
  throw new InstallError(`${canary.filename} came with the digest ${received} and not with ${canary.sha256}`, 200);
}

/** @returns the answer's body out of its encoding */
export function contentOf(answer: Answer, url: string): Buffer {
  const content = decoded(answer);
  if (content !== undefined) return content;
  const encoding = answer.headers['content-encoding'];
  throw new InstallError(`${new URL(url).pathname} is not in the encoding "${encoding}" that it says it is in`, 200);
}

async function get(customer: Customer, url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const { deadlineMs, route, ca, signal } = customer;
  const answer = await ask(url, {
    headers: { ...headers, ...authorization(customer) },
    deadlineMs,
    route,
    ca,
    signal,
  });
  if (answer.status === 200) return answer;
  throw new InstallError(`${new URL(url).pathname} was answered ${answer.status} ${answer.reason}`, answer.status);
}
