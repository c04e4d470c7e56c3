/** The words of the pages: for states of components, steps of incidents, and the one sentence at the top. */
import type {
  ComponentStatus,
  ComponentView,
  Incident,
  IncidentStatus,
  MaintenanceStatus,
  StatusView,
} from '../model.ts';
import { type TopLevel, topLevel } from '../statuspage/top-level.ts';

/** How something is shown; each has a word, a shape and a colour, so that none of them has to be seen. */
export type Tone = 'operational' | 'degraded' | 'partial' | 'major' | 'maintenance' | 'unknown';

const tones: Readonly<Record<ComponentStatus, Tone>> = {
  operational: 'operational',
  degraded_performance: 'degraded',
  partial_outage: 'partial',
  major_outage: 'major',
  under_maintenance: 'maintenance',
  unknown: 'unknown',
};
export const toneOf = (status: ComponentStatus): Tone => tones[status];

export const statusWords: Readonly<Record<ComponentStatus, string>> = {
  operational: 'Operational',
  degraded_performance: 'Degraded performance',
  partial_outage: 'Partial outage',
  major_outage: 'Major outage',
  under_maintenance: 'Under maintenance',
  unknown: 'Unknown',
};

export const stepWords: Readonly<Record<IncidentStatus | MaintenanceStatus, string>> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  postmortem: 'Explained',
  scheduled: 'Scheduled',
  in_progress: 'In progress',
  verifying: 'Verifying',
  completed: 'Completed',
};

const impactTones = {
  none: 'operational',
  minor: 'degraded',
  major: 'partial',
  critical: 'major',
  maintenance: 'maintenance',
} as const;
const impactWords = {
  none: 'No impact',
  minor: 'Minor',
  major: 'Major',
  critical: 'Critical',
  maintenance: 'Maintenance',
} as const;

/** What an incident did, for its shape and colour; a finished one keeps them. */
export const incidentTone = (incident: Incident): Tone =>
  incident.kind === 'maintenance' ? 'maintenance' : impactTones[incident.impact];
export const impactText = (incident: Incident): string =>
  impactWords[incident.kind === 'maintenance' ? 'maintenance' : incident.impact];

const closedSteps: readonly string[] = ['resolved', 'postmortem', 'completed'];
export const isOpen = (incident: Incident): boolean => !closedSteps.includes(incident.status);
export const isUnderWay = (incident: Incident): boolean =>
  incident.kind === 'maintenance' && isOpen(incident) && incident.status !== 'scheduled';
export const isPlanned = (incident: Incident): boolean =>
  incident.kind === 'maintenance' && incident.status === 'scheduled';

/** What a component is shown as: when nothing is known as a whole, none is operational. */
export function shownStatus(view: StatusView, component: ComponentView): ComponentStatus {
  return view.isKnown ? component.status : 'unknown';
}

export interface Statement {
  readonly tone: Tone;
  /** The sentence at the top. */
  readonly sentence: string;
  /** The words of the Statuspage API for the same state. */
  readonly phrase: string;
}

const statements: Readonly<Record<TopLevel['description'], Omit<Statement, 'phrase'>>> = {
  'Status Unknown': { tone: 'unknown', sentence: 'We do not know.' },
  'Major System Outage': { tone: 'major', sentence: 'Nothing works at the moment.' },
  'Partial System Outage': { tone: 'partial', sentence: 'Some things do not work.' },
  'Partially Degraded Service': { tone: 'degraded', sentence: 'It works, but not as well as it should.' },
  'Minor Service Outage': { tone: 'degraded', sentence: 'There is a problem, and we are on it.' },
  'Service Under Maintenance': { tone: 'maintenance', sentence: 'Maintenance is under way.' },
  'All Systems Operational': { tone: 'operational', sentence: 'Everything works.' },
};

const isDegraded = ({ status }: ComponentView) => status === 'degraded_performance';

/** The state of the whole: the same decision as the API’s, and unknown as well when not one component is known. */
export function statementOf(view: StatusView): Statement {
  const isNoneKnown = view.components.every((component) => component.isGroup || component.status === 'unknown');
  const phrase = isNoneKnown ? 'Status Unknown' : topLevel(view).description;
  const statement = statements[phrase];
  if (phrase !== 'Partially Degraded Service' || view.components.some(isDegraded)) return { phrase, ...statement };
  return { phrase, tone: statement.tone, sentence: 'What we can see works; some of it we do not know.' };
}

/** `Install: Python packages`, where the group is not to be seen beside it. */
export function wholeName(view: StatusView, component: Pick<ComponentView, 'key' | 'name'>): string {
  const slash = component.key.indexOf('/');
  const group = slash < 0 ? undefined : view.components.find(({ key }) => key === component.key.slice(0, slash));
  return group === undefined ? component.name : `${group.name}: ${component.name}`;
}
