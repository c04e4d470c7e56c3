/**
 * Maintenances begin and end when they were announced to. Pure: one maintenance and a time give the maintenance after that, with an
 * update for each step. Whoever began or ended one early has done that step.
 */
import type { IncidentUpdate } from '../model.ts';
import { newUpdate, tracked, type VerbContext } from './open.ts';
import { inOrder, isOpen, type StoredIncident } from './stored-incident.ts';
import { withStatus } from './update.ts';
import { clockTime } from './words.ts';

/** So long before it begins, people are told once more. */
export const remindBeforeMs = 3_600_000;
/** Only of a maintenance that was announced so long before it begins; who was told this morning remembers. */
export const remindAnnouncedMsMin = 24 * 3_600_000;

/** @returns the maintenance after what is due, or undefined when nothing is */
export function tickMaintenance(stored: StoredIncident, context: VerbContext): StoredIncident | undefined {
  const { scheduledFor, scheduledUntil } = stored;
  if (stored.kind !== 'maintenance' || scheduledFor === undefined || scheduledUntil === undefined) return undefined;
  if (!isOpen(stored)) return undefined;
  if (context.now >= scheduledUntil) return endMaintenance(stored, context);
  if (stored.status !== 'scheduled') return undefined;
  if (context.now >= scheduledFor) return beginMaintenance(stored, context);
  return isReminderDue(stored, scheduledFor, context.now) ? remind(stored, scheduledFor, context) : undefined;
}

function isReminderDue({ createdAt, updates }: StoredIncident, scheduledFor: number, now: number): boolean {
  const from = scheduledFor - remindBeforeMs;
  return (
    now >= from &&
    createdAt <= scheduledFor - remindAnnouncedMsMin &&
    !updates.some((update) => update.createdAt >= from)
  );
}

function remind(stored: StoredIncident, scheduledFor: number, context: VerbContext): StoredIncident {
  const body = `This maintenance begins at ${clockTime(scheduledFor)}.`;
  return {
    ...stored,
    updatedAt: context.now,
    updates: [newUpdate(context, 'scheduled', body, 'clock'), ...stored.updates],
  };
}

function beginMaintenance(stored: StoredIncident, context: VerbContext): StoredIncident {
  return step(stored, 'in_progress', 'The maintenance has begun as planned.', context);
}

function endMaintenance(stored: StoredIncident, context: VerbContext): StoredIncident {
  const body =
    stored.status === 'scheduled'
      ? 'The planned time has passed while this page was not running; the maintenance counts as over.'
      : 'The maintenance is over as planned.';
  return step(stored, 'completed', body, context);
}

function step(
  stored: StoredIncident,
  status: 'in_progress' | 'completed',
  body: string,
  context: VerbContext,
): StoredIncident {
  const newStatus = status === 'in_progress' ? 'under_maintenance' : 'operational';
  const affected: IncidentUpdate['affected'] = stored.components
    .filter(({ noted }) => noted !== newStatus)
    .map(({ key, name, noted }) => ({ key, name, oldStatus: noted, newStatus }));
  const update = { ...newUpdate(context, status, body, 'clock'), affected };
  const written = {
    ...stored,
    updates: inOrder([update, ...stored.updates]),
    components: tracked(stored.components, affected),
    updatedAt: context.now,
  };
  return withStatus(written, status, context.now);
}
