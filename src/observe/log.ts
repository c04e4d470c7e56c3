/** The program's own log: one JSON line a message on stderr, through pino. Access logs are apart (observe/access-log.ts). */
import pino from 'pino';

export type Log = pino.Logger;

/**
 * @param role the process's role, in every line
 * @param level the lowest level that is written
 */
export function openLog(role: string, level: string): Log {
  const destination = pino.destination({ fd: 2, sync: true });
  // A log that cannot be written (a full disk behind stderr) loses lines; it must never end the process.
  destination.on('error', () => undefined);
  return pino({ level, base: { role, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
