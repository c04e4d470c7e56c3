/** Who uses a gallery, at which address, and by which way: what every request of a probe or a drill has in common. */
import type { Canary } from './canary.ts';
import type { Route } from './request.ts';

export interface Customer {
  /** Public address, without a slash at the end. */
  readonly url: string;
  /** Empty for a stranger, who says nothing of himself. */
  readonly token: string;
  /** For each single request, in milliseconds. */
  readonly deadlineMs: number;
  /** By which of NuGet's protocols packages of NuGet are installed; 3 unless told. */
  readonly nugetProtocol?: 2 | 3;
  readonly route?: Route | undefined;
  /** Certificates to believe beside those of the machine, PEM. */
  readonly ca?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Any user name will do; the token is the password. */
export function authorization({ token }: Customer): Record<string, string> {
  return token === '' ? {} : { Authorization: `Basic ${Buffer.from(`__token__:${token}`).toString('base64')}` };
}

/** @returns the address of the feed that the canary belongs to, without a slash at the end */
export function feedUrl({ url }: Pick<Customer, 'url'>, { feed }: Pick<Canary, 'feed'>): string {
  return feed === 'main' ? url : `${url}/feeds/${feed}`;
}
