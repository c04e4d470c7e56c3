/** A role that runs in this process, and how it ends. */
import type { Figure, TimesFigure } from '../observe/figures.ts';
import type { Log } from '../observe/log.ts';

export interface RunningRole {
  /** Takes nothing new, finishes what is under way within its limit, closes everything. */
  stop(): Promise<void>;
  /** What the role tells of itself for `/metrics`, beside what every process does. */
  figures(): Promise<readonly Figure[]>;
  /** How long its requests took, where it has any. */
  times?(): readonly TimesFigure[];
}

/** Tells the supervisor, when there is one, that the role serves; it sends nothing else and hears nothing else. */
export function announceReady(): void {
  process.send?.({ type: 'ready' });
}

/** Ends the role on SIGTERM, on SIGINT, and when its supervisor is gone, so that no orphan keeps the port. */
export function stopOnSignals(role: Pick<RunningRole, 'stop'>, log: Log): void {
  let isStopping = false;
  const stop = (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    log.debug({ reason }, 'stopping');
    role.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  if (process.send) process.once('disconnect', () => stop('the supervisor is gone'));
}
