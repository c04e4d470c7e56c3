/**
 * The Statuspage API, version 2, as files: `/api/v2/summary.json` and the rest, so that whatever reads other status pages reads this
 * one. When nothing is known none of them says anything about now: they answer 503 with no list in them, which no reader takes
 * for good news.
 */
import { createHash } from 'node:crypto';
import type { Incident, StatusView } from '../model.ts';
import { madeWhenAsked, type PublishedFile, withoutMeasurements } from '../publication/published-file.ts';
import { componentRows, incidentRow, pageRow, statusRow } from './rows.ts';

/** Most incidents (and most maintenances) that a list of the whole history holds. */
export const listedMax = 50;
/** Aggregators in browsers ask once a minute. */
const maxAgeSeconds = 15;

const isOneOf =
  (...wanted: readonly Incident['status'][]) =>
  ({ status }: Incident) =>
    wanted.includes(status);
const isUnresolved = isOneOf('investigating', 'identified', 'monitoring');
const isUpcoming = isOneOf('scheduled');
const isActive = isOneOf('in_progress', 'verifying');

/** @returns the eight lists, and one file for each incident and maintenance */
export function statuspageFiles(view: StatusView): PublishedFile[] {
  const page = pageRow(view);
  const status = statusRow(view);
  const rows = componentRows(view);
  const told = (incidents: readonly Incident[]) => incidents.map((incident) => incidentRow(view, incident, rows));
  const incidents = view.incidents.filter(({ kind }) => kind === 'incident');
  const maintenances = view.incidents.filter(({ kind }) => kind === 'maintenance');
  const unresolved = told(incidents.filter(isUnresolved));
  const lists: Readonly<Record<string, object>> = {
    'summary.json': {
      page,
      components: rows,
      incidents: unresolved,
      scheduled_maintenances: told(maintenances.filter((one) => isUpcoming(one) || isActive(one))),
      status,
    },
    'status.json': { page, status },
    'components.json': { page, components: rows },
    'incidents.json': { page, incidents: told(incidents.slice(0, listedMax)) },
    'incidents/unresolved.json': { page, incidents: unresolved },
    'scheduled-maintenances.json': { page, scheduled_maintenances: told(maintenances.slice(0, listedMax)) },
    'scheduled-maintenances/upcoming.json': { page, scheduled_maintenances: told(maintenances.filter(isUpcoming)) },
    'scheduled-maintenances/active.json': { page, scheduled_maintenances: told(maintenances.filter(isActive)) },
  };
  const isKnown = status.indicator !== 'unknown';
  return [
    ...Object.entries(lists).map(([name, list]) => file(name, isKnown ? list : { page, status }, isKnown ? 200 : 503)),
    // What was said stays said, whatever is known of now.
    ...incidentFiles(view),
  ];
}

/** Many, and seldom asked for. */
function incidentFiles(view: StatusView): PublishedFile[] {
  const small = { ...withoutMeasurements(view), incidents: [] };
  const page = pageRow(small);
  const rows = componentRows(small);
  const around = createHash('sha256')
    .update(JSON.stringify([page, rows]))
    .digest('hex');
  return view.incidents.map((incident) =>
    madeWhenAsked({ ...factsOf(`incidents/${incident.id}.json`, 200), sources: [incident, around] }, () =>
      Buffer.from(JSON.stringify({ page, incident: incidentRow(small, incident, rows) })),
    ),
  );
}

function file(name: string, content: object, status: 200 | 503): PublishedFile {
  return { ...factsOf(name, status), body: Buffer.from(JSON.stringify(content)) };
}

function factsOf(name: string, status: 200 | 503): Omit<PublishedFile, 'body'> {
  return { path: `api/v2/${name}`, contentType: 'application/json; charset=utf-8', maxAgeSeconds, status };
}
