/**
 * The whole gallery in one word and one sentence, from its components and open incidents. The sentences are those of the Statuspage
 * API and no others, because aggregators read states out of them. What nobody knows is never called operational.
 */
import type { ComponentStatus, StatusView } from '../model.ts';

export interface TopLevel {
  /** `unknown` is ours: then the API answers 503. Pure maintenance is `none`, because strict clients know no fifth word. */
  readonly indicator: 'none' | 'minor' | 'major' | 'critical' | 'unknown';
  readonly description:
    | 'All Systems Operational'
    | 'Service Under Maintenance'
    | 'Partially Degraded Service'
    | 'Minor Service Outage'
    | 'Partial System Outage'
    | 'Major System Outage'
    | 'Status Unknown';
}

/**
 * A component that is unknown counts as degraded. An incident that somebody still looks into keeps the page from being well even
 * when each probe is; once it is only monitored, components decide.
 */
export function topLevel(view: Pick<StatusView, 'isKnown' | 'components' | 'incidents'>): TopLevel {
  const statuses = view.components.filter(({ isGroup }) => !isGroup).map(({ status }) => status);
  // No component at all means that nothing is measured.
  if (!view.isKnown || statuses.length === 0) return { indicator: 'unknown', description: 'Status Unknown' };
  const inService = statuses.filter((status) => status !== 'under_maintenance');
  const isAny = (...wanted: ComponentStatus[]) => inService.some((status) => wanted.includes(status));
  if (inService.length > 0 && inService.every((status) => status === 'major_outage'))
    return { indicator: 'critical', description: 'Major System Outage' };
  if (isAny('major_outage', 'partial_outage')) return { indicator: 'major', description: 'Partial System Outage' };
  if (isAny('degraded_performance', 'unknown'))
    return { indicator: 'minor', description: 'Partially Degraded Service' };
  if (view.incidents.some(isFelt)) return { indicator: 'minor', description: 'Minor Service Outage' };
  if (inService.length < statuses.length) return { indicator: 'none', description: 'Service Under Maintenance' };
  return { indicator: 'none', description: 'All Systems Operational' };
}

/** An incident that goes on and that users notice. */
function isFelt({ kind, status, impact }: StatusView['incidents'][number]): boolean {
  return kind === 'incident' && (status === 'investigating' || status === 'identified') && impact !== 'none';
}
