/** Says that a page would call nobody: the configuration has no escalation. An installation that watches only itself looks well. */
import type { OnCall } from '../on-call/duty.ts';
import type { Condition } from './condition.ts';

export function nobodyCondition({ escalation, tickets }: OnCall): Condition {
  const instead = tickets.length === 0 ? 'They are logged and shown, and that is all.' : 'They go where tickets go.';
  return {
    key: 'on-call:nobody',
    title: 'Pages call nobody',
    text: `The configuration names nobody whom a page calls ("onCall.escalation" is empty). ${instead}`,
    severity: 'ticket',
    isFiring: escalation.length === 0,
    component: undefined,
    runbook: 'alarm-nobody-on-duty',
  };
}
