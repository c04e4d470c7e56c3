/** The address documents are rendered with. */
import type { Config } from './load.ts';

/** @returns the configured address, or the one that this machine's own users type; no slash at the end */
export function renderedBaseUrl(config: Pick<Config, 'baseUrl' | 'host' | 'port'>): string {
  if (config.baseUrl !== '') return config.baseUrl;
  const isAny = config.host === '0.0.0.0' || config.host === '::';
  const host = isAny ? '127.0.0.1' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${config.port}`;
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
