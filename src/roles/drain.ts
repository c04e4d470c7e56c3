/** Ends an HTTP server: nothing new is taken, what is under way may finish within its limit, idle connections go at once. */
import type { Server } from 'node:http';

const idleCheckMs = 50;

/**
 * @param drainMs how long requests under way may take
 * @param close what closes the server; resolves when its last connection is gone
 */
export async function drainServer(server: Server, drainMs: number, close: () => Promise<void>): Promise<void> {
  // A connection whose request ends now would otherwise be kept open for the client's next one.
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const patience = setTimeout(() => server.closeAllConnections(), drainMs);
  try {
    await close();
  } finally {
    clearInterval(idle);
    clearTimeout(patience);
  }
}
