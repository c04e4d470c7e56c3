/** Signs of life that stand for a component, as probes of it: late is down, and not known yet is unknown. */
import type { ProbeState } from '../probes/probe.ts';
import type { HeartbeatState } from './heartbeats.ts';
import type { Lateness } from './lateness.ts';

const states: Readonly<Record<Lateness, ProbeState['state']>> = {
  'in time': 'up',
  late: 'down',
  'not known': 'unknown',
};

/** @param now UTC milliseconds */
export function heartbeatProbes(heartbeats: readonly HeartbeatState[], now: number): readonly ProbeState[] {
  return heartbeats.flatMap(({ name, component, lateness, heardAt, everySeconds, graceSeconds }) => {
    if (component === undefined) return [];
    const dueAt = (heardAt ?? now) + (everySeconds + graceSeconds) * 1_000;
    const isLate = lateness === 'late';
    const since = isLate ? Math.min(dueAt, now) : (heardAt ?? now);
    const words = isLate ? `the sign of life "${name}" is late` : '';
    return {
      probe: {
        id: `heartbeat/${name}`,
        title: `sign of life "${name}"`,
        component,
        check: `heartbeat-${name}`,
        part: name,
      },
      state: states[lateness],
      since,
      firstAt: since,
      last: {
        verdict: isLate ? 'bad' : heardAt === undefined ? 'unknown' : 'good',
        durationMs: 0,
        words,
        steps: [],
        measures: {},
      },
      lastAt: heardAt,
    };
  });
}
