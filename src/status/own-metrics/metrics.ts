/**
 * What the status service tells of itself on `/metrics`, in the Prometheus format. Everything comes from one plain value, so that the
 * answer is of one moment; a thing that is not known has no sample, because 0 would be an opinion.
 */
import { Gauge, Registry } from 'prom-client';
import type { Severity } from '../alarms/condition.ts';
import { type ComponentStatus, componentStatuses, type Impact } from '../model.ts';

export interface OwnMetrics {
  /** UTC milliseconds, as all times here. */
  readonly at: number;
  /** Whether anything is known as a whole. */
  readonly isKnown: boolean;
  /** When the published files were last made. */
  readonly pageAt: number | undefined;
  readonly probes: readonly {
    readonly id: string;
    readonly component: string;
    readonly check: string;
    readonly part: string;
    readonly state: 'up' | 'down' | 'unknown';
    readonly lastAt: number | undefined;
    readonly lastMs: number | undefined;
  }[];
  readonly components: readonly { readonly key: string; readonly status: ComponentStatus }[];
  /** Alarms that fire now. */
  readonly alarms: readonly {
    readonly severity: Severity;
    readonly isSilenced: boolean;
    readonly isConfirmed: boolean;
  }[];
  /** Messages that wait, by lane. */
  readonly outbox: readonly {
    readonly lane: string;
    readonly waiting: number;
    readonly oldestAt: number | undefined;
  }[];
  /** Impacts of the incidents that are open. */
  readonly openIncidents: readonly Impact[];
  readonly subscribers: { readonly confirmed: number; readonly awaiting: number };
  readonly exports: readonly {
    readonly target: string;
    readonly doneAt: number | undefined;
    readonly isFailing: boolean;
  }[];
}

export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE;

const severities: readonly Severity[] = ['page', 'ticket'];
const impacts: readonly Impact[] = ['none', 'minor', 'major', 'critical', 'maintenance'];

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | undefined;
}

/** @returns the text of the answer */
export async function ownMetrics(now: OwnMetrics): Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, samples: readonly Sample[]) => {
    // A gauge without labels says 0 by itself.
    if (samples.every(({ value }) => value === undefined)) return;
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
    const made = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const { labels, value } of samples) if (value !== undefined) made.set(labels, value);
  };
  probeGauges(now, gauge);
  const single = (value: number | undefined): Sample[] => [{ labels: {}, value }];
  gauge('holdfast_status_known', 'Whether anything is known of the gallery.', single(Number(now.isKnown)));
  gauge('holdfast_status_page_age_seconds', 'Age of the published page.', single(ageSeconds(now.at, now.pageAt)));
  gauge(
    'holdfast_status_component',
    'Which status each component has: 1 for it, 0 for the others.',
    now.components.flatMap(({ key, status }) =>
      componentStatuses.map((one) => ({ labels: { component: key, status: one }, value: Number(one === status) })),
    ),
  );
  alarmGauges(now, gauge);
  gauge(
    'holdfast_status_incidents_open',
    'Incidents and maintenances that are not over.',
    impacts.map((impact) => ({ labels: { impact }, value: now.openIncidents.filter((one) => one === impact).length })),
  );
  gauge(
    'holdfast_status_subscribers',
    'People and webhooks that are told, or were asked whether they want to be.',
    Object.entries(now.subscribers).map(([state, value]) => ({ labels: { state }, value })),
  );
  exportGauges(now, gauge);
  return registry.metrics();
}

type AddGauge = (name: string, help: string, samples: readonly Sample[]) => void;

/** Named as the black-box exporter of Prometheus names them, so that its dashboards fit. */
function probeGauges({ probes, at }: OwnMetrics, gauge: AddGauge): void {
  const each = (measure: (probe: OwnMetrics['probes'][number]) => number | undefined) =>
    probes.map((probe) => {
      const { id, component, check, part } = probe;
      return { labels: { probe: id, component, check, part }, value: measure(probe) };
    });
  gauge(
    'probe_success',
    'Whether the probe succeeds, after its thresholds; no sample when unknown.',
    each(({ state }) => (state === 'unknown' ? undefined : Number(state === 'up'))),
  );
  gauge(
    'probe_duration_seconds',
    'How long the last try took.',
    each(({ lastMs }) => (lastMs === undefined ? undefined : lastMs / 1_000)),
  );
  gauge(
    'probe_age_seconds',
    'How long ago the last try was.',
    each(({ lastAt }) => ageSeconds(at, lastAt)),
  );
}

function alarmGauges({ alarms, outbox, at }: OwnMetrics, gauge: AddGauge): void {
  gauge(
    'holdfast_status_alarms_firing',
    'Alarms that fire, silenced ones among them.',
    severities.map((severity) => ({
      labels: { severity },
      value: alarms.filter((alarm) => alarm.severity === severity).length,
    })),
  );
  gauge(
    'holdfast_status_alarms_unconfirmed',
    'Alarms that fire, are not silenced, and that nobody has confirmed.',
    severities.map((severity) => ({
      labels: { severity },
      value: alarms.filter((alarm) => alarm.severity === severity && !alarm.isSilenced && !alarm.isConfirmed).length,
    })),
  );
  gauge(
    'holdfast_status_outbox_messages',
    'Messages that wait to be sent.',
    outbox.map(({ lane, waiting }) => ({ labels: { lane }, value: waiting })),
  );
  gauge(
    'holdfast_status_outbox_oldest_age_seconds',
    'How long the oldest of them has waited.',
    outbox.map(({ lane, oldestAt }) => ({ labels: { lane }, value: ageSeconds(at, oldestAt) })),
  );
}

function exportGauges({ exports, at }: OwnMetrics, gauge: AddGauge): void {
  gauge(
    'holdfast_status_export_age_seconds',
    'How old the copy of the page is.',
    exports.map(({ target, doneAt }) => ({ labels: { target }, value: ageSeconds(at, doneAt) })),
  );
  gauge(
    'holdfast_status_export_failing',
    'Whether the last round failed.',
    exports.map(({ target, isFailing }) => ({ labels: { target }, value: Number(isFailing) })),
  );
}

function ageSeconds(now: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.max(0, now - at) / 1_000;
}
