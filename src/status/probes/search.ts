/**
 * Asks search as dotnet and PowerShellGet do. Canaries are kept out of search, so it is judged by what every answer must be: there, in time, and whole.
 */
import { clients } from '../canary/clients.ts';
import type { Customer } from '../canary/customer.ts';
import { listIn, objectIn } from '../canary/found.ts';
import { readServiceIndex, resourceOf } from '../canary/nuget.ts';
import { entriesIn } from '../canary/nuget-v2.ts';
import { type Attempt, Finding } from './attempt.ts';
import { readerOf } from './visit.ts';

/** A word that may or may not be found. */
const word = 'holdfast';

/** `dotnet package search`: service index, then the question. */
export async function searchByV3(customer: Customer, attempt: Attempt): Promise<void> {
  const read = readerOf({ ...customer, signal: attempt.signal });
  const resources = await attempt.step('documents', () => readServiceIndex(read, customer.url, clients.dotnet));
  const search = resourceOf(resources, 'SearchQueryService/3.0.0-beta', 'SearchQueryService');
  const url = `${search}?q=${word}&skip=0&take=20&prerelease=false&semVerLevel=2.0.0`;
  const { totalHits, data } = objectIn(await attempt.step('query', () => read(url, clients.dotnet.documents)), url);
  if (typeof totalHits !== 'number') throw new Finding('the answer of search has no number of hits');
  const hits = listIn(data, 'the list of hits');
  if (hits.some(({ id, version }) => typeof id !== 'string' || typeof version !== 'string')) {
    throw new Finding('a hit of search has no id or no version');
  }
}

/** `Find-Module` with a word. */
export async function searchByV2(customer: Customer, attempt: Attempt): Promise<void> {
  const read = readerOf({ ...customer, signal: attempt.signal });
  const question = `searchTerm='${word}'&targetFramework=''&includePrerelease=false&$skip=0&$top=40`;
  const url = `${customer.url}/powershell/api/v2/Search()?$filter=IsLatestVersion&${question}`;
  const body = await attempt.step('query', () => read(url, clients.powerShellGet.documents));
  if (entriesIn(body, url).some(({ version }) => version === '')) throw new Finding('a hit of search has no version');
}
