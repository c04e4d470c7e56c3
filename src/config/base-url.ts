/** The address documents are rendered with. */
import type { Config } from './load.ts';

/** @returns the configured address, or the one that this machine's own users type; no slash at the end */
export function renderedBaseUrl(config: Pick<Config, 'baseUrl' | 'host' | 'port'>): string {
  return config.baseUrl !== '' ? config.baseUrl : ownAddress(config.host, config.port);
}

/** @returns where this machine's own status service listens, as its users type it; no slash at the end */
export function statusAddress(config: Pick<Config, 'statusHost' | 'statusPort'>): string {
  return ownAddress(config.statusHost, config.statusPort);
}

function ownAddress(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const spelt = isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${spelt}:${port}`;
}

/**
 * @param headers of a request that a read worker has handed on
 * @returns the address by which the client came, as the read worker saw it
 */
export function askedBaseUrl(
  headers: { readonly [name: string]: string | string[] | undefined },
  config: Pick<Config, 'baseUrl' | 'host' | 'port'>,
): string {
  const seen = headers['x-holdfast-base-url'];
  return typeof seen === 'string' ? seen : renderedBaseUrl(config);
}
