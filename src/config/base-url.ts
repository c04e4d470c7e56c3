/** The address documents are rendered with. */
import type { Config } from './load.ts';

/** @returns the configured address, or the one that this machine's own users type; no slash at the end */
export function renderedBaseUrl(config: Pick<Config, 'baseUrl' | 'port'>): string {
  return config.baseUrl === '' ? `http://127.0.0.1:${config.port}` : config.baseUrl;
}
