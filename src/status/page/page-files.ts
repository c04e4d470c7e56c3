/** All pages of a view, as files. The same view always gives the same bytes. */
import type { StatusView } from '../model.ts';
import { madeWhenAsked, type PublishedFile, withoutMeasurements } from '../publication/published-file.ts';
import { componentPage } from './component-page.ts';
import { componentAddress } from './component-parts.ts';
import { historyPage } from './history-page.ts';
import { incidentPage } from './incident-page.ts';
import { incidentAddress } from './incident-parts.ts';
import { indexPage } from './index-page.ts';
import { yearAddress, yearsOf } from './log.ts';
import { styleName, styleSheet } from './style.ts';
import { subscribePage } from './subscribe-page.ts';
import { dayOf } from './times.ts';
import { uptimePage } from './uptime-page.ts';

/** What tells about now is asked again after so long. */
const nowSeconds = 15;
const pastSeconds = 60;
/** Its name changes with its text. */
const styleSeconds = 31_536_000;

/** What is past has many pages, which are seldom read. */
function pastPages(view: StatusView): PublishedFile[] {
  const years = withoutMeasurements(view);
  const small = { ...years, incidents: [] };
  const begins = Math.min(...view.components.map(({ createdAt }) => createdAt));
  const names = view.components.map(({ key, name: own }) => `${key} ${own}`).join('\n');
  const { name } = view.page;
  return [
    ...yearsOf(view).map((year) =>
      madeWhenAsked(
        {
          ...factsOf(yearAddress(view, year), pastSeconds),
          sources: [view.incidents, name, names, begins, dayOf(view.at)],
        },
        () => Buffer.from(historyPage(years, year)),
      ),
    ),
    ...view.incidents.map((incident) =>
      madeWhenAsked({ ...factsOf(incidentAddress(incident), nowSeconds), sources: [incident, name, names] }, () =>
        Buffer.from(incidentPage(small, incident)),
      ),
    ),
  ];
}

function factsOf(path: string, maxAgeSeconds: number): Omit<PublishedFile, 'body'> {
  return { path, contentType: 'text/html; charset=utf-8', maxAgeSeconds, status: 200 };
}

/** @returns pages for people: always 200, also when nothing is known, because they say so in words */
export function pageFiles(view: StatusView): PublishedFile[] {
  const page = (path: string, body: string, maxAgeSeconds: number): PublishedFile => ({
    ...factsOf(path, maxAgeSeconds),
    body: Buffer.from(body),
  });
  return [
    page('index.html', indexPage(view), nowSeconds),
    ...pastPages(view),
    ...view.components.map((component) =>
      page(componentAddress(component), componentPage(view, component), nowSeconds),
    ),
    page('uptime.html', uptimePage(view), pastSeconds),
    page('subscribe.html', subscribePage(view), pastSeconds),
    {
      path: styleName,
      contentType: 'text/css; charset=utf-8',
      body: Buffer.from(styleSheet),
      maxAgeSeconds: styleSeconds,
      status: 200,
    },
  ];
}
