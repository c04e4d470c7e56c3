/**
 * Status views for tests: one small view to start from, and an arbitrary that makes any view that the service could put together,
 * with texts that people and probes might write and formats choke on.
 */
import fc from 'fast-check';
import { idOf } from '../../src/status/ids.ts';
import {
  type ComponentStatus,
  type ComponentView,
  componentStatuses,
  type Incident,
  type IncidentUpdate,
  type PeriodView,
  type StatusView,
} from '../../src/status/model.ts';

export const dayMs = 86_400_000;
/** Noon, so that a day is under way. */
export const viewAt = Date.UTC(2026, 10, 21, 12);

const names: Readonly<Record<string, string>> = {
  install: 'Installing packages',
  'install/python': 'Python',
  'install/nuget': 'NuGet',
  'install/powershell': 'PowerShell',
  publish: 'Publishing packages',
  'publish/python': 'Python',
  'publish/nuget': 'NuGet',
  'publish/powershell': 'PowerShell',
  search: 'Search',
  'search/nuget': 'NuGet',
  'search/powershell': 'PowerShell',
  website: 'Website',
  mail: 'Mail',
  statistics: 'Statistics',
};

/** @returns a day (or month) of which so much was measured; the rest of it was not */
export function period(name: string, parts: Partial<Omit<PeriodView, 'period'>> = {}): PeriodView {
  const { upMs = 0, degradedMs = 0, partialMs = 0, downMs = 0, maintenanceMs = 0, isFrozen = false } = parts;
  const measured = upMs + degradedMs + partialMs + downMs;
  const uptime = measured === 0 ? undefined : (upMs + degradedMs + 0.7 * partialMs) / measured;
  return { period: name, upMs, degradedMs, partialMs, downMs, maintenanceMs, uptime, isFrozen };
}

/** @returns 90 days up to the view's, the oldest first; `pattern` is repeated from the oldest on */
export function ninetyDays(at: number, pattern: readonly Partial<PeriodView>[] = [{ upMs: dayMs }]): PeriodView[] {
  return Array.from({ length: 90 }, (_, index) =>
    period(
      new Date(at - (89 - index) * dayMs).toISOString().slice(0, 10),
      pattern.length === 0 ? {} : pattern[index % pattern.length],
    ),
  );
}

export function componentView(
  key: string,
  status: ComponentStatus,
  overrides: Partial<ComponentView> = {},
): ComponentView {
  return {
    id: idOf('component', key),
    key,
    name: names[key] ?? key,
    description: '',
    isGroup: false,
    status,
    why: status === 'operational' ? '' : `${key} is ${status}`,
    createdAt: viewAt - 200 * dayMs,
    updatedAt: viewAt - 60_000,
    parts: [{ name: 'IPv4', status: status === 'operational' ? 'up' : 'down', why: '' }],
    days: ninetyDays(viewAt),
    months: [period('2026-10', { upMs: 31 * dayMs, isFrozen: true }), period('2026-11', { upMs: 20.5 * dayMs })],
    responses: [{ at: viewAt - 300_000, p50Ms: 12, p95Ms: 48 }],
    slo: undefined,
    ...overrides,
  };
}

export function incidentUpdate(status: IncidentUpdate['status'], overrides: Partial<IncidentUpdate> = {}) {
  const at = overrides.createdAt ?? viewAt - 600_000;
  const update: IncidentUpdate = {
    id: idOf('update', `${status}:${at}`),
    status,
    body: `The incident is ${status}.`,
    createdAt: at,
    updatedAt: at,
    displayAt: at,
    affected: [],
    author: 'probes',
    ...overrides,
  };
  return update;
}

/** An incident that is being looked into, unless the overrides say something else. */
export function incident(key: string, overrides: Partial<Incident> = {}): Incident {
  const startedAt = overrides.startedAt ?? viewAt - 600_000;
  return {
    id: idOf('incident', key),
    kind: 'incident',
    name: `Trouble with ${key}`,
    status: 'investigating',
    impact: 'major',
    createdAt: startedAt,
    updatedAt: startedAt,
    startedAt,
    monitoringAt: undefined,
    resolvedAt: undefined,
    scheduledFor: undefined,
    scheduledUntil: undefined,
    origin: 'probes',
    updates: [incidentUpdate('investigating', { createdAt: startedAt, id: idOf('update', key) })],
    components: [],
    detectedAfterMs: undefined,
    toldAfterMs: undefined,
    mendedAfterMs: undefined,
    postmortem: undefined,
    ...overrides,
  };
}

