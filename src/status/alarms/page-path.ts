/**
 * Whether a page would reach anybody at all. When every channel of the escalation is dead, nobody hears that from us: only by our
 * sign of life going silent does somebody outside notice.
 */
import type { ChannelState } from '../channels/outbox.ts';
import { type OnCall, recipientsOf } from '../on-call/duty.ts';

const failuresMax = 3;

/**
 * @param states of the outbox
 * @param at UTC milliseconds
 * @returns true also when nobody is to be called, which is an alarm of its own and no failure
 */
export function isPagePathOpen(onCall: OnCall, states: readonly ChannelState[], at: number): boolean {
  const names = onCall.escalation.flatMap(({ notify }) => notify);
  const channels = new Set(recipientsOf(onCall, names, at).map(({ channel }) => `channel:${channel}`));
  const failures = states.flatMap(({ name, failuresInRow }) => (channels.has(name) ? [failuresInRow] : []));
  return failures.length === 0 || failures.some((count) => count < failuresMax);
}
