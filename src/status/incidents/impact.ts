/** Impact of an incident as it follows from its components. A person can say otherwise. */
import type { ComponentStatus, Impact } from '../model.ts';

/**
 * @param failing statuses of the components that the incident is about
 * @param all statuses of all components that exist, as far as they are known to the caller
 */
export function impactOf(failing: readonly ComponentStatus[], all: readonly ComponentStatus[]): Impact {
  const measured = all.filter((status) => status !== 'under_maintenance');
  if (failing.length > 0 && measured.length > 0 && measured.every((status) => status === 'major_outage')) {
    return 'critical';
  }
  if (failing.includes('major_outage') || failing.includes('partial_outage')) return 'major';
  return failing.includes('degraded_performance') ? 'minor' : 'none';
}