/** A planned maintenance that is a day ahead, unless the overrides say something else. */
export function maintenance(key: string, overrides: Partial<Incident> = {}): Incident {
  return incident(key, {
    kind: 'maintenance',
    name: `Maintenance of ${key}`,
    status: 'scheduled',
    impact: 'maintenance',
    scheduledFor: viewAt + dayMs,
    scheduledUntil: viewAt + dayMs + 3_600_000,
    origin: 'person',
    updates: [incidentUpdate('scheduled', { id: idOf('update', key) })],
    ...overrides,
  });
}

/** @param statuses by key of a component without members; their groups come by themselves */
export function viewOf(
  statuses: Readonly<Record<string, ComponentStatus>>,
  overrides: Partial<StatusView> = {},
): StatusView {
  return {
    page: { id: idOf('page', 'Holdfast'), name: 'Holdfast', url: 'https://status.example.org', timeZone: 'Etc/UTC' },
    sendsMail: true,
    galleryUrl: 'https://gallery.example.org',
    at: viewAt,
    updatedAt: viewAt - 60_000,
    isKnown: true,
    components: withGroups(Object.entries(statuses).map(([key, status]) => componentView(key, status))),
    incidents: [],
    ...overrides,
  };
}

const badness: readonly ComponentStatus[] = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'unknown',
  'partial_outage',
  'major_outage',
];

/** Puts each group before its members; a group is as bad as the worst of them. */
function withGroups(members: readonly ComponentView[]): ComponentView[] {
  const grouped = Map.groupBy(members, ({ key }) => key.split('/')[0]!);
  return [...grouped].flatMap(([group, own]) => {
    if (own.length === 1 && own[0]!.key === group) return own;
    const worst = own.reduce<ComponentStatus>(
      (so, { status }) => (badness.indexOf(status) > badness.indexOf(so) ? status : so),
      'operational',
    );
    return [componentView(group, worst, { isGroup: true, parts: [], responses: [] }), ...own];
  });
}

const memberKeys = Object.keys(names).filter(
  (key) => key.includes('/') || !Object.keys(names).some((other) => other.startsWith(`${key}/`)),
);

/** Whatever somebody may type or a server may answer: markup, separators of other formats, control characters, halves of letters. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<b>',
        '</script>',
        ']]>',
        '&amp;',
        '&',
        '"',
        "'",
        '\\',
        ';',
        ',',
        ':',
        '\n',
        '\r\n',
        '\n\n',
        '\t',
        '\u0000',
        '\u0008',
        '\u001b[1m',
        '\u0085',
        '\u2028',
        '\ud800',
        '\ufffe',
        '👩‍🔧',
        'ü',
        '試',
        '\u202e',
        'END:VEVENT',
        'monitoring API outage',
        'resolved',
        '$1',
        '%0d%0a',
      ),
      fc.string({ maxLength: 30, unit: 'grapheme' }),
      fc.string({ maxLength: 120 }),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(' '));

/** A name has at least one letter. */
const anyName = anyText.map((text) => `N ${text}`.slice(0, 100));
/** Of the last two years. */
const pastTime = fc.integer({ min: 0, max: 730 * dayMs }).map((ago) => viewAt - ago);
const anyStatus = fc.constantFrom(...componentStatuses);
const anyId = fc.stringMatching(/^[a-z0-9]{12}$/);
/** Milliseconds that anything took; most often not known. */
const tookMs = fc.option(fc.integer({ min: 0, max: 3_600_000 }), { nil: undefined });

const anyPeriod = fc
  .record({
    upMs: fc.integer({ min: 0, max: dayMs / 2 }),
    degradedMs: fc.constantFrom(0, 60_000),
    partialMs: fc.constantFrom(0, 61_000),
    downMs: fc.constantFrom(0, 1, 3_600_000),
    maintenanceMs: fc.constantFrom(0, 1_800_000),
  })
  .map((parts) => period('', parts));

