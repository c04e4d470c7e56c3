/**
 * A status page as others read it: finds out by paths what kind of page it is, reads the API as strictly as the strictest of them,
 * and comes to one word. Written from how aggregators parse, and from nothing of ours.
 */

export interface Answer {
  readonly status: number;
  readonly body: string;
}
/** Answers a path such as `/api/v2/summary.json`. */
export type Ask = (path: string) => Answer;

export type Collapsed = 'up' | 'warn' | 'down' | 'maintenance' | 'unknown';
export type Inferred =
  | 'investigating'
  | 'identified'
  | 'monitoring'
  | 'resolved'
  | 'under_maintenance'
  | 'major_outage'
  | 'partial_outage'
  | 'degraded'
  | 'operational'
  | 'unknown';

export interface Reading {
  readonly kind: 'statuspage' | 'instatus' | 'better-stack' | 'none';
  /** What the words of the description say. */
  readonly inferred: Inferred;
  readonly collapsed: Collapsed;
  /** Name and state of each component that is no group. */
  readonly components: readonly { readonly name: string; readonly state: Collapsed }[];
  readonly openIncidents: readonly string[];
}

const nothing: Reading = { kind: 'none', inferred: 'unknown', collapsed: 'unknown', components: [], openIncidents: [] };

/** By which path a page is told from others, in the order in which they are tried. */
const kinds = [
  ['/api/v2/summary.json', 'statuspage'],
  ['/summary.json', 'instatus'],
  ['/index.json', 'better-stack'],
] as const;

const severities = ['none', 'minor', 'major', 'critical'];
const collapsedWords: Readonly<Record<string, Collapsed>> = {
  operational: 'up',
  degraded_performance: 'warn',
  partial_outage: 'warn',
  major_outage: 'down',
  under_maintenance: 'maintenance',
};
const collapsedIndicators: Readonly<Record<string, Collapsed>> = {
  none: 'up',
  minor: 'warn',
  major: 'warn',
  critical: 'down',
};

export function readPage(ask: Ask): Reading {
  const detected = kinds.find(([path]) => ask(path).status !== 404);
  if (detected === undefined) return nothing;
  const [path, kind] = detected;
  if (kind !== 'statuspage') return { ...nothing, kind };
  const summary = jsonOf(ask(path));
  if (summary === undefined || !isPage(summary.page)) return { ...nothing, kind };
  const { indicator, description } = summary.status ?? {};
  if (!severities.includes(indicator) || typeof description !== 'string') return { ...nothing, kind };
  const inferred = infer(description, indicator);
  const componentsAnswer = jsonOf(ask('/api/v2/components.json'));
  const incidentsAnswer = jsonOf(ask('/api/v2/incidents.json'));
  return {
    kind,
    inferred,
    collapsed: inferred === 'under_maintenance' ? 'maintenance' : (collapsedIndicators[indicator] ?? 'unknown'),
    components: (componentsAnswer?.components ?? [])
      .filter((row: { group: boolean }) => !row.group)
      .map(({ name, status }: { name: string; status: string }) => ({
        name,
        state: collapsedWords[status] ?? 'unknown',
      })),
    openIncidents: (incidentsAnswer?.incidents ?? [])
      .filter(({ status }: { status: string }) => status !== 'resolved' && status !== 'postmortem')
      .map(({ id }: { id: string }) => id),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what a stranger's server answers has no type
function jsonOf({ status, body }: Answer): any {
  if (status !== 200) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What strict readers ask of a page before they believe anything else. */
function isPage(page: Readonly<Record<string, unknown>> | undefined): boolean {
  return (
    typeof page?.id === 'string' &&
    typeof page.name === 'string' &&
    typeof page.url === 'string' &&
    URL.canParse(page.url) &&
    typeof page.updated_at === 'string' &&
    !Number.isNaN(Date.parse(page.updated_at))
  );
}

/** The first of these that a description holds decides, whatever else stands in it. */
const descriptionWords: readonly (readonly [RegExp, Inferred])[] = [
  [/investigating/, 'investigating'],
  [/identified/, 'identified'],
  [/monitoring/, 'monitoring'],
  [/resolved/, 'resolved'],
  [/maintenance/, 'under_maintenance'],
  [/major outage|complete outage/, 'major_outage'],
  [/partial outage|partial system/, 'partial_outage'],
  [/(^|\s)down(\s|[.,!?]|$)/, 'major_outage'],
  [/degraded|performance/, 'degraded'],
];

function infer(description: string, indicator: string): Inferred {
  const lower = description.toLowerCase();
  const found = descriptionWords.find(([words]) => words.test(lower));
  if (found !== undefined) return found[1];
  if (indicator === 'none') return 'operational';
  return indicator === 'minor' ? 'degraded' : 'major_outage';
}
