/** Installs the newest canary by the steps of each client that people have, and follows every address that the documents lead to. */
import type { Canary } from '../canary/canary.ts';
import { type Customer, feedUrl } from '../canary/customer.ts';
import { InstallError } from '../canary/found.ts';
import { type Way, waysTo } from '../canary/install.ts';
import { type Attempt, Finding, NotTried } from './attempt.ts';
import type { Canaries } from './canaries.ts';
import { follow, followAll, readerOf } from './visit.ts';

/** @param customer a stranger: installing from the gallery's own feed needs no token */
export async function installNewest(canaries: Canaries, customer: Customer, attempt: Attempt): Promise<void> {
  const canary = canaries.latest();
  if (canary === undefined) throw new NotTried('no canary has been published yet that could be installed');
  await installByAllWays(canary, customer, attempt);
}

/** Throws Finding about the first client that cannot install it, with its name. */
export async function installByAllWays(canary: Canary, customer: Customer, attempt: Attempt): Promise<void> {
  for (const way of waysTo[canary.kind]) {
    const { name } = way.client;
    await installBy(way, canary, customer, attempt).catch((error: unknown) => {
      const isTheirs = error instanceof InstallError || error instanceof Finding;
      throw isTheirs ? new Finding(`${name}: ${error.message}`) : error;
    });
  }
}

async function installBy(way: Way, canary: Canary, customer: Customer, attempt: Attempt): Promise<void> {
  const { name } = way.client;
  const read = readerOf({ ...customer, signal: attempt.signal });
  const found = await attempt.step(`${name}: documents`, () => way.find(read, feedUrl(customer, canary), canary));
  await attempt.step(`${name}: download`, () => follow(read, found.file));
  if (found.others.length > 0) await attempt.step(`${name}: addresses`, () => followAll(read, found.others));
}