function anyComponent(key: string): fc.Arbitrary<ComponentView> {
  return fc
    .record({
      status: anyStatus,
      name: anyName,
      description: fc.oneof(fc.constant(''), anyText),
      why: anyText,
      createdAt: pastTime,
      pattern: fc.array(fc.oneof(fc.constant({}), anyPeriod), { minLength: 1, maxLength: 4 }),
    })
    .map(({ status, name, description, why, createdAt, pattern }) =>
      componentView(key, status, {
        name,
        description,
        why: status === 'operational' ? '' : why,
        createdAt,
        updatedAt: createdAt + Math.floor((viewAt - createdAt) / 2),
        days: ninetyDays(
          viewAt,
          pattern.map(({ period: _, ...rest }: Partial<PeriodView>) => rest),
        ),
      }),
    );
}

const anyAffected = fc.array(
  fc.record({
    key: fc.constantFrom(...Object.keys(names), 'gone/for-ever'),
    name: anyName,
    oldStatus: anyStatus,
    newStatus: anyStatus,
  }),
  { maxLength: 3 },
);

const incidentSteps = ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'] as const;
const maintenanceSteps = ['scheduled', 'in_progress', 'verifying', 'completed'] as const;

/** An incident (or maintenance) that came as far as one of its steps, told in one update for each. */
const anyIncident: fc.Arbitrary<Incident> = fc
  .record({
    id: anyId,
    isMaintenance: fc.boolean(),
    reached: fc.integer({ min: 0, max: 4 }),
    name: anyName,
    impact: fc.constantFrom('none', 'minor', 'major', 'critical'),
    startedAt: pastTime,
    lastsMs: fc.integer({ min: 0, max: 10 * dayMs }),
    bodies: fc.array(fc.tuple(anyText, anyAffected), { minLength: 5, maxLength: 5 }),
    origin: fc.constantFrom('probes', 'person', 'import'),
    detectedAfterMs: tookMs,
    toldAfterMs: tookMs,
    mendedAfterMs: tookMs,
    postmortem: anyText,
  })
  .map(({ isMaintenance, reached, startedAt, lastsMs, bodies, postmortem, ...rest }) => {
    const steps: readonly IncidentUpdate['status'][] = isMaintenance ? maintenanceSteps : incidentSteps;
    const last = Math.min(reached, steps.length - 1);
    const timeOf = (step: number) => Math.min(viewAt, startedAt + Math.floor((lastsMs * step) / steps.length));
    const updates = steps.slice(0, last + 1).map((status, step) => {
      const [body, affected] = bodies[step]!;
      const times = { createdAt: timeOf(step), updatedAt: timeOf(step), displayAt: timeOf(step) };
      return incidentUpdate(status, { id: idOf('update', `${rest.id}:${step}`), body, affected, ...times });
    });
    const touched = new Map(updates.flatMap(({ affected }) => affected.map((one) => [one.key, one] as const)));
    const isMonitored = !isMaintenance && last >= 2;
    return {
      ...rest,
      kind: isMaintenance ? ('maintenance' as const) : ('incident' as const),
      impact: isMaintenance ? ('maintenance' as const) : rest.impact,
      status: steps[last]!,
      createdAt: startedAt,
      updatedAt: timeOf(last),
      startedAt,
      monitoringAt: isMonitored ? timeOf(2) : undefined,
      resolvedAt: last >= 3 ? timeOf(3) : undefined,
      scheduledFor: isMaintenance ? startedAt + dayMs : undefined,
      scheduledUntil: isMaintenance ? startedAt + dayMs + lastsMs : undefined,
      updates: updates.toReversed(),
      components: [...touched.values()].map(({ key, name, newStatus }) => ({ key, name, status: newStatus })),
      postmortem: !isMaintenance && last === 4 ? postmortem : undefined,
    };
  });

/** Any view: some components with all kinds of statuses, some incidents, known or not. */
export const anyView: fc.Arbitrary<StatusView> = fc
  .record({
    keys: fc.subarray(memberKeys),
    incidents: fc.uniqueArray(anyIncident, { maxLength: 6, selector: ({ id }) => id }),
    isKnown: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    name: anyName,
  })
  .chain(({ keys, incidents, isKnown, name }) =>
    fc.tuple(...keys.map(anyComponent)).map((components) => ({
      ...viewOf({}),
      page: { ...viewOf({}).page, name },
      isKnown,
      components: withGroups(components),
      incidents: incidents.toSorted((a, b) => b.startedAt - a.startedAt),
    })),
  );
