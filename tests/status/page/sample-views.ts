/** Views as they would be on some day: all well, in the middle of an outage, under maintenance, unknown, just begun, and crowded. */
import { idOf } from '../../../src/status/ids.ts';
import type {
  ComponentStatus,
  ComponentView,
  PeriodView,
  ResponsePoint,
  StatusView,
} from '../../../src/status/model.ts';
import {
  componentView,
  dayMs,
  incident,
  incidentUpdate,
  maintenance,
  ninetyDays,
  period,
  viewAt,
  viewOf,
} from '../views.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const names: Readonly<Record<string, string>> = {
  install: 'Install',
  publish: 'Publish',
  search: 'Search',
  'install/python': 'Python packages',
  'install/nuget': '.NET packages',
  'install/powershell': 'PowerShell modules',
  'publish/python': 'Python packages',
  'publish/nuget': '.NET packages',
  'publish/powershell': 'PowerShell modules',
  'search/nuget': '.NET packages',
  'search/powershell': 'PowerShell modules',
  website: 'Website',
};
const keys = Object.keys(names).filter((key) => !['install', 'publish', 'search'].includes(key));

/** Ninety days with some trouble in them, another for each seed. */
function livelyDays(seed: number): PeriodView[] {
  return ninetyDays(viewAt).map((day, index) => {
    const turn = (index * 7 + seed * 13) % 89;
    if (turn === 3) return period(day.period, { upMs: dayMs - 42 * minuteMs, downMs: 42 * minuteMs });
    if (turn === 17) return period(day.period, { upMs: dayMs - 3 * hourMs, partialMs: 3 * hourMs });
    if (turn === 29 || turn === 30) return period(day.period, { upMs: dayMs - hourMs, degradedMs: hourMs });
    if (turn === 51) return period(day.period, { upMs: dayMs - 2 * hourMs, maintenanceMs: 2 * hourMs });
    if (index < seed) return period(day.period);
    return period(day.period, { upMs: index === 89 ? dayMs / 2 : dayMs });
  });
}

/** A day in 5-minute steps that rises and falls, with a gap in the night. */
function livelyResponses(seed: number): ResponsePoint[] {
  return Array.from({ length: 288 }, (_, index) => ({
    at: viewAt - (287 - index) * 5 * minuteMs,
    p50Ms: 60 + 20 * seed + 25 * Math.sin(index / 40 + seed),
    p95Ms: 150 + 45 * seed + 90 * Math.sin(index / 23) ** 2 + (index === 200 ? 700 : 0),
  })).filter((_, index) => index < 90 || index > 110);
}

const months = Array.from({ length: 24 }, (_, index) => {
  const date = new Date(Date.UTC(2024, 11 + index, 1));
  const isFrozen = index < 23;
  const downMs = index % 5 === 2 ? 37 * minuteMs : 0;
  return period(date.toISOString().slice(0, 7), { upMs: (isFrozen ? 30 : 20.5) * dayMs - downMs, downMs, isFrozen });
});

function lively(component: ComponentView, seed: number): ComponentView {
  return {
    ...component,
    name: names[component.key] ?? component.name,
    description: `What people do with ${component.key}.`,
    days: livelyDays(seed),
    months,
    responses: component.isGroup ? [] : livelyResponses(seed % 4),
    parts: component.isGroup
      ? []
      : [
          { name: 'edge one, IPv4', status: component.status === 'operational' ? 'up' : 'down', why: component.why },
          { name: 'edge one, IPv6', status: 'up', why: '' },
        ],
    slo: component.isGroup
      ? undefined
      : {
          objective: 0.999,
          windowDays: 30,
          slowerThanMs: 2_000,
          events: 100_000,
          badEvents: seed * 12,
          budgetLeft: 1 - seed * 0.13,
        },
  };
}

/** Twelve components as a gallery has them, lively unless told otherwise. */
export function sampleView(
  statuses: Readonly<Record<string, ComponentStatus>> = {},
  overrides: Partial<StatusView> = {},
): StatusView {
  const view = viewOf(Object.fromEntries(keys.map((key) => [key, statuses[key] ?? 'operational'])));
  return { ...view, components: view.components.map(lively), incidents: pastIncidents, ...overrides };
}

const resolved = (name: string, daysAgo: number, minutes: number, body: string, more: object = {}) => {
  const startedAt = viewAt - daysAgo * dayMs;
  const resolvedAt = startedAt + minutes * minuteMs;
  return incident(name, {
    name,
    status: 'resolved',
    startedAt,
    resolvedAt,
    detectedAfterMs: 21_000,
    toldAfterMs: 34_000,
    mendedAfterMs: minutes * minuteMs,
    components: [{ key: 'install/python', name: 'Python packages', status: 'partial_outage' }],
    updates: [
      incidentUpdate('resolved', { id: idOf('update', `${name} 2`), createdAt: resolvedAt, body }),
      incidentUpdate('investigating', {
        id: idOf('update', name),
        createdAt: startedAt,
        body: 'Installing Python packages fails for one request in three.\n\nWe are looking into it. Details: https://example.org/notes.',
      }),
    ],
    ...more,
  });
};

