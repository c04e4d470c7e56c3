/** What is wrong with channels, as conditions: one that is silent, refused, or lost messages does not show itself any other way. */
import type { Condition } from '../alarms/condition.ts';
import type { ChannelState } from './outbox.ts';

const refusalsMax = 3;
const unsentMaxMs = 5 * 60_000;
/** Many subscribers take their time; a queue that moves is no failure. */
const subscribersUnsentMaxMs = 60 * 60_000;

/** @param now UTC milliseconds */
export function channelConditions(states: readonly ChannelState[], now: number): Condition[] {
  return states.map((state) => conditionOf(state, now));
}

function conditionOf(state: ChannelState, now: number): Condition {
  const { name, refusalsInRow, lostInRow, oldestUnsentAt, lastSuccessAt, lastFailureAt, lastFailureWords } = state;
  const isSubscribers = !name.startsWith('channel:');
  const spoken = isSubscribers ? 'Mail to subscribers' : `The channel "${name.slice('channel:'.length)}"`;
  const unsentMs = oldestUnsentAt === undefined ? 0 : now - oldestUnsentAt;
  const sentences = [
    ...(unsentMs > 0 ? [`${state.waiting} messages wait; the oldest for ${minutes(unsentMs)}.`] : []),
    ...(refusalsInRow > 0 ? [`The last ${refusalsInRow} tries were refused.`] : []),
    ...(lostInRow > 0 ? [`${lostInRow} messages were given up since the last that was taken.`] : []),
    ...(lastFailureAt === undefined ? [] : [`Last failure at ${utc(lastFailureAt)}: ${lastFailureWords}.`]),
    lastSuccessAt === undefined ? 'It has never taken a message.' : `Last success at ${utc(lastSuccessAt)}.`,
  ];
  return {
    key: isSubscribers ? 'channel:subscribers' : name,
    title: `${spoken} takes no messages`,
    text: sentences.join(' '),
    severity: 'ticket',
    isFiring:
      unsentMs > (isSubscribers ? subscribersUnsentMaxMs : unsentMaxMs) ||
      refusalsInRow >= refusalsMax ||
      lostInRow > 0,
    component: undefined,
    runbook: 'alarm-channel',
  };
}

function minutes(ms: number): string {
  const count = Math.floor(ms / 60_000);
  return count === 1 ? 'a minute' : `${count} minutes`;
}

function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
