/**
 * How commands speak with the status service: its management API, the operator's token from a file, and a sentence for whoever sits at
 * the terminal when the service is away or does not know the token.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config/load.ts';
import { operatorTokenFile } from '../status/operator/token.ts';

/** Something that a person has to know and nobody has to debug. */
export class StatusProblem extends Error {}

export interface StatusClient {
  /** For messages. */
  readonly address: string;
  /** @returns the answer’s JSON; throws a StatusProblem with a sentence for everything else */
  ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
}

/** How long the service may take, in milliseconds. */
const deadlineMs = 30_000;

/** @param tokenFile in place of `operator-token` in the status folder */
export function openStatusClient(config: Config, tokenFile?: string): StatusClient {
  const address = addressOf(config);
  const file = tokenFile === undefined ? operatorTokenFile(folderOf(config)) : resolve(tokenFile);
  const token = readToken(file);
  return {
    address,
    async ask<T>(method: string, path: string, body?: unknown) {
      const answer = await send(address, method, path, token, body);
      const value = readAnswer(await answer.text());
      if (answer.ok && value !== undefined) return value as T;
      const { code, message } = (value ?? {}) as { code?: string; message?: string };
      if (code === 'credentials-invalid') {
        throw new StatusProblem(`the status service at ${address} does not know the token in ${file}`);
      }
      throw new StatusProblem(
        message ?? `${address} answered ${answer.status}, which is no answer of a status service`,
      );
    },
  };
}

function addressOf({ statusUrl, statusHost, statusPort }: Config): string {
  if (statusUrl !== '' && statusUrl !== 'off') return statusUrl;
  if (statusPort === 0) {
    throw new StatusProblem(
      'HOLDFAST_STATUS_PORT is 0, so this gallery has no status service; name one: HOLDFAST_STATUS_URL',
    );
  }
  const host = statusHost === '0.0.0.0' || statusHost === '::' ? '127.0.0.1' : statusHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${statusPort}`;
}

function folderOf({ statusDir, dataDir }: Config): string {
  return resolve(statusDir === '' ? join(dataDir, 'status') : statusDir);
}

function readToken(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'is not there; the status service makes it at its first start' : `cannot be read (${code})`;
    throw new StatusProblem(`the operator's token ${file} ${why}. Another one: --token-file FILE`);
  }
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new StatusProblem(`${file} holds no token`);
  return token;
}

async function send(address: string, method: string, path: string, token: string, body: unknown): Promise<Response> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  try {
    return await fetch(`${address}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A token goes to the address that was named, and to no other.
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
    });
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    const why = name === 'TimeoutError' ? `not within ${deadlineMs / 1_000} s` : (cause?.code ?? 'not reachable');
    throw new StatusProblem(`the status service at ${address} does not answer (${why}); ./holdfast status starts it`);
  }
}

function readAnswer(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