export const pastIncidents = [
  resolved(
    'Slow downloads from one edge',
    2,
    42,
    'The edge is out of rotation, and downloads are as fast as they were.',
  ),
  resolved('Python index was stale', 6, 95, 'A full disk kept new versions from being shown. It has room again.', {
    impact: 'critical',
    status: 'postmortem',
    postmortem:
      'The disk of the index was full.\n\nAn alarm for it was there, and was silenced. We now let no silence last longer than a day.',
  }),
  maintenance('Database move', {
    name: 'Move of the database',
    status: 'completed',
    startedAt: viewAt - 9 * dayMs,
    scheduledFor: viewAt - 9 * dayMs,
    scheduledUntil: viewAt - 9 * dayMs + hourMs,
    resolvedAt: viewAt - 9 * dayMs + hourMs,
  }),
  resolved('Certificate of the website ended', 400, 18, 'A new certificate is in place.', { impact: 'major' }),
];

const longText = Array.from(
  { length: 10 },
  (_, index) =>
    `Line ${index + 1}: we have moved a part of the traffic away, and see that requests are answered again, though more slowly than they ought to be.`,
).join('\n');

export const openIncident = incident('open', {
  name: 'Python packages cannot be installed',
  status: 'identified',
  impact: 'major',
  startedAt: viewAt - 37 * minuteMs,
  components: [{ key: 'install/python', name: 'Python packages', status: 'major_outage' }],
  updates: [
    incidentUpdate('identified', { id: idOf('update', 'open 2'), createdAt: viewAt - 12 * minuteMs, body: longText }),
    incidentUpdate('investigating', {
      id: idOf('update', 'open 1'),
      createdAt: viewAt - 36 * minuteMs,
      body: 'Our probes cannot install Python packages: the index answers 503.',
      affected: [
        { key: 'install/python', name: 'Python packages', oldStatus: 'operational', newStatus: 'major_outage' },
      ],
    }),
  ],
});

export const planned = maintenance('planned', {
  name: 'A larger disk for the store',
  scheduledFor: viewAt + 30 * hourMs,
  scheduledUntil: viewAt + 32 * hourMs,
});
const underWay = maintenance('under way', {
  name: 'New search index',
  status: 'in_progress',
  scheduledFor: viewAt - hourMs,
  scheduledUntil: viewAt + hourMs,
  components: [{ key: 'search/nuget', name: '.NET packages', status: 'under_maintenance' }],
});

/** Markup, right-to-left letters, and a word without end. */
const oddNames = ['<script>alert(1)</script> & "quotes"', 'تثبيت الحزم لا يعمل', `${'w'.repeat(96)}`];

export const sampleViews: Readonly<Record<string, StatusView>> = {
  well: sampleView({}, { incidents: [planned, ...pastIncidents] }),
  degraded: sampleView({ 'search/nuget': 'degraded_performance' }),
  partial: sampleView(
    { 'install/python': 'major_outage', 'install/nuget': 'partial_outage', website: 'degraded_performance' },
    { incidents: [openIncident, planned, ...pastIncidents] },
  ),
  major: sampleView(Object.fromEntries(keys.map((key) => [key, 'major_outage']))),
  maintenance: sampleView({ 'search/nuget': 'under_maintenance' }, { incidents: [underWay, ...pastIncidents] }),
  unknown: sampleView({}, { isKnown: false }),
  'one-unknown': sampleView({ website: 'unknown' }),
  'just-begun': viewOf({}, { updatedAt: viewAt }),
  'first-minute': {
    ...viewOf({ 'install/python': 'unknown', website: 'unknown' }),
    components: ['install/python', 'website'].map((key) =>
      componentView(key, 'unknown', { createdAt: viewAt, days: ninetyDays(viewAt, []), months: [], responses: [] }),
    ),
  },
  imported: {
    ...viewOf({ website: 'operational' }),
    components: [
      componentView('website', 'operational', { createdAt: viewAt - dayMs, days: ninetyDays(viewAt, []), months: [] }),
    ],
    incidents: pastIncidents,
  },
  odd: {
    ...sampleView(),
    page: { ...sampleView().page, name: oddNames[0]! },
    components: sampleView({ website: 'partial_outage' }).components.map((component, index) => ({
      ...component,
      name: oddNames[index % oddNames.length]!,
      why: component.status === 'operational' ? '' : oddNames[0]!,
    })),
    incidents: oddNames.map((name, index) =>
      incident(`odd ${index}`, {
        name,
        updates: [incidentUpdate('investigating', { body: `${name}\n\n${oddNames[1]}` })],
        components: [{ key: 'website', name, status: 'partial_outage' }],
      }),
    ),
  },
  crowded: sampleView(
    {},
    {
      incidents: Array.from({ length: 200 }, (_, index) =>
        resolved(`Incident ${200 - index}`, index * 3.3, 5 + index, `It was the ${index}th time.`),
      ),
    },
  ),
};
