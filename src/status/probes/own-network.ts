/** Whether our own network is there: when nobody answers of those who always do, what probes see tells of us and not of the gallery. */
import { dial, targetIn } from './dial.ts';

/**
 * @param addresses `HOST:PORT` of others; a connection to one of them is enough, a refusal is none
 * @param deadlineMs how long they may take, all at once
 * @returns true as well when there is nobody to ask
 */
export async function isOwnNetworkUp(addresses: readonly string[], deadlineMs: number): Promise<boolean> {
  if (addresses.length === 0) return true;
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(deadlineMs)]);
  const attempts = addresses.map(async (address) => (await dial(targetIn(address), signal)).destroy());
  return Promise.any(attempts)
    .then(
      () => true,
      () => false,
    )
    .finally(() => done.abort());
}
