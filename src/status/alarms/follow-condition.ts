/**
 * From a condition to its alarm: begins, goes on, ends, begins again. Pure. A trouble that comes back within minutes is the same
 * alarm as before, with the same confirmation, so that one that flaps calls people once and not all night.
 */
import type { KeptAlarm } from './alarm-rows.ts';
import type { Condition } from './condition.ts';

/** How long an alarm stays over until its end is told; what begins again within is the same alarm. */
export const settleMs = 5 * 60_000;

/** @returns the alarm that a condition begins */
export function begin(condition: Condition, id: string, now: number): KeptAlarm {
  const { key, title, text, severity, component, runbook } = condition;
  return {
    ...{ id, key, title, text, severity, component, runbook, startedAt: now, endedAt: undefined, toldAt: undefined },
    ...{ confirmedAt: undefined, confirmedBy: undefined, silencedBy: undefined },
    ...{ tellingFrom: undefined, nextStep: 0, calledAt: undefined, loweredAt: undefined },
    ...{ partOf: undefined, newsFrom: undefined, newsAt: undefined, widerAt: undefined, toldAs: undefined },
    echoMs: condition.echoMs,
  };
}

/**
 * @param condition undefined counts as not firing
 * @returns the alarm as it is now; the same object when nothing changed
 */
export function follow(alarm: KeptAlarm, condition: Condition | undefined, now: number): KeptAlarm {
  const isFiring = condition === undefined ? false : condition.isFiring;
  if (isFiring === undefined) return alarm;
  if (!isFiring) return alarm.endedAt === undefined ? { ...alarm, endedAt: now } : alarm;
  const { title, text, severity, component, runbook } = condition!;
  const isSame =
    alarm.endedAt === undefined && alarm.title === title && alarm.text === text && alarm.severity === severity;
  if (isSame) return alarm;
  return withSeverity({ ...alarm, title, text, component, runbook, endedAt: undefined }, severity, now);
}

/** A ticket that becomes a page calls people anew, whoever has confirmed the ticket; unless it was a page minutes ago. */
function withSeverity(alarm: KeptAlarm, severity: KeptAlarm['severity'], now: number): KeptAlarm {
  if (severity === alarm.severity) return alarm;
  if (severity === 'ticket') return { ...alarm, severity, loweredAt: now };
  const wasPage = alarm.loweredAt !== undefined && now - alarm.loweredAt < settleMs;
  if (wasPage) return { ...alarm, severity, loweredAt: undefined };
  const anew = { tellingFrom: undefined, nextStep: 0, confirmedAt: undefined, confirmedBy: undefined };
  return { ...alarm, ...anew, severity, loweredAt: undefined };
}
