/** Opens connections for probes: fresh ones, by a signal, with whatever went wrong in words. */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectOverTls, type TLSSocket } from 'node:tls';
import { nameFor, type Route, trusting } from '../canary/request.ts';
import { findingAbout } from './attempt.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** @param address `HOST:PORT`, with brackets around an IPv6 address */
export function targetIn(address: string): Target {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

/** @returns a connection whose ends and errors the caller sees to; throws Finding when there is none */
export async function dial({ host, port }: Target, signal: AbortSignal, family?: 4 | 6): Promise<Socket> {
  const socket = connect({ host, port, ...(family === undefined ? {} : { family }) });
  return opened(socket, 'connect', `${host} port ${port}`, signal);
}

export interface Secured {
  /** The name that the certificate must be for, and that is asked for. */
  readonly name: string;
  readonly ca?: string | undefined;
}

/**
 * Shakes hands over TLS and takes any certificate: what it is worth is judged by whoever called.
 * @param over an open connection, or where to open one
 */
export async function dialTls(
  over: Socket | (Target & Pick<Route, 'family'>),
  { name, ca }: Secured,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const options: ConnectionOptions = { ...nameFor(name), ...trusting(ca), rejectUnauthorized: false };
  const socket = connectOverTls({ ...options, ...('destroy' in over ? { socket: over } : over) });
  return opened(socket, 'secureConnect', 'the TLS handshake', signal);
}

async function opened<S extends Socket>(socket: S, event: string, what: string, signal: AbortSignal): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', abort));
  socket.once(event, () => resolve());
  // Stays for as long as the socket does: an error after this belongs to whoever reads.
  socket.on('error', reject);
  if (signal.aborted) abort();
  try {
    await promise;
  } catch (error) {
    socket.destroy();
    return findingAbout(what, error);
  }
  return socket;
}
